import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Graph } from '../../src/graph/driver.ts';
import { statement } from '../../src/graph/statements.ts';
import { readSlots, type VersionRecord, writeVersion } from '../../src/graph/versions.ts';
import { testGraph } from '../neo4j.ts';
import { plantGraph } from './planted.ts';

let graph: Graph;
beforeAll(async () => {
  graph = await testGraph();
  await plantGraph(graph);
});
afterAll(() => graph.close());

const users = ['ann', 'bob', 'not there'];
const items = ['d1', 'c1'];
function version(id: string, value: number): VersionRecord {
  const nodes = (ids: string[]) => ({
    count: ids.length,
    id: (index: number) => ids[index]!,
    vectors: Float32Array.from({ length: ids.length * 4 }, (_, place) => value + place / 10),
  });
  return {
    id,
    model: 'planted',
    options: { dim: 4 },
    metrics: { 'recall@20': 0.5 },
    seed: 1,
    at: 1234,
    dim: 4,
    snapshot: { digest: 'abc', asOf: 1000, users: 3, items: 2, features: 0, interactions: 5 },
    vectors: { users: nodes(users), items: nodes(items) },
  };
}
const vectorOf = (label: 'User' | 'Item', id: string, slot: string) =>
  graph.read(async (tx) => {
    const { records } = await tx.run(`MATCH (n:${label} {id: $id}) RETURN n[$slot] AS vector`, { id, slot });
    return records[0]!.get('vector') as number[];
  });

describe('versions in the graph', () => {
  it('writes vectors and lineage, and goes to the other slot the next time', async () => {
    expect(await writeVersion(graph, version('v1', 1))).toBe('vectorA');
    expect(await readSlots(graph)).toEqual([{ slot: 'vectorA', version: 'v1', current: true, digest: 'abc' }]);
    expect(await vectorOf('User', 'bob', 'vectorA')).toEqual([...Float32Array.of(1.4, 1.5, 1.6, 1.7)]);
    expect(await vectorOf('Item', 'd1', 'vectorA')).toEqual([...Float32Array.of(1, 1.1, 1.2, 1.3)]);

    expect(await writeVersion(graph, version('v2', 2))).toBe('vectorB');
    expect(await readSlots(graph)).toEqual([
      { slot: 'vectorA', version: 'v1', current: false, digest: 'abc' },
      { slot: 'vectorB', version: 'v2', current: true, digest: 'abc' },
    ]);
    expect((await vectorOf('User', 'ann', 'vectorA'))[0]).toBe(1);

    expect(await writeVersion(graph, version('v3', 3))).toBe('vectorA');
    expect((await vectorOf('User', 'ann', 'vectorA'))[0]).toBe(3);
    expect(await readSlots(graph)).toMatchObject([
      { version: 'v3', current: true },
      { version: 'v2', current: false },
    ]);
  });

  it('changes nothing when repeated, and goes back to a version whose slot is whole', async () => {
    const count = () =>
      graph.read(async (tx) => {
        const { records } = await tx.run(
          `MATCH (n) WHERE n:Version OR n:Snapshot OR n:Slot
           RETURN count(n) AS nodes, sum(COUNT { (n)-[:TRAINED_ON|PUBLISHED_AS]->() }) AS edges`,
        );
        return records[0]!.toObject();
      });
    const before = await count();
    const reported: unknown[] = [];
    expect(await writeVersion(graph, version('v3', 3), (progress) => reported.push(progress))).toBe('vectorA');
    expect(reported).toEqual([]);
    expect(await count()).toEqual(before);
    expect(await writeVersion(graph, version('v2', 2))).toBe('vectorB');
    expect((await readSlots(graph)).find(({ current }) => current)!.version).toBe('v2');
    expect(await count()).toEqual(before);
  });

  it('cut off on the way, leaves the current slot as it was', async () => {
    const before = await readSlots(graph);
    const stop = new AbortController();
    stop.abort();
    await expect(writeVersion(graph, version('v4', 4), undefined, stop.signal)).rejects.toThrow();
    expect((await readSlots(graph)).filter(({ current }) => current)).toEqual(before.filter(({ current }) => current));
    expect(await writeVersion(graph, version('v4', 4))).toBe('vectorA');
  });

  it('of two publishers at work on one slot, the one that was overtaken writes nothing more', async () => {
    for (let round = 5; round < 25; round += 2) {
      const numbers = [round, round + 1];
      const both = await Promise.all(numbers.map((number) => writeVersion(graph, version(`v${number}`, number))));
      const current = (await readSlots(graph)).filter((slot) => slot.current);
      expect(current).toHaveLength(1);
      const { slot, version: id } = current[0]!;
      expect(`v${(await vectorOf('User', 'ann', slot))[0]}`).toBe(id);
      expect(both.filter(Boolean).length).toBeGreaterThan(0);
    }
    await graph.write(async (tx) => {
      await tx.run("MATCH (s:Slot {name: 'vectorA'}) SET s.writing = 'v9'");
    });
    const { records } = await graph.write((tx) =>
      tx.run(statement('write/users-vector-a'), { version: 'v5', rows: [{ id: 'ann', vector: [0] }] }),
    );
    expect(records).toEqual([]);
  });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Graph } from '../../src/graph/driver.ts';
import { ensureServer } from '../../src/graph/server.ts';
import { statement } from '../../src/graph/statements.ts';
import { readVectorIndexes } from '../../src/graph/vectorIndexes.ts';
import { readSlots, type VersionRecord, writeVersion } from '../../src/graph/versions.ts';
import type { Progress } from '../../src/progress.ts';
import { testGraph, testServer } from '../neo4j.ts';
import { plantGraph } from './planted.ts';

let graph: Graph;
beforeAll(async () => {
  graph = await testGraph();
  await plantGraph(graph);
});
afterAll(() => graph.close());

const known = { users: ['ann', 'bob', 'not there'], items: ['d1', 'c1'] };
function version(id: string, value: number, { users = known.users, items = known.items, dim = 4 } = {}): VersionRecord {
  const nodes = (ids: string[]) => ({
    count: ids.length,
    id: (index: number) => ids[index]!,
    has: (id: string) => ids.includes(id),
    vectors: Float32Array.from({ length: ids.length * dim }, (_, place) => value + place / 10),
  });
  return {
    id,
    model: 'planted',
    options: { dim, fanouts: [10, 5], name: 'x' },
    metrics: { 'recall@20': 0.5 },
    seed: 1,
    at: 1234,
    dim,
    snapshot: { digest: 'abc', asOf: 1000, users: 3, items: 2, features: 0, interactions: 5 },
    vectors: { users: nodes(users), items: nodes(items) },
  };
}
const vectorOf = (label: 'User' | 'Item', id: string, slot: string) =>
  graph.read(async (tx) => {
    const { records } = await tx.run(`MATCH (n:${label} {id: $id}) RETURN n[$slot] AS vector`, { id, slot });
    return records[0]!.get('vector') as number[];
  });

const phases = (reported: readonly Progress[]) => reported.map(({ phase }) => phase);

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
    const reported: Progress[] = [];
    expect(await writeVersion(graph, version('v3', 3), (progress) => reported.push(progress))).toBe('vectorA');
    expect(phases(reported)).not.toContain('vectors');
    expect(await count()).toEqual(before);
    reported.length = 0;
    expect(await writeVersion(graph, version('v2', 2), (progress) => reported.push(progress))).toBe('vectorB');
    expect(phases(reported)).not.toContain('vectors');
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
    for (let round = 5; round < 15; round += 2) {
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
      tx.run(statement('write/users-vector-a'), { version: 'v5', rows: [{ id: 'ann', vector: [0] }], from: 0, to: 1 }),
    );
    expect(records).toEqual([]);
  });
});

describe('what a slot holds', () => {
  const both = async (slot: 'vectorA' | 'vectorB') => {
    const { records } = await graph.read((tx) =>
      tx.run(
        'MATCH (n) WHERE (n:User OR n:Item) AND n[$slot] IS NOT NULL RETURN n.id AS id, size(n[$slot]) AS dim ORDER BY id',
        { slot },
      ),
    );
    return records.map((record) => record.toObject());
  };

  it('is indexed when it becomes current, in the width that the version has', async () => {
    const slot = (await writeVersion(graph, version('wide', 1, { dim: 6 })))!;
    const names = slot === 'vectorA' ? ['item_vector_a', 'user_vector_a'] : ['item_vector_b', 'user_vector_b'];
    const indexes = await readVectorIndexes(graph);
    for (const name of names)
      expect(indexes.get(name)).toEqual({ name, state: 'ONLINE', percent: 100, dimensions: 6, similarity: 'cosine' });
    await graph.write((tx) => tx.run(`DROP INDEX ${names[0]}`));
    expect(await writeVersion(graph, version('wide', 1, { dim: 6 }))).toBe(slot);
    expect((await readVectorIndexes(graph)).get(names[0]!)).toMatchObject({ state: 'ONLINE', dimensions: 6 });
  });

  it('is of one version alone: what an earlier one left on other nodes is cleared away', async () => {
    const slot = await writeVersion(graph, version('all', 1, { users: ['ann', 'bob', 'cat'], items: ['d1', 'd2'] }));
    await writeVersion(graph, version('between', 2));
    expect(await writeVersion(graph, version('few', 3, { users: ['bob'], items: ['d2', 'c1'], dim: 3 }))).toBe(slot);
    expect(await both(slot!)).toEqual([
      { id: 'bob', dim: 3 },
      { id: 'c1', dim: 3 },
      { id: 'd2', dim: 3 },
    ]);
  });

  it('of a publisher that was cut off is gone on with', async () => {
    const ids = (kind: string) => Array.from({ length: 3000 }, (_, n) => `${kind}${n}`);
    await graph.write(async (tx) => {
      await tx.run('UNWIND $ids AS id MERGE (:User {id: id})', { ids: ids('u') });
      await tx.run('UNWIND $ids AS id MERGE (:Item {id: id})', { ids: ids('i') });
    });
    const large = version('large', 1, { users: ids('u'), items: ids('i') });
    const stop = new AbortController();
    const cut = ({ phase, done }: Progress) => phase === 'vectors' && done === 5000 && stop.abort();
    await expect(writeVersion(graph, large, cut, stop.signal)).rejects.toThrow();
    const reported: Progress[] = [];
    const slot = await writeVersion(graph, large, (progress) => reported.push(progress));
    expect(reported.filter(({ phase }) => phase === 'vectors').map(({ done }) => done)).toEqual([6000]);
    expect(await both(slot!)).toHaveLength(6000);
  });

  it('of a publisher that is killed, while it writes or while the indexes fill, is whole in the end', async () => {
    const connection = await ensureServer(testServer());
    const ids = (kind: string) => Array.from({ length: 3000 }, (_, n) => `${kind}${n}`);
    const publishUntil = async (killAt: string, value: number): Promise<void> => {
      const { vectors: _, ...about } = version(`killed${value}`, value);
      const publishing = { connection, version: about, value, users: ids('u'), items: ids('i'), killAt };
      const child = spawn(process.execPath, ['test/graph/versions.child.mjs'], {
        env: { ...process.env, PUBLISHING: JSON.stringify(publishing) },
        stdio: ['ignore', 'inherit', 'inherit'],
      });
      expect((await once(child, 'exit'))[1]).toBe('SIGKILL');
    };
    const before = (await readSlots(graph)).find(({ current }) => current)!;
    for (const [moment, value] of [
      ['vectors 3000', 50],
      ['vector indexes', 51],
    ] as const) {
      await publishUntil(moment, value);
      expect((await readSlots(graph)).find(({ current }) => current)).toEqual(before);
    }
    const slot = await writeVersion(graph, version('killed51', 51, { users: ids('u'), items: ids('i') }));
    expect((await readSlots(graph)).find(({ current }) => current)).toMatchObject({ slot, version: 'killed51' });
    expect((await vectorOf('User', 'u2999', slot!))[0]).toBeGreaterThan(50);
    expect(await both(slot!)).toHaveLength(6000);
    for (const { state } of (await readVectorIndexes(graph)).values()) expect(state).toBe('ONLINE');
  });
});

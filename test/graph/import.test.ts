/** The way by Neo4j's importer gives the graph that the way by transactions gives. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DataRecord } from '../../src/data/records.ts';
import type { DataSource } from '../../src/data/source.ts';
import { openDatabase } from '../../src/graph/database.ts';
import type { Graph } from '../../src/graph/driver.ts';
import { importSource } from '../../src/graph/import.ts';
import { ingest } from '../../src/graph/ingest.ts';
import { silent } from '../../src/progress.ts';
import { start, tastegraph } from '../cli/tastegraph.ts';
import { plant } from '../data/planted.ts';
import { emptyGraph, graphContent, testGraph, testServer } from '../neo4j.ts';
import { oddities, sourceOf } from '../planted.ts';

let graph: Graph;
beforeAll(async () => {
  graph = await testGraph();
});
beforeEach(() => emptyGraph(graph));
afterAll(() => graph.close());

/** Whatever a CSV could get wrong. */
const awkward: DataRecord[] = [
  {
    kind: 'item',
    id: 'a "quoted", id',
    title: 'Line\nfeed, "quotes" and \\ backslash',
    features: [{ kind: 'genre', value: ' spaced ' }],
  },
  { kind: 'interaction', user: "o'hara;", item: 'a "quoted", id', type: 'like', at: -7, value: -1e-7 },
  { kind: 'user', id: '-1', features: [{ kind: 'note', value: '"' }] },
];

/** Large enough to be worth an import. */
const large = (records: readonly DataRecord[]): DataSource => ({ ...sourceOf(records), totalBytes: 2 << 20 });
const options = () => ({ ...testServer(), maxBadPercent: 1, restart: false });

describe('an import', () => {
  it('makes the same graph as an ingest, which then finds everything there', async () => {
    const source = large([...oddities(), ...awkward]);
    const way = await ingest(graph, source, { ...options(), home: plant({}) }, silent);
    const expected = await graphContent(graph);
    await emptyGraph(graph);
    await graph.close();
    const told: string[] = [];
    const summary = await importSource(source, options(), ({ phase }) => told.push(phase));
    graph = await openDatabase(testServer());
    expect(await graphContent(graph)).toEqual(expected);
    expect(told).toContain('importing into Neo4j');
    const unmarked = 'MATCH (n) WHERE (n:User OR n:Item) AND n.changed IS NULL RETURN count(n) AS count';
    expect((await graph.read((tx) => tx.run(unmarked))).records[0]!.get('count')).toBe(0);
    const { users, items, features, trust, featureEdges } = way;
    expect(summary).toMatchObject({ users, items, features, trust, featureEdges, badLines: 0 });
    expect(summary!.interactions).toEqual({ ...way.interactions, present: 0 });
    const again = await ingest(graph, source, { ...options(), home: plant({}) }, silent);
    expect(again).toMatchObject({ users: { created: 0 }, features: { created: 0 }, interactions: { created: 0 } });
    expect(await graphContent(graph)).toEqual(expected);
    // What is there already is not for an import to throw away.
    expect(await importSource(source, options(), silent)).toBeUndefined();
    expect(await graphContent(graph)).toEqual(expected);
  });

  it('is not for small files, nor for a server that is not ours', async () => {
    expect(await importSource(sourceOf(oddities()), options(), silent)).toBeUndefined();
    const elsewhere = { ...options(), neo4jUri: 'bolt://127.0.0.1:1' };
    expect(await importSource(large(oddities()), elsewhere, silent)).toBeUndefined();
  });

  it('refused for its bad lines leaves an empty graph and a quarantine', async () => {
    const bad = { kind: 'bad', file: 'x', line: 1, field: 'user', reason: 'is missing', text: '' } as const;
    const source = large(oddities());
    const spoilt: DataSource = {
      ...source,
      async *batches() {
        for await (const batch of source.batches()) yield { ...batch, bad: [bad] };
      },
    };
    await graph.close();
    await expect(importSource(spoilt, options(), silent)).rejects.toMatchObject({ code: 'data/too-many-bad-lines' });
    graph = await openDatabase(testServer());
    expect((await graphContent(graph)).nodes).toEqual([]);
  });

  it('by kill -9 leaves nothing behind, and the next one is whole', async () => {
    const lines = ['user,item,value,time'];
    for (let n = 0; n < 60_000; n++) lines.push(`user-${n % 500},item-${(n * 7) % 3001},${n % 5},${1_600_000_000 + n}`);
    const cwd = plant({ 'events.csv': `${lines.join('\n')}\n` });
    const args = ['ingest', 'events.csv', '--home', testServer().home, '--json'];
    await graph.close();
    for (const phase of ['reading', 'importing into Neo4j', 'starting Neo4j']) {
      const { child, done } = start(args, { cwd });
      child.stderr!.on('data', (text: string) => {
        if (text.includes(phase)) child.kill('SIGKILL');
      });
      const { code, stderr } = await done;
      expect(code, stderr).toBeNull(); // by the signal
    }
    const whole = await tastegraph(args, { cwd });
    expect(whole.json()).toMatchObject({
      interactions: { read: 60_000 },
      users: { total: 500 },
      items: { total: 3001 },
    });
    graph = await openDatabase(testServer());
    const { records } = await graph.read((tx) =>
      tx.run('MATCH (:User)-[r:INTERACTED]->(:Item) RETURN count(r) AS n, sum(r.value) AS total'),
    );
    expect(records[0]!.toObject()).toEqual({ n: 60_000, total: 120_000 });
  });
});

/** An export, taken in again, gives the graph that was exported. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openData } from '../../src/data/open.ts';
import type { DataRecord } from '../../src/data/records.ts';
import type { DataSource } from '../../src/data/source.ts';
import type { Graph } from '../../src/graph/driver.ts';
import { ingest } from '../../src/graph/ingest.ts';
import { type CommandOptions, commandOptions, encodings } from '../../src/options.ts';
import { exportFiles } from '../../src/pipeline.ts';
import { type Progress, silent } from '../../src/progress.ts';
import { snapshotFromGraph } from '../../src/sampling/fromGraph.ts';
import { fileOptions, plant } from '../data/planted.ts';
import { emptyGraph, graphContent, testGraph, testServer } from '../neo4j.ts';
import { oddities, sourceOf } from '../planted.ts';

let graph: Graph;
beforeAll(async () => {
  graph = await testGraph();
});
beforeEach(() => emptyGraph(graph));
afterAll(() => graph.close());

/** What files could get wrong in ids, texts and attributes. */
const awkward: DataRecord[] = [
  {
    kind: 'item',
    id: 'a "quoted", id\\n',
    title: 'Line\nfeed, "quotes" and \\ backslash',
    available: false,
    features: [
      { kind: 'genre', value: ' spaced ' },
      { kind: 'odd: kind', value: '["no list"]', weight: -2.5 },
    ],
    attributes: { price: 0.1 + 0.2, 'Box office': -1e300, blurb: 'one\ttab', embedding: [0.1, -2, 3e-7] },
  },
  { kind: 'item', id: '"', title: '"quoted"', at: -62_135_596_800_000, features: [], attributes: { blurb: '' } },
  { kind: 'interaction', user: "o'hara;", item: '"', type: 'like', at: 5, value: -1e-7 },
  { kind: 'user', id: '-1', features: [{ kind: 'note', value: '"' }], attributes: { age: 7, blurb: 'null' } },
  { kind: 'user', id: ' padded ', features: [], attributes: { blurb: '"{}"', taste: [1] } },
  { kind: 'user', id: '007', features: [{ kind: 'note', value: '' }] },
];

const take = (source: DataSource) =>
  ingest(graph, source, { home: plant({}), maxBadPercent: 0, restart: true }, silent);

const options = (more: Partial<CommandOptions<'export'>> = {}): CommandOptions<'export'> => ({
  ...commandOptions.export.parse({}),
  ...testServer(),
  home: plant({}),
  ...more,
});
const quiet = pino({ level: 'silent' });
const run = (report: (progress: Progress) => void = silent, signal = new AbortController().signal) => ({
  report,
  signal,
  log: quiet,
});
/** The exports lead to the test's server by its address, since their home is another. */
const write = (folder: string, more: Partial<CommandOptions<'export'>> = {}, running = run()) =>
  exportFiles(folder, options({ home: testServer().home, ...more }), running);

/** The graph without the marks of when it was changed. */
const content = async () => {
  const { nodes, edges } = await graphContent(graph);
  const unmarked = (nodes as { labels: string[]; p: Record<string, unknown> }[]).map(({ labels, p }) => {
    const { changed, ...rest } = p;
    return { labels, p: rest };
  });
  return { nodes: unmarked, edges };
};

describe.each(encodings)('an export as %s', (as) => {
  it('gives the same graph again, whatever is in it', async () => {
    await take(sourceOf([...oddities(), ...awkward]));
    // What only Cypher of somebody else can have written.
    await graph.write((tx) =>
      tx.run(
        `MATCH (item:Item {id: 'a'}) SET item.title = $odd, item.text_odd = $odd
         WITH item MATCH (other:Item {id: 'ｂ'}) SET other.title = '' `,
        { odd: 'bell \x07, return \r\n alone \r, delete \x7f and \u2028' },
      ),
    );
    const before = await content();
    const folder = join(plant({}), 'out');
    const exported = await write(folder, { as });
    expect(exported).toMatchObject({ consistent: true, encoding: as });
    await emptyGraph(graph);
    const source = await openData(folder, fileOptions());
    expect(source.format).toBe('tastegraph');
    const { badLines } = await take(source);
    expect(badLines).toBe(0);
    expect(await content()).toEqual(before);
    // Equal graphs give equal files.
    const again = await write(join(folder, '..', 'again'), { as });
    expect(again.tables).toEqual(exported.tables);
  });

  it('of an empty graph is an export too', async () => {
    const folder = join(plant({}), 'out');
    const { tables } = await write(folder, { as });
    expect(tables.map(({ rows }) => rows)).toEqual([0, 0, 0, 0, 0]);
    const source = await openData(folder, fileOptions());
    for await (const { records } of source.batches()) expect(records).toEqual([]);
  });
});

describe('an export', () => {
  it('is refused where something else lies, and replaces an earlier one where asked', async () => {
    await take(sourceOf(oddities()));
    const folder = plant({ 'notes.txt': 'mine' });
    await expect(write(folder, { overwrite: true })).rejects.toMatchObject({ code: 'export/exists' });
    const own = join(folder, 'own');
    await write(own, { as: 'csv', what: ['users'] });
    await expect(write(own)).rejects.toMatchObject({ code: 'export/exists' });
    await write(own, { as: 'jsonl', what: ['items'], overwrite: true });
    expect(readdirSync(own).sort()).toEqual(['items.jsonl', 'manifest.json']);
    expect(readdirSync(folder).sort()).toEqual(['notes.txt', 'own']);
  });

  it('that is stopped leaves nothing, and what a dead one left is swept', async () => {
    await take(sourceOf(oddities()));
    const parent = plant({});
    const dead = join(parent, '.out.exporting.4194399.0123abcd');
    mkdirSync(dead);
    const stop = new AbortController();
    const stopping = run(({ phase }) => phase === 'interactions' && stop.abort(), stop.signal);
    await expect(write(join(parent, 'out'), {}, stopping)).rejects.toMatchObject({ code: 'export/interrupted' });
    expect(readdirSync(parent)).toEqual([]);
  });

  it('that was changed is refused by its digests', async () => {
    await take(sourceOf(oddities()));
    const folder = join(plant({}), 'out');
    await write(folder, { as: 'csv' });
    const path = join(folder, 'users.csv');
    writeFileSync(path, `${readFileSync(path, 'utf8')}newcomer\n`);
    await expect(take(await openData(folder, fileOptions()))).rejects.toMatchObject({
      code: 'data/malformed',
      details: { file: path, field: 'sha256' },
    });
  });

  it('says that there is no version whose embeddings were asked for', async () => {
    await expect(write(join(plant({}), 'out'), { home: plant({}), what: ['embeddings'] })).rejects.toMatchObject({
      code: 'version/none',
    });
  });
});

const real = '../shared/data/ml-100k';
if (!existsSync(real)) console.warn(`Not run: the real data set is not at ${real}`);
else {
  it('MovieLens 100K comes back whole, through Parquet', async () => {
    await take(await openData(real, fileOptions()));
    const before = await snapshotFromGraph(graph);
    const folder = join(plant({}), 'out');
    await write(folder);
    await emptyGraph(graph);
    await take(await openData(folder, fileOptions()));
    expect((await snapshotFromGraph(graph)).digest).toBe(before.digest);
  }, 300_000);
}

/**
 * What the samplers draw in a second: subgraphs by threads and from the live database, walks, negatives, sequences; neighbour
 * sampling beside PyTorch Geometric's NeighborLoader on the same graph where that is installed.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SamplerMemory } from '../../src/compute/sampler.ts';
import { openData } from '../../src/data/open.ts';
import type { DataSource } from '../../src/data/source.ts';
import { demoWorld, generateWorld } from '../../src/data/world.ts';
import { problemOf } from '../../src/errors.ts';
import { openDatabase } from '../../src/graph/database.ts';
import { importSource } from '../../src/graph/import.ts';
import { ingest } from '../../src/graph/ingest.ts';
import { stopServer } from '../../src/graph/server.ts';
import { optionGroups } from '../../src/options.ts';
import { silent } from '../../src/progress.ts';
import { snapshotFromSource } from '../../src/sampling/fromFiles.ts';
import { LiveGraph } from '../../src/sampling/liveGraph.ts';
import { LiveNeighbours } from '../../src/sampling/liveNeighbours.ts';
import type { NeighbourOptions } from '../../src/sampling/neighbourPlan.ts';
import { NeighbourSource, type SubgraphBatch } from '../../src/sampling/neighbours.ts';
import { PairSource } from '../../src/sampling/pairSource.ts';
import { SequenceSource, userSequences } from '../../src/sampling/sequences.ts';
import type { Snapshot } from '../../src/sampling/snapshot.ts';
import type { BatchSource, Sampler } from '../../src/sampling/source.ts';
import { BatchStream } from '../../src/sampling/stream.ts';
import { typedGraph } from '../../src/sampling/typedGraph.ts';
import { BiasedWalkSource, homogeneous, VisitSource } from '../../src/sampling/walks.ts';
import type { Bench } from './table.ts';

const seed = 2026;
const seconds = 3;
const fanouts = [15, 10, 5];
const batchSize = 1024;
const relations = ['user-item', 'item-user'] as const;

const bench: Bench = async ({ data, peer, runPeer, args, log }) => {
  const folder = mkdtempSync(join(tmpdir(), 'tastegraph-bench-'));
  const figures: Record<string, number> = {};
  const rows: string[][] = [];
  const notes: string[] = [];
  const row = (what: string, name: string, rate: number, unit: string, theirs?: unknown): void => {
    figures[name] = rate;
    const peerRate = typeof theirs === 'number' ? `${millions(theirs)} ${unit}` : (theirs as string | undefined);
    const ratio = typeof theirs === 'number' ? `${(rate / theirs).toFixed(1)} × as fast` : '';
    rows.push([what, `${millions(rate)} ${unit}`, peerRate ?? '', ratio]);
  };
  try {
    log(data ? 'reading Gowalla' : 'generating a world');
    const source = data
      ? await openData(join(data, 'gowalla'), optionGroups.files.parse({}))
      : generateWorld({ ...demoWorld, seed });
    const snapshot = await snapshotFromSource(source, { maxBadPercent: 0 });
    const memory = new SamplerMemory();
    const graph = typedGraph(snapshot, { relations });
    const users = Int32Array.from({ length: snapshot.users.count }, (_, user) => user);
    // As the peer samples: a node is expanded by the hop after the one that found it.
    const options: NeighbourOptions = { seeds: users, hops: fanouts, batchSize, seed, expand: 'new' };
    const edgesOf = ({ blocks }: SubgraphBatch) => blocks.reduce((sum, { indices }) => sum + indices.length, 0);

    const peers = peer ? await pyg(snapshot, folder, runPeer, log) : { absent: 'no Python with torch' };
    if (typeof peers.absent === 'string') notes.push(`PyTorch Geometric is absent: ${peers.absent}`);
    for (const threads of [1, 2]) {
      log(`neighbours on ${threads} threads`);
      const rate = await streamed(NeighbourSource.over(graph, options, memory), threads, edgesOf);
      const theirs = peers.absent ? 'absent' : threads === 1 ? peers.alone : peers.workers;
      row(`neighbours ${fanouts.join('-')}, threads: ${threads}`, `edges${threads}`, rate, 'M edges/s', theirs);
    }
    const timed = { ...options, times: new Float64Array(users.length).fill(Number.MAX_SAFE_INTEGER) };
    row(
      'neighbours that respect times, threads: 2',
      'edgesInTime',
      await streamed(NeighbourSource.over(graph, timed, memory), 2, edgesOf),
      'M edges/s',
    );

    log('walks, negatives, sequences');
    const walking = { batchSize, seed };
    const steps = 50;
    const pinsage = VisitSource.over(
      snapshot.relation('user-item'),
      snapshot.relation('item-user'),
      { seeds: users, steps, restart: 0.5, top: 10, ...walking },
      memory,
    );
    row(
      `PinSage's neighbours, ${steps} steps, best 10, threads: 2`,
      'visitSteps',
      await streamed(pinsage, 2, ({ seeds }) => seeds.length * steps),
      'M steps/s',
    );
    const length = 20;
    const starts = Int32Array.from({ length: graph.numbers.total }, (_, node) => node);
    const node2vec = BiasedWalkSource.over(homogeneous(graph), { starts, length, p: 1, q: 0.5, ...walking }, memory);
    row(
      `node2vec's walks of ${length}, p 1, q 0.5, threads: 2`,
      'walkSteps',
      await streamed(node2vec, 2, ({ walks }) => walks.length),
      'M steps/s',
    );
    const train = snapshot.relation('user-item');
    for (const kind of ['uniform', 'popularity'] as const) {
      const pairs = new PairSource(train, { batchSize: 2048, seed, kind, perPair: 8 });
      const rate = await streamed(pairs, 2, ({ negatives }) => negatives.length);
      row(`negatives, ${kind}, 8 a pair, threads: 2`, kind, rate, 'M/s');
    }
    const sequences = new SequenceSource(userSequences(snapshot, train), {
      itemCount: snapshot.items.count,
      length: 50,
      batchSize: 256,
      seed,
    });
    const windows = await streamed(sequences, 2, (batch) => batch.users.length);
    row('sequences, windows of 50, threads: 2', 'sequences', windows, 'M/s');

    if (args.includes('no-neo4j')) notes.push('Neo4j was left out, as asked');
    else {
      try {
        log('Neo4j: starting one in a folder of its own');
        const rate = await fromNeo4j(source, join(folder, 'home'), options, edgesOf, log);
        row(`neighbours ${fanouts.join('-')}, from Neo4j`, 'edgesNeo4j', rate, 'M edges/s');
      } catch (thrown) {
        notes.push(`Neo4j is absent: ${problemOf(thrown)}`);
      }
    }
    return {
      title: `Samplers, ${data ? 'Gowalla' : 'generated data'}, ${batchSize} seeds a batch`,
      columns: ['what', 'tastegraph', peers.absent ? 'PyG' : `PyG ${String(peers.version)}`, 'ratio'],
      rows,
      notes: [
        ...notes,
        `whole batches, nodes numbered, taken from a stream for ${seconds} s each; the taker does nothing else`,
      ],
      figures,
    };
  } finally {
    await stopServer(join(folder, 'home')).catch(() => false);
    rmSync(folder, { recursive: true, force: true });
  }
};

export default bench;

const millions = (rate: number): string => (rate / 1e6).toPrecision(3);

/** Units a second over `seconds`, after a batch to begin with. */
async function taken<B>(sampler: Sampler<B>, unitsOf: (batch: B) => number): Promise<number> {
  let units = 0;
  let begin: number | undefined;
  for (let epoch = 0; ; epoch++) {
    for await (const batch of sampler.batches(epoch, new AbortController().signal)) {
      if (begin !== undefined) units += unitsOf(batch);
      begin ??= performance.now();
      if (performance.now() - begin > 1000 * seconds) return (1000 * units) / (performance.now() - begin);
    }
  }
}

async function streamed<B>(source: BatchSource<B>, workers: number, unitsOf: (batch: B) => number): Promise<number> {
  const stream = new BatchStream(source, { workers });
  try {
    return await taken(stream, unitsOf);
  } finally {
    await stream.close();
  }
}

async function pyg(
  snapshot: Snapshot,
  folder: string,
  runPeer: (file: string, args: readonly string[]) => Promise<Readonly<Record<string, unknown>>>,
  log: (line: string) => void,
): Promise<Readonly<Record<string, unknown>>> {
  log('PyTorch Geometric');
  const { users, items } = snapshot.interactions;
  const meta = { users: snapshot.users.count, nodes: snapshot.users.count + snapshot.items.count };
  writeFileSync(join(folder, 'meta.json'), JSON.stringify({ ...meta, fanouts, batchSize, seed }));
  writeFileSync(join(folder, 'users.i32'), users);
  writeFileSync(join(folder, 'items.i32'), items);
  return await runPeer('sampler.py', [folder, String(seconds)]);
}

/** Edges a second from a managed Neo4j that holds the same data; its first batches, while it warms up, do not count. */
async function fromNeo4j(
  source: DataSource,
  home: string,
  options: NeighbourOptions,
  edgesOf: (batch: SubgraphBatch) => number,
  log: (line: string) => void,
): Promise<number> {
  const server = { home, neo4jUsername: 'neo4j', neo4jDatabase: 'neo4j', maxBadPercent: 0, restart: false };
  const imported = await importSource(source, server, silent);
  const database = await openDatabase(server);
  try {
    if (!imported) await ingest(database, source, server, silent);
    const live = await LiveGraph.open(database);
    const sampler = new LiveNeighbours(live, { ...options, relations });
    log('Neo4j: warming up, then sampling');
    await taken(sampler, edgesOf);
    return await taken(sampler, edgesOf);
  } finally {
    await database.close();
  }
}

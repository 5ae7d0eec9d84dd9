/**
 * What the graph's memory of a version costs: writing its vectors, filling their indexes, asking for neighbours, and how many of the
 * nearest the index finds; and impressions, as a server writes them. On a Neo4j of its own, started in a temporary folder.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../../src/graph/database.ts';
import { writeImpressions } from '../../src/graph/impressions.ts';
import { itemsNear, serverRelease } from '../../src/graph/near.ts';
import { stopServer } from '../../src/graph/server.ts';
import { readSlots, type VersionRecord, writeVersion } from '../../src/graph/versions.ts';
import type { Progress } from '../../src/progress.ts';
import { RandomStream } from '../../src/random.ts';
import type { Bench } from './table.ts';

const ITEMS = 40_000;
const USERS = 1000;
const DIM = 64;
/** As learned vectors lie: in clusters, which an index finds its way in. */
const CLUSTERS = 200;
const QUERIES = 200;
const K = 10;
const ANSWERS = 4000;
const SHOWN = 10;
const seed = 2026;

const bench: Bench = async ({ log }) => {
  const home = mkdtempSync(join(tmpdir(), 'tastegraph-bench-'));
  const options = { home, neo4jUsername: 'neo4j', neo4jDatabase: 'neo4j', heapMb: 700, pageCacheMb: 256 };
  log('a Neo4j of its own starts');
  const graph = await openDatabase(options);
  try {
    const release = await serverRelease(graph);
    const items = ids('i', ITEMS);
    const users = ids('u', USERS);
    await graph.write((tx) => tx.run('UNWIND $items AS id CREATE (:Item {id: id})', { items }));
    await graph.write((tx) => tx.run('UNWIND $users AS id CREATE (:User {id: id})', { users }));
    const stream = new RandomStream(seed, 'vectors');
    const centres = Float32Array.from({ length: CLUSTERS * DIM }, () => normal(stream));
    const near = (row: number, k: number) => centres[(row % CLUSTERS) * DIM + k]! + 0.7 * normal(stream);
    const vectors = (rows: number) =>
      Float32Array.from({ length: rows * DIM }, (_, at) => near(Math.floor(at / DIM), at % DIM));
    const version: VersionRecord = {
      id: 'bench',
      model: 'generated',
      options: {},
      metrics: {},
      seed,
      at: 0,
      dim: DIM,
      snapshot: { digest: 'bench', asOf: 0, users: USERS, items: ITEMS, features: 0, interactions: 0 },
      vectors: { users: nodes(users, vectors(USERS)), items: nodes(items, vectors(ITEMS)) },
    };
    log('vectors and their indexes');
    const began = performance.now();
    let written = began;
    await writeVersion(graph, version, ({ phase }: Progress) => {
      if (phase === 'vectors') written = performance.now();
    });
    const writing = (written - began) / 1000;
    const indexing = (performance.now() - written) / 1000;

    log('neighbours');
    const slot = (await readSlots(graph))[0]!;
    const matrix = version.vectors!.items.vectors;
    const asked = Array.from({ length: QUERIES }, () => Math.floor(stream.uniform() * ITEMS));
    for (const row of asked.slice(0, 20)) await itemsNear(graph, items[row]!, slot, K); // Plans, and warms the pages.
    let found = 0;
    let seconds = 0;
    for (const row of asked) {
      const start = performance.now();
      const answer = await itemsNear(graph, items[row]!, slot, K);
      seconds += (performance.now() - start) / 1000;
      const exact = nearest(matrix, row);
      found += answer.filter(({ id }) => exact.has(id)).length;
    }
    const recall = found / (QUERIES * K);

    log('impressions');
    const shown = Array.from({ length: ANSWERS }, (_, n) => ({
      request: `r${n}`,
      user: users[n % USERS]!,
      at: 1_600_000_000_000 + n,
      version: 'bench',
      items: Array.from({ length: SHOWN }, (_, place) => items[(n * 97 + place * 13) % ITEMS]!),
      propensity: 1,
    }));
    const batch = 500;
    await writeImpressions(graph, shown.slice(0, batch));
    const start = performance.now();
    for (let from = batch; from < ANSWERS; from += batch)
      await writeImpressions(graph, shown.slice(from, from + batch));
    const impressions = ((ANSWERS - batch) * SHOWN) / ((performance.now() - start) / 1000);

    const rate = (value: number, unit: string) => `${Math.round(value).toLocaleString('en')} ${unit}`;
    return {
      title: `Vectors in the graph: ${ITEMS.toLocaleString('en')} items and ${USERS.toLocaleString('en')} users, dim ${DIM}`,
      columns: ['what', 'tastegraph'],
      rows: [
        ['vectors written', rate((ITEMS + USERS) / writing, 'vectors/s')],
        ['both indexes filled, until they answer', `${indexing.toFixed(1)} s`],
        [`${K} nearest items, one after another`, rate(QUERIES / seconds, 'queries/s')],
        [`recall@${K} of the index, against exact`, recall.toFixed(3)],
        [`impressions written, ${SHOWN} an answer`, rate(impressions, 'impressions/s')],
      ],
      notes: [
        `Neo4j ${release} with 700 MiB of heap; vectors in ${CLUSTERS} clusters, seed ${seed}; ${QUERIES} queries, each for ${2 * K + 20} candidates`,
        `impressions in transactions of ${batch} answers, in one session, by two relationship indexes`,
      ],
      figures: {
        vectorsPerSecond: (ITEMS + USERS) / writing,
        indexSeconds: indexing,
        queriesPerSecond: QUERIES / seconds,
        recall,
        impressionsPerSecond: impressions,
      },
    };
  } finally {
    await graph.close();
    await stopServer(home);
    rmSync(home, { recursive: true, force: true });
  }
};

export default bench;

const ids = (kind: string, count: number): string[] => Array.from({ length: count }, (_, n) => `${kind}${n}`);

const nodes = (names: readonly string[], vectors: Float32Array) => {
  const known = new Set(names);
  return { count: names.length, id: (n: number) => names[n]!, has: (id: string) => known.has(id), vectors };
};

/** A draw from the normal distribution, by Box and Muller. */
function normal(stream: RandomStream): number {
  return Math.sqrt(-2 * Math.log(1 - stream.uniform())) * Math.cos(2 * Math.PI * stream.uniform());
}

/** Ids of the K items of the greatest cosine to a row, without itself. */
function nearest(matrix: Float32Array, row: number): Set<string> {
  const cosine = (other: number): number => {
    let [dot, length] = [0, 0];
    for (let k = 0; k < DIM; k++) {
      const value = matrix[other * DIM + k]!;
      dot += matrix[row * DIM + k]! * value;
      length += value * value;
    }
    return dot / Math.sqrt(length);
  };
  const scores = Float64Array.from({ length: ITEMS }, (_, other) => (other === row ? -Infinity : cosine(other)));
  const order = Array.from(scores.keys()).sort((a, b) => scores[b]! - scores[a]!);
  return new Set(order.slice(0, K).map((n) => `i${n}`));
}

/** One index, made, asked and thrown away. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Csr } from '../../../src/compute/csr.ts';
import type { Kernels, TopK } from '../../../src/compute/kernels.ts';
import { openKernels } from '../../../src/compute/open.ts';
import { openDatabase } from '../../../src/graph/database.ts';
import { stopServer } from '../../../src/graph/server.ts';
import { RandomStream } from '../../../src/random.ts';
import { exactIndex } from '../../../src/serving/index/exact.ts';
import { openHnswIndex } from '../../../src/serving/index/hnsw.ts';
import { readTuning } from '../../../src/serving/index/hnswTuning.ts';
import { int8Index } from '../../../src/serving/index/int8.ts';
import {
  bitmapOf,
  excludedOf,
  type IndexedRows,
  type SearchLimits,
  type VectorIndex,
} from '../../../src/serving/index/vectorIndex.ts';
import { indexInGraph } from '../../serving/index/inGraph.ts';

export const dim = 64;
export const k = 10;
export const queryCount = 200;
export const kinds = ['exact', 'int8', 'hnsw', 'neo4j'] as const;
export type Kind = (typeof kinds)[number];

/** Exclusions as a user's history has them, and filters that let through some and few. */
export interface Case {
  readonly name: string;
  readonly limits: SearchLimits;
  readonly truth: TopK;
}

export interface Measured {
  readonly build: number;
  readonly bytes: number;
  /** Rows that a walk keeps in sight, of a graph. */
  readonly ef?: number | undefined;
  /** By case. */
  readonly recall: readonly number[];
  /** Queries/s, one after another. By case. */
  readonly rate: readonly number[];
}

/** What a graph is tried by, and where it is kept; nowhere where no path is named, to which each kind adds its own ending. */
export interface Graph {
  readonly samples: Float32Array;
  readonly kept?: string | undefined;
}

/** What may be found, and what an exact scan finds of it. */
export async function casesOf(table: IndexedRows, queries: Float32Array, threads: number): Promise<Case[]> {
  const kernels = openKernels({ threads });
  const index = exactIndex(table, kernels);
  const stream = new RandomStream(2026, 'excluded');
  const best = index.search(queries, 20);
  const lists = Array.from({ length: queryCount }, (_, q) => {
    const out = new Set(best.ids.subarray(q * 20, (q + 1) * 20));
    while (out.size < 100) out.add(stream.integer(index.count));
    return [...out].sort((a, b) => a - b);
  });
  const exclude: Csr = {
    rows: queryCount,
    cols: index.count,
    offsets: Int32Array.from({ length: queryCount + 1 }, (_, q) => 100 * q),
    indices: Int32Array.from(lists.flat()),
  };
  const every = (step: number) =>
    bitmapOf(
      Array.from({ length: Math.ceil(index.count / step) }, (_, n) => n * step),
      index.count,
    );
  const limits: [string, SearchLimits][] = [
    ['all', {}],
    ['excluded', { exclude }],
    ['tenth', { allowed: every(10) }],
    ['hundredth', { allowed: every(100) }],
  ];
  const cases = limits.map(([name, limit]) => ({ name, limits: limit, truth: index.search(queries, k, limit) }));
  index.dispose();
  await kernels.close();
  return cases;
}

export async function measured(
  kind: Kind,
  table: IndexedRows,
  queries: Float32Array,
  cases: readonly Case[],
  threads: number,
  graph: Graph,
): Promise<Measured> {
  const kernels = openKernels({ threads });
  // What this process alone computes on one thread is timed by the processor, which others at work beside it hardly change.
  const now = kind !== 'neo4j' && threads === 1 ? processorTime : () => performance.now();
  const began = now();
  const { index, seconds, ef, close } = await opened(kind, table, kernels, graph);
  const build = seconds ?? (now() - began) / 1000;
  try {
    const results = [];
    for (const { limits, truth } of cases) results.push(await asked(index, queries, limits, truth, now));
    return {
      build,
      bytes: index.bytes,
      ef,
      recall: results.map(({ recall }) => recall),
      rate: results.map(({ rate }) => rate),
    };
  } finally {
    await close();
    await kernels.close();
  }
}

/** ms that the threads of this process have computed. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

interface Opened {
  readonly index: VectorIndex<TopK | Promise<TopK>>;
  /** Making it, where that is not the time that opening took. */
  readonly seconds?: number | undefined;
  readonly ef?: number | undefined;
  close(): Promise<void> | void;
}

async function opened(kind: Kind, table: IndexedRows, kernels: Kernels, { samples, kept }: Graph): Promise<Opened> {
  if (kind === 'exact' || kind === 'int8') {
    const index = (kind === 'exact' ? exactIndex : int8Index)(table, kernels);
    return { index, close: () => index.dispose() };
  }
  const folder = mkdtempSync(join(tmpdir(), 'tastegraph-bench-'));
  const file = `${kept ?? join(folder, 'rows')}.${kind}`;
  try {
    const one = await (kind === 'neo4j' ? openedInGraph(table, file) : openedHnsw(table, kernels, file, samples));
    const timeFile = `${file}.seconds`;
    const seconds = one.seconds ?? Number(readFileSync(timeFile, 'utf8'));
    writeFileSync(timeFile, String(seconds));
    return {
      ...one,
      seconds,
      async close() {
        await one.close();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  } catch (thrown) {
    rmSync(folder, { recursive: true, force: true });
    throw thrown;
  }
}

async function openedHnsw(table: IndexedRows, kernels: Kernels, file: string, samples: Float32Array): Promise<Opened> {
  const scan = int8Index(table, kernels);
  const isKept = existsSync(file);
  const began = processorTime();
  const index = await openHnswIndex(table, { file, scan, samples });
  return {
    index,
    seconds: isKept ? undefined : (processorTime() - began) / 1000,
    ef: readTuning(file)?.ef,
    close() {
      index.dispose();
      scan.dispose();
    },
  };
}

/** In a Neo4j of its own. */
async function openedInGraph(table: IndexedRows, home: string): Promise<Opened> {
  mkdirSync(home, { recursive: true });
  const graph = await openDatabase({
    home,
    neo4jUsername: 'neo4j',
    neo4jDatabase: 'neo4j',
    ...(table.rows.length > 100_000 * dim ? { heapMb: 3000, pageCacheMb: 1500 } : { heapMb: 700, pageCacheMb: 256 }),
  });
  const close = async () => {
    await graph.close();
    await stopServer(home);
  };
  try {
    return { ...(await indexInGraph(graph, table)), close };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

/** Queries one after another, all of them once at least and for a second. */
async function asked(
  index: Opened['index'],
  queries: Float32Array,
  { exclude, allowed }: SearchLimits,
  truth: TopK,
  now: () => number,
) {
  const ask = async (q: number) => {
    const indices = exclude && excludedOf(exclude, q);
    const out = indices && { rows: 1, cols: index.count, offsets: Int32Array.of(0, indices.length), indices };
    return await index.search(queries.subarray(q * dim, (q + 1) * dim), k, { exclude: out, allowed });
  };
  for (let q = 0; q < 20; q++) await ask(q);
  let [hits, asks, milliseconds] = [0, 0, 0];
  while (asks < queryCount || (milliseconds < 1000 && asks < 50 * queryCount)) {
    const q = asks % queryCount;
    const began = now();
    const { ids } = await ask(q);
    milliseconds += now() - began;
    if (asks++ >= queryCount) continue;
    const best = new Set(truth.ids.subarray(q * k, (q + 1) * k));
    for (const id of ids) if (best.has(id)) hits++;
  }
  return { recall: hits / (queryCount * k), rate: (1000 * asks) / milliseconds };
}

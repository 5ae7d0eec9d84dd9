/**
 * A graph in which each row knows some near ones, walked from far to near: Malkov and Yashunin, "Efficient and Robust Approximate
 * Nearest Neighbor Search Using Hierarchical Navigable Small World Graphs", TPAMI 2020. By the library hnswlib. The graph is kept in
 * a file, and made only where there is none.
 */
import { existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { TastegraphError } from '../../errors.ts';
import { packageRoot } from '../../package.ts';
import type { HnswParameters, HnswTask } from './hnswBuild.ts';
import { emptyGraph, graphQuery, hnswLibrary } from './hnswLibrary.ts';
import { readTuning, sampleRows, tuningFile } from './hnswTuning.ts';
import { nothingFound, Scores } from './scores.ts';
import {
  countAllowed,
  excludedOf,
  fewForbidden,
  type IndexedRows,
  isAllowed,
  type VectorIndex,
} from './vectorIndex.ts';

/** Usual values: hnswlib's own `m` and `efConstruction`. */
export const hnswParameters: HnswParameters = { m: 16, efConstruction: 200, seed: 1 };

/** Rows that a walk keeps in sight where nobody has tried how many it needs. */
const usualEf = 128;
/**
 * Rows that a scan passes in the time that a walk takes for each row it keeps in sight; a walk takes 1 / share times as long where only
 * a share of the rows is allowed. Measured at 40,000, 1 and 5 million: 175, 325 and 290 (`npm run bench -- index`).
 */
const scannedForOne = 250;
/** Most rows that a walk is asked for; beyond, a scan. */
const mostWanted = 1024;

export interface HnswOptions {
  /** Where the graph lies, or is to be written. */
  readonly file: string;
  /** Answers what the graph cannot: few rows allowed, many excluded, very many wanted. It is not disposed of with the graph. */
  readonly scan: VectorIndex;
  readonly parameters?: HnswParameters;
  /** Queries like those that are to come, by which a new graph is tried; rows where absent. [n, dim] */
  readonly samples?: Float32Array | undefined;
  /** Ends the making of the graph. */
  readonly signal?: AbortSignal;
}

/** Errors: index/hnsw-absent, index/build-failed; abort of `signal`. */
export async function openHnswIndex(
  table: IndexedRows,
  { file, scan, parameters = hnswParameters, samples, signal }: HnswOptions,
): Promise<VectorIndex> {
  hnswLibrary();
  const { rows, dim, metric } = table;
  const count = rows.length / dim;
  let graph = await readGraph();
  if (!graph) {
    await make({ table, parameters, samples: samples ?? sampleRows(rows, dim), file }, signal);
    graph = await readGraph();
    if (!graph) throw new TastegraphError('index/build-failed', { problem: `${file} cannot be read` });
  }
  const walked = graph;
  const tuning = readTuning(file);
  const ef = tuning?.ef ?? usualEf;
  walked.setEf(ef);
  /** Where a smaller share is allowed, a scan is sooner done, and misses nothing. */
  const leastShare = Math.min(1, (scannedForOne * ef) / count);
  const scores = new Scores(table);

  /** Undefined where there is no file, or one that is cut off or of other rows. */
  async function readGraph() {
    if (!existsSync(file)) return undefined;
    const read = emptyGraph(dim, metric);
    try {
      await read.readIndex(file);
    } catch {
      return undefined;
    }
    if (read.getCurrentCount() !== count) return undefined;
    return read;
  }

  return {
    kind: 'hnsw',
    count,
    ...(tuning && { recall: tuning.recall }),
    bytes: statSync(file).size + scores.bytes + scan.bytes,
    search(queries, k, limits = {}) {
      const { exclude, allowed } = limits;
      if (allowed && countAllowed(allowed) < leastShare * count) return scan.search(queries, k, limits);
      const found = nothingFound(queries.length / dim, k);
      // Asked of each row on its way, a walk is slowed down: few are passed over afterwards.
      const forbidden = allowed ? fewForbidden(allowed, count) : undefined;
      for (let q = 0; q * dim < queries.length; q++) {
        const query = queries.subarray(q * dim, (q + 1) * dim);
        const own = exclude ? excludedOf(exclude, q) : new Int32Array(0);
        const out = forbidden ? Int32Array.from(new Set([...own, ...forbidden])).sort() : own;
        const wanted = Math.min(count, k + out.length);
        let left: number[] = [];
        if (wanted <= mostWanted) {
          const filter = allowed && !forbidden ? (id: number) => isAllowed(allowed, id) : undefined;
          const excluded = new Set(out);
          const { neighbors } = walked.searchKnn(graphQuery(query, metric), wanted, filter);
          left = neighbors.filter((id) => !excluded.has(id));
        }
        if (left.length >= k) scores.best(query, left, found, q);
        else {
          const indices = { rows: 1, cols: count, offsets: Int32Array.of(0, out.length), indices: out };
          const scanned = scan.search(query, k, { allowed, exclude: indices });
          found.ids.set(scanned.ids, q * k);
          found.scores.set(scanned.scores, q * k);
        }
      }
      return found;
    },
    dispose() {},
  };
}

/** Names the threads of this process apart. */
let threads = 0;

/** Written aside and then renamed: a graph that is there is whole. */
async function make({ file, ...task }: HnswTask, signal: AbortSignal | undefined): Promise<void> {
  mkdirSync(dirname(file), { recursive: true });
  const script = join(packageRoot, 'dist', 'serving', 'index', 'hnswBuild.js');
  if (!existsSync(script)) throw new TastegraphError('compute/not-built', { path: script });
  signal?.throwIfAborted();
  const aside = `${file}.${process.pid}-${threads++}`;
  const hnsw: HnswTask = { ...task, file: aside };
  const worker = new Worker(script, { workerData: { hnsw }, name: 'tastegraph-hnsw' });
  const stop = () => void worker.terminate();
  signal?.addEventListener('abort', stop);
  try {
    await new Promise<void>((resolve, reject) => {
      worker.on('error', reject);
      worker.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`the thread ended with code ${code}`))));
    });
    renameSync(tuningFile(aside), tuningFile(file));
    renameSync(aside, file);
  } catch (cause) {
    signal?.throwIfAborted();
    throw new TastegraphError('index/build-failed', { problem: String(cause) }, cause);
  } finally {
    signal?.removeEventListener('abort', stop);
    for (const path of [aside, tuningFile(aside)]) rmSync(path, { force: true });
  }
}

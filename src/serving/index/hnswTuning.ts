/**
 * How broadly a graph is walked: the more rows and the less clearly they lie in groups, the more rows a walk must keep in sight to
 * find the best. So each graph is tried once it is made, on queries whose best a scan of all rows tells.
 */
import { existsSync, readFileSync } from 'node:fs';
import { graphQuery, type HnswGraph } from './hnswLibrary.ts';
import { nothingFound, Scores } from './scores.ts';
import type { IndexedRows } from './vectorIndex.ts';

export interface HnswTuning {
  /** Rows that a walk keeps in sight. */
  readonly ef: number;
  /** Recall@10 of the queries that it was chosen by. */
  readonly recall: number;
}

/** Of the best ten of the samples: a little more than is to be had of what is asked later. */
const leastRecall = 0.97;
const breadths = [64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096];
const k = 10;
/** Queries that are tried. */
export const sampleCount = 100;

/** So many rows, evenly from all. [sampleCount or fewer, dim] */
export function sampleRows(rows: Float32Array, dim: number): Float32Array {
  const count = rows.length / dim;
  const taken = Math.min(count, sampleCount);
  const samples = new Float32Array(taken * dim);
  for (let n = 0; n < taken; n++) {
    const row = Math.floor((n * count) / taken);
    samples.set(rows.subarray(row * dim, (row + 1) * dim), n * dim);
  }
  return samples;
}

/** The least breadth by which a graph finds enough of what is best for queries [n, dim], or the greatest that is tried. */
export function tuned(graph: HnswGraph, table: IndexedRows, queries: Float32Array): HnswTuning {
  const { rows, dim, metric } = table;
  const scores = new Scores(table);
  const count = rows.length / dim;
  const truth = nothingFound(queries.length / dim, Math.min(k, count));
  const query = (q: number) => queries.subarray(q * dim, (q + 1) * dim);
  for (let q = 0; q * dim < queries.length; q++) scores.best(query(q), everyBest(scores, query(q)), truth, q);
  let tuning: HnswTuning = { ef: breadths[0]!, recall: 1 };
  if (truth.ids.length === 0) return tuning;
  for (const ef of breadths) {
    graph.setEf(ef);
    let hits = 0;
    for (let q = 0; q * dim < queries.length; q++) {
      const best = new Set(truth.ids.subarray(q * truth.k, (q + 1) * truth.k));
      for (const id of graph.searchKnn(graphQuery(query(q), metric), truth.k).neighbors) if (best.has(id)) hits++;
    }
    tuning = { ef, recall: hits / truth.ids.length };
    if (tuning.recall >= leastRecall) break;
  }
  return tuning;
}

/** The best `k` rows, in no order; one pass that keeps the least of them at hand. */
function everyBest(scores: Scores, query: Float32Array): number[] {
  let best: { readonly id: number; readonly score: number }[] = [];
  let least = -Infinity;
  for (let id = 0; id < scores.count; id++) {
    const score = scores.of(query, id);
    if (best.length >= k && score <= least) continue;
    best.push({ id, score });
    if (best.length < 20 * k) continue;
    best = best.sort((a, b) => b.score - a.score).slice(0, k);
    least = best[k - 1]!.score;
  }
  return best.map(({ id }) => id);
}

/** Where the tuning of the graph in a file lies. */
export const tuningFile = (file: string): string => `${file}.json`;

/** Undefined where there is none, or none that can be read. */
export function readTuning(file: string): HnswTuning | undefined {
  if (!existsSync(tuningFile(file))) return undefined;
  try {
    const { ef, recall } = JSON.parse(readFileSync(tuningFile(file), 'utf8')) as Partial<HnswTuning>;
    return Number.isInteger(ef) && typeof recall === 'number' ? { ef: ef!, recall } : undefined;
  } catch {
    return undefined;
  }
}

/** The library hnswlib (Malkov and Yashunin) for Node: compiled where npm finds a compiler, and otherwise not there. */
import { createRequire } from 'node:module';
import { problemOf, TastegraphError } from '../../errors.ts';
import type { Metric } from './vectorIndex.ts';

/** What is used of its graphs. */
export interface HnswGraph {
  initIndex(options: {
    readonly maxElements: number;
    readonly m: number;
    readonly efConstruction: number;
    readonly randomSeed: number;
  }): void;
  addPoint(point: readonly number[], label: number): void;
  writeIndexSync(path: string): void;
  readIndex(path: string): Promise<boolean>;
  getCurrentCount(): number;
  setEf(ef: number): void;
  /** By 1 − inner product, nearest first. */
  searchKnn(
    query: readonly number[],
    k: number,
    filter?: (label: number) => boolean,
  ): { readonly distances: readonly number[]; readonly neighbors: readonly number[] };
}

export interface HnswLibrary {
  readonly HierarchicalNSW: new (space: 'ip', dim: number) => HnswGraph;
}

/** Errors: index/hnsw-absent. */
export function hnswLibrary(): HnswLibrary {
  try {
    return createRequire(import.meta.url)('hnswlib-node') as HnswLibrary;
  } catch (cause) {
    throw new TastegraphError('index/hnsw-absent', { problem: problemOf(cause) }, cause);
  }
}

export function hasHnsw(): boolean {
  try {
    hnswLibrary();
    return true;
  } catch {
    return false;
  }
}

/** A graph for rows of a width, with nothing in it. Errors: index/hnsw-absent. */
export const emptyGraph = (dim: number, metric: Metric): HnswGraph =>
  new (hnswLibrary().HierarchicalNSW)('ip', metric === 'dot' ? dim + 1 : dim);

/** As the graph takes it: a query beside rows that are all equally long. */
export const graphQuery = (query: Float32Array, metric: Metric): number[] =>
  metric === 'dot' ? [...query, 0] : [...query];

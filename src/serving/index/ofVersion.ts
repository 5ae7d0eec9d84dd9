/** The two indexes over a version's items: by what recommends them, and by what is alike. */
import { createHash } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Kernels } from '../../compute/kernels.ts';
import type { Vectors } from '../../models/model.ts';
import type { IndexKind } from '../../options.ts';
import { processStart } from '../../processes.ts';
import type { VersionManifest } from '../manifest.ts';
import { listVersions } from '../versions.ts';
import { hnswParameters } from './hnsw.ts';
import { sampleRows, tuningFile } from './hnswTuning.ts';
import { type ChosenIndex, chooseIndex, type IndexListener, openIndex } from './open.ts';
import type { Metric, VectorIndex } from './vectorIndex.ts';

export interface IndexOptions extends IndexListener {
  readonly kind: IndexKind;
  /** Under which graphs are kept: `<home>/indexes`. */
  readonly home: string;
}

export interface VersionIndexes {
  readonly chosen: ChosenIndex;
  /** By inner products of the vectors with their biases; absent where another scorer ranks. */
  readonly dot: VectorIndex | undefined;
  readonly cosine: VectorIndex;
  dispose(): void;
}

/** `folded` is the vectors with their biases as columns. Errors: compute/memory. */
export function indexesOf(
  manifest: VersionManifest,
  vectors: Pick<Vectors, 'items' | 'dim'>,
  folded: Pick<Vectors, 'users' | 'items' | 'dim'>,
  kernels: Kernels,
  { kind, home, onReady, onFailure }: IndexOptions,
  ranksByDot: boolean,
): VersionIndexes {
  const tables = {
    dot: { rows: folded.items, dim: folded.dim, metric: 'dot' },
    cosine: { rows: vectors.items, dim: vectors.dim, metric: 'cosine' },
  } as const;
  const chosen = chooseIndex(kind, tables.dot);
  const ready = (index: VectorIndex) => {
    sweepGraphs(home);
    onReady?.(index);
  };
  // Users ask for what is best; what is alike is asked of items.
  const samples = { dot: sampleRows(folded.users, folded.dim), cosine: undefined };
  const open = (metric: Metric) => {
    const file = join(graphsFolder(home), graphName(manifest, metric));
    const graph = { file, samples: samples[metric] };
    return openIndex(tables[metric], chosen, graph, kernels, { onReady: ready, onFailure });
  };
  const dot = ranksByDot ? open('dot') : undefined;
  const cosine = open('cosine');
  return {
    chosen,
    dot,
    cosine,
    dispose() {
      dot?.dispose();
      cosine.dispose();
    },
  };
}

export const graphsFolder = (home: string): string => join(home, 'indexes');

/** Says what the graph is of, so that a file of this name is the right one: vectors, metric and parameters. */
function graphName({ arrays }: VersionManifest, metric: Metric): string {
  const digests = arrays.filter(({ name }) => name === 'vectors.items' || name === 'vectors.itemBias');
  const content = JSON.stringify([digests.map(({ sha256, shape }) => [sha256, shape]), metric, hnswParameters]);
  return `${createHash('sha256').update(content).digest('hex').slice(0, 24)}.hnsw`;
}

/** Removes graphs that no version has any more, and what was left of one whose making was cut off. */
function sweepGraphs(home: string): void {
  const metrics = ['dot', 'cosine'] as const;
  const graphs = listVersions(home).flatMap(({ manifest }) => metrics.map((metric) => graphName(manifest, metric)));
  const named = new Set(graphs.flatMap((name) => [name, tuningFile(name)]));
  for (const name of readdirSync(graphsFolder(home))) {
    const maker = /\.hnsw\.(\d+)-\d+(?:\.json)?$/.exec(name)?.[1];
    const isLeft = maker === undefined ? !named.has(name) : processStart(Number(maker)) === undefined;
    if (isLeft) rmSync(join(graphsFolder(home), name), { force: true });
  }
}

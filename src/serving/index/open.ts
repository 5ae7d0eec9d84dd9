/** Which index a table gets, why, and the index itself. */
import type { Kernels } from '../../compute/kernels.ts';
import type { IndexKind } from '../../options.ts';
import { exactIndex } from './exact.ts';
import { growingIndex } from './growing.ts';
import { type HnswOptions, openHnswIndex } from './hnsw.ts';
import { hasHnsw } from './hnswLibrary.ts';
import { int8Index } from './int8.ts';
import type { IndexedRows, VectorIndex } from './vectorIndex.ts';

/** What a version's tables are searched by. */
export interface ChosenIndex {
  readonly kind: 'exact' | 'int8' | 'hnsw';
  readonly because: string;
}

/** Who is told of a graph that is made in the background. */
export interface IndexListener {
  /** It answers from now on, in place of the scan that stood in for it. */
  readonly onReady?: ((index: VectorIndex) => void) | undefined;
  /** It could not be made: the scan goes on. */
  readonly onFailure?: ((cause: unknown) => void) | undefined;
}

/**
 * Numbers of a table, rows × width, up to which all of it is scanned as it is, and up to which it is scanned as bytes. One query on one
 * thread takes about 2.5 ms over 100,000 × 64 numbers, and 15 ms over 2,000,000 × 64 bytes: `npm run bench -- index`.
 */
const most = { exact: 100_000 * 64, int8: 2_000_000 * 64 } as const;

/** By size where that is asked for; `hasGraphs` says whether graphs can be made and kept. */
export function chooseIndex(
  kind: IndexKind,
  { rows, dim }: Pick<IndexedRows, 'rows' | 'dim'>,
  hasGraphs = hasHnsw,
): ChosenIndex {
  if (kind === 'exact' || kind === 'int8' || kind === 'hnsw') return { kind, because: 'it was asked for' };
  const chosen = bySize(rows.length, `${(rows.length / dim).toLocaleString('en')} vectors of ${dim}`, hasGraphs);
  if (kind === 'auto') return chosen;
  // The graph's own index answers what is alike; lists need another.
  return { ...chosen, because: `Neo4j's index knows no inner products, and of the others ${chosen.because}` };
}

function bySize(numbers: number, size: string, hasGraphs: () => boolean): ChosenIndex {
  if (numbers <= most.exact) return { kind: 'exact', because: `${size} are few enough to score them all` };
  if (numbers <= most.int8) return { kind: 'int8', because: `${size} are scanned several times as fast as bytes` };
  if (hasGraphs()) return { kind: 'hnsw', because: `${size} are too many to scan them all for each list` };
  return { kind: 'int8', because: `${size} are too many to score them all, and hnswlib-node is not here` };
}

/** `graph` is where one is kept, and what it is tried by. Errors: compute/memory. */
export function openIndex(
  table: IndexedRows,
  { kind }: ChosenIndex,
  graph: Pick<HnswOptions, 'file' | 'samples'>,
  kernels: Kernels,
  listener: IndexListener = {},
): VectorIndex {
  if (kind === 'exact') return exactIndex(table, kernels);
  const scan = int8Index(table, kernels);
  if (kind === 'int8') return scan;
  return growingIndex(scan, { ...listener, make: (signal) => openHnswIndex(table, { ...graph, scan, signal }) });
}

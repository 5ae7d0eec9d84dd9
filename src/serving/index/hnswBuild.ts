/**
 * Builds a graph over rows, tries it and writes it to a file: minutes for a million rows, so a thread of its own does it.
 *
 * Inner products are no distance: a row may be nearer to another than to itself. Rows get one column more, √(M² − ‖x‖²) with M the
 * length of the longest, so that all are equally long, and a query a zero there: its inner products stay what they are, and their
 * order is that of distances (Bachrach et al., "Speeding Up the Xbox Recommender System Using a Euclidean Transformation for
 * Inner-Product Spaces", RecSys 2014, section 3.2).
 */
import { writeFileSync } from 'node:fs';
import { isMainThread, workerData } from 'node:worker_threads';
import { emptyGraph } from './hnswLibrary.ts';
import { tuned, tuningFile } from './hnswTuning.ts';
import { Scores } from './scores.ts';
import type { IndexedRows } from './vectorIndex.ts';

export interface HnswParameters {
  /** Edges of a row on each level; twice as many on the lowest. */
  readonly m: number;
  /** Candidates that are looked at for the edges of a new row. */
  readonly efConstruction: number;
  readonly seed: number;
}

/** What the thread is given. */
export interface HnswTask {
  readonly table: IndexedRows;
  readonly parameters: HnswParameters;
  /** What the breadth of walks is chosen by. [n, dim] */
  readonly samples: Float32Array;
  readonly file: string;
}

function build({ table, parameters: { m, efConstruction, seed }, samples, file }: HnswTask): void {
  const { rows, dim, metric } = table;
  const count = rows.length / dim;
  const graph = emptyGraph(dim, metric);
  graph.initIndex({ maxElements: Math.max(1, count), m, efConstruction, randomSeed: seed });
  const { inverse } = new Scores(table);
  const row = (id: number) => rows.subarray(id * dim, (id + 1) * dim);
  const squares = (id: number) => row(id).reduce((sum, x) => sum + x * x, 0);
  let longest = 0;
  if (!inverse) for (let id = 0; id < count; id++) longest = Math.max(longest, squares(id));
  for (let id = 0; id < count; id++) {
    const point = inverse
      ? Array.from(row(id), (x) => x * inverse[id]!)
      : [...row(id), Math.sqrt(Math.max(0, longest - squares(id)))];
    graph.addPoint(point, id);
  }
  graph.writeIndexSync(file);
  writeFileSync(tuningFile(file), JSON.stringify(tuned(graph, table, samples)));
}

if (!isMainThread && (workerData as { readonly hnsw?: HnswTask } | null)?.hnsw)
  build((workerData as { readonly hnsw: HnswTask }).hnsw);

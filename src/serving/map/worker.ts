/** Makes the plane of a map on a thread of its own: it takes seconds, in which requests are answered. */
import { parentPort, workerData } from 'node:worker_threads';
import { openKernels } from '../../compute/open.ts';
import { directions, drawTogether, fitPlane, principalPlane } from './project.ts';

export interface MapTask {
  readonly rows: Float32Array; // [n, dim]
  readonly dim: number;
  readonly seed: number;
}

export interface Plane {
  readonly plane: Float32Array; // [n, 2], within ±1.1
  readonly method: 'pca' | 'neighbours';
}

/** Neighbours of a row that draw it near. */
const k = 12;
/** Rows up to which neighbours are looked for by a scan of all: some seconds on one thread. */
const mostScanned = 60_000;
/** Rows whose neighbours are looked for at once. */
const together = 1024;

async function make({ rows, dim, seed }: MapTask): Promise<Plane> {
  const turned = directions(rows, dim);
  const plane = principalPlane(turned, dim);
  const count = plane.length / 2;
  const byNeighbours = count > k && count <= mostScanned;
  if (byNeighbours) drawTogether(plane, await neighboursOf(turned, dim), k, seed);
  fitPlane(plane);
  return { plane, method: byNeighbours ? 'neighbours' : 'pca' };
}

/** [n, dim] → [n, k]; a row itself may be among its own. */
async function neighboursOf(rows: Float32Array, dim: number): Promise<Int32Array> {
  const count = rows.length / dim;
  const found = new Int32Array(count * k);
  const kernels = openKernels({ threads: 1 });
  try {
    const packed = kernels.packRows(rows, dim);
    for (let from = 0; from < count; from += together) {
      const queries = rows.subarray(from * dim, Math.min(count, from + together) * dim);
      found.set(kernels.topK(queries, packed, k).ids, from * k);
    }
    return found;
  } finally {
    await kernels.close();
  }
}

parentPort!.postMessage(await make(workerData as MapTask));

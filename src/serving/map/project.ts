/**
 * Vectors as points of a plane, so that what points the same way lies close together: the two directions along which the vectors
 * vary most, and from there, where neighbours are given, some rounds in which neighbours draw each other near and random others
 * push each other away. The forces are those of UMAP with a = b = 1:
 *
 *   near   −2 (y_i − y_j) / (1 + d²)                for each neighbour j of i
 *   away    2 (y_i − y_k) / ((ε + d²)(1 + d²))      for five k drawn at random
 *
 * McInnes, Healy & Melville, "UMAP: Uniform Manifold Approximation and Projection", arXiv:1802.03426, section 4.2 and appendix; the
 * sampling is that of Tang et al., "Visualizing Large-scale and High-dimensional Data", WWW 2016. The same vectors give the same plane.
 */
import { symmetricEigen } from '../../compute/eigen.ts';
import { RandomStream } from '../../random.ts';

const negatives = 5;
/** Longest step along an axis for one force, as UMAP has it. */
const longest = 4;
/** The plane begins about so wide: forces have a reach of about 1. */
const spread = 10;
/** Forces that a map may cost: some seconds. More rows get fewer rounds, between these. */
const forces = 1.2e8;
const [leastRounds, mostRounds] = [30, 200];

/** Rows of length 1; one of length 0 stays so. [n, dim] */
export function directions(rows: Float32Array, dim: number): Float32Array {
  const turned = new Float32Array(rows.length);
  for (let from = 0; from < rows.length; from += dim) {
    let squares = 0;
    for (let d = 0; d < dim; d++) squares += rows[from + d]! ** 2;
    if (squares === 0) continue;
    const scale = 1 / Math.sqrt(squares);
    for (let d = 0; d < dim; d++) turned[from + d] = rows[from + d]! * scale;
  }
  return turned;
}

/** Principal components 1 and 2. [n, dim] → [n, 2] */
export function principalPlane(rows: Float32Array, dim: number): Float32Array {
  const count = rows.length / dim;
  const mean = new Float64Array(dim);
  for (let at = 0; at < rows.length; at++) mean[at % dim]! += rows[at]! / count;
  const covariance = new Float64Array(dim * dim);
  const row = new Float64Array(dim);
  for (let from = 0; from < rows.length; from += dim) {
    for (let d = 0; d < dim; d++) row[d] = rows[from + d]! - mean[d]!;
    for (let i = 0; i < dim; i++) for (let j = 0; j <= i; j++) covariance[i * dim + j]! += row[i]! * row[j]!;
  }
  const { vectors } = symmetricEigen(covariance, dim);
  const plane = new Float32Array(count * 2);
  for (let axis = 0; axis < Math.min(2, dim); axis++) {
    const along = vectors.subarray(axis * dim, (axis + 1) * dim);
    // Its sign is free: the first component that is not small points up.
    const sign = Math.sign(along.find((value) => Math.abs(value) > 1e-3) ?? 1);
    for (let at = 0; at < count; at++) {
      let sum = 0;
      for (let d = 0; d < dim; d++) sum += (rows[at * dim + d]! - mean[d]!) * along[d]!;
      plane[at * 2 + axis] = sign * sum;
    }
  }
  return plane;
}

/** Moves a plane [n, 2] in place by its neighbours [n, k], −1 where there are fewer. */
export function drawTogether(plane: Float32Array, neighbours: Int32Array, k: number, seed: number): void {
  const count = plane.length / 2;
  fitPlane(plane, spread);
  const rounds = Math.round(Math.min(mostRounds, Math.max(leastRounds, forces / (count * k * (negatives + 1)))));
  const random = new RandomStream(seed, 'map');
  const clip = (force: number) => Math.max(-longest, Math.min(longest, force));
  for (let round = 0; round < rounds; round++) {
    const rate = 1 - round / rounds;
    for (let edge = 0; edge < neighbours.length; edge++) {
      const i = Math.floor(edge / k);
      const j = neighbours[edge]!;
      if (j < 0 || j === i) continue;
      const [dx, dy] = [plane[2 * i]! - plane[2 * j]!, plane[2 * i + 1]! - plane[2 * j + 1]!];
      const near = -2 / (1 + dx * dx + dy * dy);
      const [fx, fy] = [clip(near * dx) * rate, clip(near * dy) * rate];
      plane[2 * i]! += fx;
      plane[2 * i + 1]! += fy;
      plane[2 * j]! -= fx;
      plane[2 * j + 1]! -= fy;
      for (let n = 0; n < negatives; n++) {
        const other = random.integer(count);
        if (other === i) continue;
        const [ax, ay] = [plane[2 * i]! - plane[2 * other]!, plane[2 * i + 1]! - plane[2 * other + 1]!];
        const squares = ax * ax + ay * ay;
        const away = 2 / ((1e-3 + squares) * (1 + squares));
        plane[2 * i]! += clip(away * ax) * rate;
        plane[2 * i + 1]! += clip(away * ay) * rate;
      }
    }
  }
}

/** Into the square from −side to side, its middle in the middle; what is far off does not make the rest small. */
export function fitPlane(plane: Float32Array, side = 1): void {
  const count = plane.length / 2;
  for (const axis of [0, 1]) {
    const sorted = Float32Array.from({ length: count }, (_, at) => plane[at * 2 + axis]!).sort();
    const [low, high] = [sorted[Math.floor(count * 0.002)] ?? 0, sorted[Math.ceil(count * 0.998) - 1] ?? 0];
    const half = (high - low) / 2 || 1;
    for (let at = 0; at < count; at++) {
      const placed = ((plane[at * 2 + axis]! - (low + half)) / half) * side;
      plane[at * 2 + axis] = Math.max(-1.1 * side, Math.min(1.1 * side, placed));
    }
  }
}

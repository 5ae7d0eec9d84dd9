import { RandomStream } from '../src/random.ts';

/**
 * Vectors as learned ones lie: in clusters, which an index finds its way in, and some longer than others. In shared memory, so that
 * threads read them without a copy. Draws of one seed under different names share their clusters. [count, dim]
 */
export function clusteredRows(
  count: number,
  dim: number,
  seed: number,
  name: string,
  clusters = Math.ceil(count / 500),
): Float32Array {
  const centres = new RandomStream(seed, 'centres');
  const centre = Float32Array.from({ length: clusters * dim }, () => centres.normal());
  const stream = new RandomStream(seed, name);
  const rows = new Float32Array(new SharedArrayBuffer(count * dim * 4));
  for (let row = 0; row < count; row++) {
    const from = stream.integer(clusters) * dim;
    const length = 0.5 + stream.uniform();
    for (let d = 0; d < dim; d++) rows[row * dim + d] = length * (centre[from + d]! + 0.7 * stream.normal());
  }
  return rows;
}

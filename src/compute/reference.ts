/**
 * The kernels once more, in plain TypeScript and double precision: what tests hold the fast ones to. Same arguments, same
 * meaning; nothing here is used at run time.
 */
import { mix32 } from '../random.ts';
import type { Csr } from './csr.ts';
import type { AdamStep, LogisticBatch, Moments, PropagationGradient, SoftmaxBatch, SparseProduct } from './kernels.ts';

export function multiplySparse(
  matrix: Csr,
  x: Float32Array,
  y: Float32Array,
  dim: number,
  { rows, outputs = rows?.length ?? matrix.rows, add, scale = 1 }: SparseProduct = {},
): void {
  for (let o = 0; o < outputs; o++) {
    const row = rows ? rows[o]! : o;
    for (let d = 0; d < dim; d++) {
      let sum = add ? add[o * dim + d]! : 0;
      for (let e = matrix.offsets[row]!; e < matrix.offsets[row + 1]!; e++) {
        sum += (matrix.weights?.[e] ?? 1) * x[matrix.indices[e]! * dim + d]!;
      }
      y[o * dim + d] = scale * sum;
    }
  }
}

export function multiplySlots(
  { rows, offsets, indices, weights }: Csr,
  slots: Int32Array,
  x: Float32Array,
  y: Float32Array,
  dim: number,
): void {
  for (let row = 0; row < rows; row++) {
    for (let d = 0; d < dim; d++) {
      let sum = 0;
      for (let e = offsets[row]!; e < offsets[row + 1]!; e++) {
        const slot = slots[indices[e]!]!;
        if (slot >= 0) sum += (weights?.[e] ?? 1) * x[slot * dim + d]!;
      }
      y[row * dim + d] = sum;
    }
  }
}

/** Algorithm 1 of Kingma & Ba (ICLR 2015) on one row. */
function adamRow(row: number, gradient: readonly number[], table: Moments, dim: number, adam: AdamStep): void {
  const { learningRate, beta1, beta2, epsilon, step } = adam;
  for (let d = 0; d < dim; d++) {
    const at = row * dim + d;
    const m = beta1 * table.first[at]! + (1 - beta1) * gradient[d]!;
    const v = beta2 * table.second[at]! + (1 - beta2) * gradient[d]! ** 2;
    table.first[at] = m;
    table.second[at] = v;
    table.parameters[at]! -=
      (learningRate * (m / (1 - beta1 ** step))) / (Math.sqrt(v / (1 - beta2 ** step)) + epsilon);
  }
}

export function propagateAdam(
  matrix: Csr,
  { slots, gradient, own = true, decay, propagated, scale }: PropagationGradient,
  table: Moments,
  dim: number,
  adam: AdamStep,
  lazy: boolean,
): void {
  for (let r = 0; r < matrix.rows; r++) {
    const slot = slots[r]!;
    let reached = slot >= 0 || propagated !== undefined;
    const sums = Array.from({ length: dim }, (_, d) => (slot < 0 || !gradient || !own ? 0 : gradient[slot * dim + d]!));
    for (let e = matrix.offsets[r]!; e < matrix.offsets[r + 1]!; e++) {
      const column = propagated ? matrix.indices[e]! : slots[matrix.indices[e]!]!;
      if (column < 0) continue;
      reached = true;
      for (let d = 0; d < dim; d++)
        sums[d]! += (matrix.weights?.[e] ?? 1) * (propagated ?? gradient!)[column * dim + d]!;
    }
    if (!reached && lazy) continue;
    const shrink = slot < 0 ? 0 : decay[slot]!;
    adamRow(
      r,
      sums.map((sum, d) => scale * sum + shrink * table.parameters[r * dim + d]!),
      table,
      dim,
      adam,
    );
  }
}

export function gatherRows(ids: Int32Array, x: Float32Array, y: Float32Array, dim: number, stride = dim): void {
  for (const [o, id] of ids.entries()) y.set(x.subarray(id * stride, id * stride + dim), o * dim);
}

export function scatterAdd(ids: Int32Array, x: Float32Array, y: Float32Array, dim: number): void {
  for (const [o, id] of ids.entries()) for (let d = 0; d < dim; d++) y[id * dim + d]! += x[o * dim + d]!;
}

function dot(a: Float32Array, i: number, b: Float32Array, j: number, dim: number): number {
  let sum = 0;
  for (let d = 0; d < dim; d++) sum += a[i * dim + d]! * b[j * dim + d]!;
  return sum;
}

export function unitRows(rows: number, x: Float32Array, unit: Float32Array, inverse: Float32Array, dim: number): void {
  for (let r = 0; r < rows; r++) {
    const norm = Math.sqrt(dot(x, r, x, r, dim));
    inverse[r] = norm > 0 ? 1 / norm : 0;
    for (let d = 0; d < dim; d++) unit[r * dim + d] = norm > 0 ? x[r * dim + d]! / norm : 0;
  }
}

export function unitRowsGradient(
  rows: number,
  unit: Float32Array,
  inverse: Float32Array,
  d: Float32Array,
  dim: number,
): void {
  for (let r = 0; r < rows; r++) {
    const along = dot(unit, r, d, r, dim);
    for (let k = 0; k < dim; k++) d[r * dim + k] = (d[r * dim + k]! - along * unit[r * dim + k]!) * inverse[r]!;
  }
}

export function dotPairs(
  count: number,
  a: Float32Array,
  left: Int32Array,
  b: Float32Array,
  right: Int32Array,
  out: Float32Array,
  dim: number,
): void {
  for (let o = 0; o < count; o++) out[o] = dot(a, left[o]!, b, right[o]!, dim);
}

export function perturbRows(
  keys: readonly [number, number],
  length: number,
  x: Float32Array,
  dim: number,
  chosen?: { readonly rows: Int32Array; readonly count: number },
): void {
  const [first, second] = keys;
  const count = chosen?.count ?? x.length / dim;
  for (let o = 0; o < count; o++) {
    const row = chosen ? chosen.rows[o]! : o;
    const drawn = Array.from({ length: dim }, (_, d) => mix32(mix32((row * dim + d) ^ first) + second) / 2 ** 32);
    const norm = Math.hypot(...drawn);
    for (const [d, u] of drawn.entries()) x[o * dim + d]! += (length * Math.sign(x[o * dim + d]!) * u) / norm;
  }
}

export function softmaxLoss(
  { count, size, left, right, decoupled = false, pull = 1 }: SoftmaxBatch,
  x: Float32Array,
  dim: number,
  temperature: number,
  gradient: Float32Array,
): number {
  const padded = Math.ceil(count / size) * size;
  gradient.fill(0, 0, 2 * padded * dim);
  let loss = 0;
  for (let r = 0; r < count; r++) {
    const base = Math.floor(r / size) * size;
    const columns = Array.from({ length: Math.min(size, count - base) }, (_, c) => base + c).filter(
      (c) => c === r || right[c] !== right[r],
    );
    const logits = columns.map((c) => dot(x, left[r]!, x, right[c]!, dim) / temperature);
    const among = logits.filter((_, n) => !decoupled || columns[n] !== r);
    if (among.length === 0) continue;
    const most = Math.max(...among);
    const total = among.reduce((sum, logit) => sum + Math.exp(logit - most), 0);
    for (const [n, c] of columns.entries()) {
      if (c === r) loss += Math.log(total) + most - pull * logits[n]!;
      const held = decoupled && c === r ? 0 : Math.exp(logits[n]! - most) / total;
      const share = (held - (c === r ? pull : 0)) / count / temperature;
      for (let d = 0; d < dim; d++) {
        gradient[r * dim + d]! += share * x[right[c]! * dim + d]!;
        gradient[(padded + c) * dim + d]! += share * x[left[r]! * dim + d]!;
      }
    }
  }
  return loss / count;
}

export function logisticLoss(
  { count, size, left, right, base, leftWeights, rightWeights }: LogisticBatch,
  x: Float32Array,
  dim: number,
  gradient: Float32Array,
): number {
  const padded = Math.ceil(count / size) * size;
  gradient.fill(0, 0, 2 * padded * dim);
  let loss = 0;
  for (let r = 0; r < count; r++) {
    const from = r - (r % size);
    for (let c = from; c < from + size; c++) {
      const weight = base + leftWeights[r]! * rightWeights[c]!;
      const score = dot(x, left[r]!, x, right[c]!, dim);
      loss += weight * (Math.max(score, 0) + Math.log1p(Math.exp(-Math.abs(score))));
      const slope = weight / (1 + Math.exp(-score));
      for (let d = 0; d < dim; d++) {
        gradient[r * dim + d]! += slope * x[right[c]! * dim + d]!;
        gradient[(padded + c) * dim + d]! += slope * x[left[r]! * dim + d]!;
      }
    }
  }
  return loss;
}

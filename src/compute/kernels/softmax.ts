// Softmax cross-entropy over in-batch negatives, in groups: row r of a group has its positive in column r, and the positives
// of the group's other rows as negatives.
import { multiplyTile } from './dense';
import { exponential, sumLanes } from './math';

/**
 * Forward and the left gradient. One chunk is four rows. For row r of group γ (rows ≥ count are padding):
 *
 *   logits[r, c] = ⟨u_r, v_c⟩ / τ           loss[r] = ln Σ_c e^logits[r, c] − pull · logits[r, r] = ln losses[r, 0] + losses[r, 1]
 *   p[r, c] = (softmax(logits[r])_c − pull · [r = c]) / count           dU[r] = Σ_c p[r, c] · v_c / τ
 *
 * Columns that hold the same item as the row's positive, and padding, take no part; where `decoupled`, the positive takes none in
 * the sums over c either, and a row without negatives has no loss. left: f32 [batch, dim] unit rows;
 * transposed: right side as packTransposed gives it; columns: as packColumns gives it; items: i32 [batch];
 * p: f32 [batch, size]; losses: f32 [batch, 2]; gradient: f32 [batch, dim]. batch is a multiple of size, size of 8.
 */
export function softmaxForward(
  thread: i32, begin: i32, end: i32,
  left: usize, transposed: usize, columns: usize, items: usize, count: i32, size: i32, dim: i32, inverseTemperature: f32,
  decoupled: i32, pull: f32, p: usize, losses: usize, gradient: usize,
): void {
  const width = <usize>dim << 2;
  const pRow = <usize>size << 2;
  for (let tile = begin; tile < end; tile++) {
    const r0 = tile << 2;
    const group = r0 / size;
    const base = group * size;
    const tileP = p + <usize>r0 * pRow;
    let panel = transposed + <usize>base * width;
    for (let c = 0; c < size; c += 8) {
      multiplyTile(left + <usize>r0 * width, width, 4, panel, dim, tileP + (<usize>c << 2), pRow, inverseTemperature);
      panel += <usize>dim << 5;
    }
    for (let i = 0; i < 4; i++) softmaxRow(r0 + i, base, count, size, items, decoupled, pull, tileP + <usize>i * pRow, losses);
    for (let d = 0; d < dim; d += 8) {
      multiplyTile(tileP, pRow, 4, columns + (<usize>base * width) + (<usize>d * <usize>size << 2), size,
        gradient + <usize>r0 * width + (<usize>d << 2), width, inverseTemperature);
    }
  }
}

/** A row that learns nothing. */
// @ts-ignore: decorator
@inline
function emptyRow(r: i32, size: i32, row: usize, losses: usize): void {
  memory.fill(row, 0, <usize>size << 2);
  store<f32>(losses + (<usize>r << 3), 1);
  store<f32>(losses + (<usize>r << 3), 0, 4);
}

/** Turns a row of logits into its share of p, and writes its loss. */
// @ts-ignore: decorator
@inline
function softmaxRow(r: i32, base: i32, count: i32, size: i32, items: usize, decoupled: i32, pull: f32, row: usize, losses: usize): void {
  const rowEnd = row + (<usize>size << 2);
  if (r >= count) return emptyRow(r, size, row, losses);
  const diagonal = row + (<usize>(r - base) << 2);
  const positive = load<f32>(diagonal);
  const item = i32x4.splat(load<i32>(items + (<usize>r << 2)));
  const excluded = f32x4.splat(-Infinity);
  let maximum = excluded;
  let c = base;
  for (let at = row; at < rowEnd; at += 16) {
    const lanes = i32x4.add(i32x4.splat(c), i32x4(0, 1, 2, 3));
    const out = v128.or(i32x4.eq(v128.load(items + (<usize>c << 2)), item), i32x4.ge_s(lanes, i32x4.splat(count)));
    const logits = v128.bitselect(excluded, v128.load(at), out);
    v128.store(at, logits);
    maximum = f32x4.max(maximum, logits);
    c += 4;
  }
  let most = max(max(f32x4.extract_lane(maximum, 0), f32x4.extract_lane(maximum, 1)),
    max(f32x4.extract_lane(maximum, 2), f32x4.extract_lane(maximum, 3)));
  if (!decoupled) {
    store<f32>(diagonal, positive);
    most = max(positive, most);
  } else if (most == -Infinity) return emptyRow(r, size, row, losses);
  const shift = f32x4.splat(most);
  let sum = f32x4.splat(0);
  for (let at = row; at < rowEnd; at += 16) {
    const e = exponential(f32x4.sub(v128.load(at), shift));
    v128.store(at, e);
    sum = f32x4.add(sum, e);
  }
  const total = sumLanes(sum);
  // The logarithm is left to the caller: its table would need static memory, and this memory is the caller's own.
  store<f32>(losses + (<usize>r << 3), total);
  store<f32>(losses + (<usize>r << 3), most - pull * positive, 4);
  const share = f32x4.splat(1 / (total * <f32>count));
  for (let at = row; at < rowEnd; at += 16) v128.store(at, f32x4.mul(share, v128.load(at)));
  store<f32>(diagonal, load<f32>(diagonal) - pull / <f32>count);
}

/**
 * The right gradient: dV[c] = Σ_r p[r, c] · u_r / τ. One chunk is four columns of a group.
 * columns: the left side as packColumns gives it; gradient: f32 [batch, dim].
 */
export function softmaxBackward(
  thread: i32, begin: i32, end: i32,
  columns: usize, size: i32, dim: i32, inverseTemperature: f32, p: usize, gradient: usize,
): void {
  const width = <usize>dim << 2;
  const pRow = <usize>size << 2;
  for (let tile = begin; tile < end; tile++) {
    const c0 = tile << 2;
    const base = c0 / size * size;
    const first = p + <usize>base * pRow + (<usize>(c0 - base) << 2);
    for (let d = 0; d < dim; d += 8) {
      multiplyTile(first, 4, pRow, columns + <usize>base * width + (<usize>d * <usize>size << 2), size,
        gradient + <usize>c0 * width + (<usize>d << 2), width, inverseTemperature);
    }
  }
}

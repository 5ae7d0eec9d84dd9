// Cross-entropy of a softmax with one right class a row: nothing of the size of the logits is made but their gradient.
import { exp4, log4 } from './functions';
import { sumLanes } from './math';
import { exp1, lastLanes, mostOf } from './normalise';

/**
 * losses[r] = ln Σ_c e^x[r, c] − x[r, labels[r]], and totals[r] = that logarithm. A label outside [0, count) gives a loss of 0.
 * x: f32 [rows, count]; labels: i32 [rows]; losses, totals: f32 [rows].
 */
export function crossEntropyRows(
  thread: i32, begin: i32, end: i32, x: usize, labels: usize, count: i32, losses: usize, totals: usize,
): void {
  const width = <usize>count << 2;
  for (let r = begin; r < end; r++) {
    const row = x + <usize>r * width;
    const label = load<i32>(labels + (<usize>r << 2));
    const most = mostOf(row, row + width);
    const shift = f32x4.splat(most);
    let sums = f32x4.splat(0);
    let at: usize = 0;
    for (; at + 16 <= width; at += 16) sums = f32x4.add(sums, exp4(f32x4.sub(v128.load(row + at), shift)));
    if (at < width) sums = f32x4.add(sums, exp4(f32x4.sub(lastLanes(row + at, row + width), shift)));
    const total = most + f32x4.extract_lane(log4(f32x4.splat(sumLanes(sums))), 0);
    store<f32>(totals + (<usize>r << 2), total);
    store<f32>(losses + (<usize>r << 2), <u32>label < <u32>count ? total - load<f32>(row + (<usize>label << 2)) : <f32>0);
  }
}

/** dx[r, c] = dy[r] · (e^(x[r, c] − totals[r]) − [c = labels[r]]); zeros for a row whose label is outside. Shapes as above; dy: f32 [rows]. */
export function crossEntropyRowsGradient(
  thread: i32, begin: i32, end: i32, x: usize, labels: usize, count: i32, totals: usize, dy: usize, dx: usize,
): void {
  const width = <usize>count << 2;
  for (let r = begin; r < end; r++) {
    const row = x + <usize>r * width, to = dx + <usize>r * width;
    const label = load<i32>(labels + (<usize>r << 2));
    if (<u32>label >= <u32>count) {
      memory.fill(to, 0, width);
      continue;
    }
    const weight = load<f32>(dy + (<usize>r << 2)), total = load<f32>(totals + (<usize>r << 2));
    const weights = f32x4.splat(weight), shift = f32x4.splat(total);
    let at: usize = 0;
    for (; at + 16 <= width; at += 16) v128.store(to + at, f32x4.mul(weights, exp4(f32x4.sub(v128.load(row + at), shift))));
    for (; at < width; at += 4) store<f32>(to + at, weight * exp1(load<f32>(row + at) - total));
    const right = to + (<usize>label << 2);
    store<f32>(right, load<f32>(right) - weight);
  }
}

import type { LabelledRows } from '../sampling/rows.ts';
import type { Metrics } from './result.ts';

/** Probabilities closer to 0 and 1 than this count as this, so that one sure mistake does not cost infinitely much. */
const guard = 1e-7;

/**
 * How well probabilities [n] tell labels [n] apart:
 *
 *   auc     = share of (positive, negative) pairs in the right order, a tie counting half       (Mann & Whitney, 1947)
 *   logloss = −1/n · Σ y ln p + (1 − y) ln (1 − p)
 *
 * auc is NaN where there are labels of one kind only.
 */
export function labelMetrics(probabilities: Float32Array, labels: Uint8Array): Metrics {
  const order = Uint32Array.from(labels, (_, row) => row).sort((a, b) => probabilities[a]! - probabilities[b]!);
  let positives = 0;
  let ranks = 0;
  let loss = 0;
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to < order.length && probabilities[order[to]!] === probabilities[order[from]!]) to++;
    const middle = (from + 1 + to) / 2; // mean of the ranks from + 1 … to
    for (let place = from; place < to; place++) {
      const row = order[place]!;
      const p = Math.min(1 - guard, Math.max(guard, probabilities[row]!));
      loss -= Math.log(labels[row] ? p : 1 - p);
      if (!labels[row]) continue;
      positives++;
      ranks += middle;
    }
    from = to;
  }
  const negatives = order.length - positives;
  return {
    auc: (ranks - (positives * (positives + 1)) / 2) / (positives * negatives),
    logloss: loss / order.length,
  };
}

/** Every row gets the share of liked ones among its item's in training, drawn towards the share of all: the baseline. */
export function likedShares(train: LabelledRows, rows: LabelledRows, items: number): Float32Array {
  const shown = new Float64Array(items);
  const liked = new Float64Array(items);
  let all = 0;
  for (const [row, item] of train.items.entries()) {
    shown[item]! += 1;
    liked[item]! += train.labels[row]!;
    all += train.labels[row]!;
  }
  const share = all / Math.max(1, train.items.length);
  // As if each item had been shown ten times more, with the share of all.
  const weight = 10;
  return Float32Array.from(rows.items, (item) => (liked[item]! + weight * share) / (shown[item]! + weight));
}

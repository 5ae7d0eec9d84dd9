/** What a sample says of the whole: intervals of 95 %, and how often chance alone would give as much. */
import { setImmediate } from 'node:timers/promises';
import type { RandomStream } from '../../random.ts';

/** A figure and the ends of its interval of 95 %. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Of the normal distribution, for 95 %. */
const z = 1.959963984540054;

/** A share: Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", JASA 1927. Nothing known is 0 to 1. */
export function wilson(hits: number, count: number): Estimate {
  if (count === 0) return { value: 0, low: 0, high: 1 };
  const share = hits / count;
  const middle = (share + z ** 2 / (2 * count)) / (1 + z ** 2 / count);
  const half = (z * Math.sqrt((share * (1 - share)) / count + z ** 2 / (4 * count ** 2))) / (1 + z ** 2 / count);
  return { value: share, low: hits === 0 ? 0 : middle - half, high: hits === count ? 1 : middle + half };
}

/** `one − other`, of two shares: Newcombe, "Interval Estimation for the Difference between Independent Proportions", 1998, method 10. */
export function difference(one: Estimate, other: Estimate): Estimate {
  const value = one.value - other.value;
  return {
    value,
    low: value - Math.hypot(one.value - one.low, other.high - other.value),
    high: value + Math.hypot(one.high - one.value, other.value - other.low),
  };
}

/** How much greater one share is than another, in shares of that: the logarithm method of Katz et al., 1978. Both hits are above 0. */
export function lift(hits: readonly [number, number], counts: readonly [number, number]): Estimate {
  const ratio = hits[0] / counts[0] / (hits[1] / counts[1]);
  const spread = z * Math.sqrt(1 / hits[0] - 1 / counts[0] + 1 / hits[1] - 1 / counts[1]);
  return { value: ratio - 1, low: ratio * Math.exp(-spread) - 1, high: ratio * Math.exp(spread) - 1 };
}

/** How often two equal shares would differ as much or more, both ways: the two-proportion z test with a pooled share. */
export function twoProportions(hits: readonly [number, number], counts: readonly [number, number]): number {
  const share = (hits[0] + hits[1]) / (counts[0] + counts[1]);
  const variance = share * (1 - share) * (1 / counts[0] + 1 / counts[1]);
  if (!(variance > 0)) return 1;
  return chiSquareTail((hits[0] / counts[0] - hits[1] / counts[1]) ** 2 / variance, 1);
}

export interface Fit {
  readonly chiSquare: number;
  readonly degrees: number;
  /** How often counts that do follow the shares would be as far from them. */
  readonly p: number;
}

/** Pearson's test of counts against the shares that they were drawn by, which sum to 1. */
export function chiSquare(counts: readonly number[], shares: readonly number[]): Fit {
  const all = counts.reduce((sum, count) => sum + count, 0);
  const statistic = counts.reduce((sum, count, n) => sum + (count - all * shares[n]!) ** 2 / (all * shares[n]!), 0);
  const degrees = counts.length - 1;
  return all === 0
    ? { chiSquare: 0, degrees, p: 1 }
    : { chiSquare: statistic, degrees, p: chiSquareTail(statistic, degrees) };
}

const chiSquareTail = (statistic: number, degrees: number): number => upperGamma(degrees / 2, statistic / 2);

/** Q(a, x) = Γ(a, x) / Γ(a): by its series, or its continued fraction (Press et al., "Numerical Recipes", § 6.2). */
function upperGamma(a: number, x: number): number {
  if (x <= 0) return 1;
  const front = Math.exp(a * Math.log(x) - x - logGamma(a));
  if (x < a + 1) {
    let [term, sum] = [1 / a, 1 / a];
    for (let n = 1; term > sum * 1e-16; n++) sum += term *= x / (a + n);
    return Math.max(0, 1 - front * sum);
  }
  const tiny = 1e-300;
  let b = x + 1 - a;
  let c = 1 / tiny;
  let d = 1 / b;
  let fraction = d;
  for (let n = 1; n < 1000; n++) {
    const an = n * (a - n);
    b += 2;
    d = 1 / (an * d + b || tiny);
    c = b + an / c || tiny;
    fraction *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return front * fraction;
}

/** ln Γ(a) of halves and wholes, which is all that degrees of freedom need. */
function logGamma(a: number): number {
  let sum = a % 1 === 0 ? 0 : Math.log(Math.PI) / 2;
  for (let n = a - 1; n > 0; n--) sum += Math.log(n);
  return sum;
}

/** Draws after which others get their turn. */
const turn = 1 << 20;

/**
 * Column sums of as many rows drawn with replacement, again and again: Efron, "Bootstrap Methods: Another Look at the Jackknife", 1979.
 * Rows are users, so that what one user did stays together. [rows, columns] → [resamples, columns]
 */
export async function resampledSums(
  table: Float64Array,
  columns: number,
  resamples: number,
  random: RandomStream,
): Promise<Float64Array> {
  const rows = table.length / columns;
  const sums = new Float64Array(resamples * columns);
  for (let sample = 0, drawn = 0; sample < resamples; sample++) {
    for (let n = 0; n < rows; n++) {
      const row = random.integer(rows) * columns;
      for (let column = 0; column < columns; column++) sums[sample * columns + column]! += table[row + column]!;
    }
    drawn += rows;
    if (drawn < turn) continue;
    drawn = 0;
    await setImmediate();
  }
  return sums;
}

/** The interval between the percentiles 2.5 and 97.5 of a figure over the samples; samples without it are left out. */
export function percentiles(value: number, samples: Iterable<number>): Estimate {
  const sorted = Float64Array.from(samples).filter(Number.isFinite).sort();
  if (sorted.length === 0) return { value, low: value, high: value };
  const at = (share: number): number => {
    const place = share * (sorted.length - 1);
    const below = Math.floor(place);
    const next = sorted[Math.min(below + 1, sorted.length - 1)]!;
    return sorted[below]! + (place - below) * (next - sorted[below]!);
  };
  return { value, low: at(0.025), high: at(0.975) };
}

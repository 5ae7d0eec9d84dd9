/** Probabilities of a model made those that were observed. */
import { fitLogistic, sigmoid } from '../compute/logistic.ts';
import type { Model } from '../models/model.ts';
import type { LabelledRows } from '../sampling/rows.ts';

/** p ↦ σ(slope · logit p + intercept); the slope is above 0, so that no order changes. */
export interface Calibration {
  readonly slope: number;
  readonly intercept: number;
}

/** Rows that it is fitted on: two numbers need no more. */
const mostRows = 20_000;

/**
 * Platt scaling of labelled probabilities [n]: Platt, "Probabilistic outputs for support vector machines", 1999, with his targets
 * (N₊ + 1) / (N₊ + 2) and 1 / (N₋ + 2) in place of 1 and 0. Undefined where one of the labels is missing, or where the
 * probabilities tell nothing (a slope of 0 or less).
 */
export function fitPlatt(probabilities: ArrayLike<number>, labels: ArrayLike<number>): Calibration | undefined {
  const positives = Array.prototype.reduce.call(
    labels,
    (sum, label) => (sum as number) + (label as number),
    0,
  ) as number;
  const negatives = labels.length - positives;
  if (positives === 0 || negatives === 0) return undefined;
  const [high, low] = [(positives + 1) / (positives + 2), 1 / (negatives + 2)];
  const targets = Float64Array.from(labels, (label) => (label === 1 ? high : low));
  const { bias, weights } = fitLogistic(Float64Array.from(probabilities, logitOf), targets, 1, { l2: 0 });
  return weights[0]! > 0 ? { slope: weights[0]!, intercept: bias } : undefined;
}

export const calibrated = ({ slope, intercept }: Calibration, probability: number): number =>
  sigmoid(slope * logitOf(probability) + intercept);

/** Of what a model says of rows that it was not trained on, [n]. Undefined where that says nothing. */
export async function calibrationOn(rows: LabelledRows, model: Model): Promise<Calibration | undefined> {
  if (!model.scoreRows) return undefined;
  const some = thinned(rows);
  return fitPlatt(await model.scoreRows(some), some.labels);
}

/** At most `mostRows`, spread evenly. */
function thinned({ interactions, items, labels }: LabelledRows): LabelledRows {
  const every = Math.max(1, Math.ceil(labels.length / mostRows));
  const kept = (_: number, at: number) => at % every === 0;
  return { interactions: interactions.filter(kept), items: items.filter(kept), labels: labels.filter(kept) };
}

/** Within what a float tells apart from 0 and 1. */
function logitOf(probability: number): number {
  const p = Math.min(1 - 1e-7, Math.max(1e-7, probability));
  return Math.log(p / (1 - p));
}

import type { ScheduleOptions } from '../options.ts';

/**
 * The learning rate of a step, numbered from 1, as a share of `learningRate`: a function of the step alone, so a resumed run has
 * the rate that it would have had.
 *
 * For the first `warmupSteps` the share rises evenly, step / warmupSteps (Goyal et al., "Accurate, Large Minibatch SGD", 2017).
 * Then, with p the part of the remaining steps that is done, 0 at the end of the warm-up and 1 at the last step:
 *
 *   constant       1
 *   linear         1 − (1 − finalRate) p
 *   cosine         finalRate + (1 − finalRate) (1 + cos πp) / 2             Loshchilov & Hutter, SGDR, ICLR 2017, eq. 5
 *   step           decayRate ^ ⌊steps since the warm-up / decaySteps⌋
 *   inverse-sqrt   √(w / step), w = max(warmupSteps, 1)                     Vaswani et al., NeurIPS 2017, eq. 3
 *
 * Steps after the last have its rate, except for step and inverse-sqrt, which know no last.
 */
export function rateAt(step: number, totalSteps: number, options: ScheduleOptions): number {
  const { schedule, warmupSteps, decaySteps, decayRate, finalRate } = options;
  if (step < warmupSteps) return step / warmupSteps;
  const since = step - warmupSteps;
  const left = totalSteps - warmupSteps;
  const part = left > 0 ? Math.min(1, since / left) : 1;
  switch (schedule) {
    case 'constant':
      return 1;
    case 'linear':
      return 1 - (1 - finalRate) * part;
    case 'cosine':
      return finalRate + ((1 - finalRate) * (1 + Math.cos(Math.PI * part))) / 2;
    case 'step':
      return decayRate ** Math.floor(since / decaySteps);
    case 'inverse-sqrt':
      return Math.sqrt(Math.max(warmupSteps, 1) / Math.max(step, 1));
  }
}

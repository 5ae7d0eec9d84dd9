import { describe, expect, it } from 'vitest';
import { optionGroups } from '../../src/options.ts';
import { rateAt } from '../../src/training/schedule.ts';

const total = 100;
const rates = (set: Record<string, unknown>, steps: readonly number[]) => {
  const options = optionGroups.scheduling.parse(set);
  return steps.map((step) => rateAt(step, total, options));
};

describe('learning-rate schedules', () => {
  it('constant by default', () => {
    expect(rates({}, [1, 2, 50, 100, 101])).toEqual([1, 1, 1, 1, 1]);
  });

  it.each(['constant', 'linear', 'cosine', 'step', 'inverse-sqrt'])(
    '%s warms up evenly and goes on at its full length',
    (schedule) => {
      const found = rates({ schedule, warmupSteps: 10 }, [1, 5, 9, 10]);
      for (const [n, rate] of [0.1, 0.5, 0.9, 1].entries()) expect(found[n]).toBeCloseTo(rate, 12);
    },
  );

  it.each<[Record<string, unknown>, readonly (readonly [number, number])[]]>([
    [
      { schedule: 'linear', warmupSteps: 20 },
      [
        [60, 0.5],
        [100, 0],
        [101, 0],
      ],
    ],
    [
      { schedule: 'linear', finalRate: 0.2 },
      [
        [50, 0.6],
        [100, 0.2],
      ],
    ],
    [
      { schedule: 'cosine', warmupSteps: 20 },
      [
        [40, (1 + Math.SQRT1_2) / 2],
        [60, 0.5],
        [100, 0],
        [500, 0],
      ],
    ],
    [
      { schedule: 'cosine', finalRate: 0.1 },
      [
        [50, 0.55],
        [100, 0.1],
      ],
    ],
    [
      { schedule: 'step', decaySteps: 30, decayRate: 0.1 },
      [
        [1, 1],
        [29, 1],
        [30, 0.1],
        [59, 0.1],
        [60, 0.01],
      ],
    ],
    [
      { schedule: 'inverse-sqrt', warmupSteps: 4 },
      [
        [4, 1],
        [16, 0.5],
        [400, 0.1],
      ],
    ],
    [
      { schedule: 'inverse-sqrt' },
      [
        [1, 1],
        [4, 0.5],
        [100, 0.1],
      ],
    ],
    [
      { schedule: 'cosine', warmupSteps: 200 },
      [
        [100, 0.5],
        [200, 0],
      ],
    ],
  ])('%o', (set, points) => {
    const found = rates(
      set,
      points.map(([step]) => step),
    );
    for (const [n, [, rate]] of points.entries()) expect(found[n]).toBeCloseTo(rate, 12);
  });

  it('never leaves 0 to 1', () => {
    for (const schedule of ['constant', 'linear', 'cosine', 'step', 'inverse-sqrt']) {
      const steps = Array.from({ length: 150 }, (_, n) => n + 1);
      for (const rate of rates({ schedule, warmupSteps: 7, decaySteps: 9 }, steps)) {
        expect(rate).toBeGreaterThanOrEqual(0);
        expect(rate).toBeLessThanOrEqual(1);
      }
    }
  });
});

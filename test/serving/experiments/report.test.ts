/** Statistics against published figures, and a report over a planted experiment. */
import { describe, expect, it } from 'vitest';
import { RandomStream } from '../../../src/random.ts';
import { type ArmUser, reportOf } from '../../../src/serving/experiments/report.ts';
import {
  chiSquare,
  difference,
  lift,
  percentiles,
  resampledSums,
  twoProportions,
  wilson,
} from '../../../src/serving/experiments/statistics.ts';

describe('statistics', () => {
  it('are those of the papers', () => {
    // Newcombe 1998, table I (a proportion: 81 of 263) and table II (56/70 − 48/80, method 10).
    const one = wilson(81, 263);
    expect([one.low, one.high].map((x) => x.toFixed(4))).toEqual(['0.2553', '0.3662']);
    const gap = difference(wilson(56, 70), wilson(48, 80));
    expect([gap.low, gap.high].map((x) => x.toFixed(4))).toEqual(['0.0524', '0.3339']);
    expect(wilson(0, 10).low).toBe(0);
    expect(wilson(10, 10).high).toBe(1);
    expect(wilson(0, 0)).toEqual({ value: 0, low: 0, high: 1 });
  });

  it('have the tails of chi-square', () => {
    // Tables: 3.841 and 6.635 at one degree of freedom, 5.991 at two, 18.307 at ten.
    const one = (statistic: number) =>
      chiSquare([50 + Math.sqrt(25 * statistic), 50 - Math.sqrt(25 * statistic)], [0.5, 0.5]);
    expect(one(3.841).chiSquare).toBeCloseTo(3.841, 9);
    expect(one(3.841).p).toBeCloseTo(0.05, 4);
    expect(one(6.635).p).toBeCloseTo(0.01, 4);
    expect(one(0.001).p).toBeCloseTo(0.97477, 4);
    expect(chiSquare([10, 10, 10], [1 / 3, 1 / 3, 1 / 3])).toEqual({ chiSquare: 0, degrees: 2, p: 1 });
    expect(chiSquare([5, 15], [0.5, 0.5]).p).toBeCloseTo(twoProportions([15, 5], [1e9, 1e9]), 3);
    expect(twoProportions([0, 0], [5, 5])).toBe(1);
  });

  it('give the ratio of shares the interval of Katz', () => {
    const { value, low, high } = lift([30, 20], [100, 100]);
    const spread = 1.959964 * Math.sqrt(1 / 30 - 0.01 + 1 / 20 - 0.01);
    expect(value).toBeCloseTo(0.5, 12);
    expect(low).toBeCloseTo(1.5 * Math.exp(-spread) - 1, 6);
    expect(high).toBeCloseTo(1.5 * Math.exp(spread) - 1, 6);
  });

  it('draw whole rows again, so that a mean has its own standard error', async () => {
    const random = new RandomStream(1, 'values');
    const values = Float64Array.from({ length: 400 }, () => random.normal());
    const sums = await resampledSums(values, 1, 2000, new RandomStream(1, 'draws'));
    const { low, high } = percentiles(
      0,
      sums.map((sum) => sum / 400),
    );
    expect(high - low).toBeGreaterThan((2 * 1.96) / 20 - 0.03);
    expect(high - low).toBeLessThan((2 * 1.96) / 20 + 0.03);
    expect(await resampledSums(new Float64Array(0), 2, 3, random)).toEqual(new Float64Array(6));
  });
});

describe('a report', () => {
  const experiment = {
    name: 'ranking',
    salt: 's',
    control: 'a',
    arms: [
      { name: 'a', pipeline: 'default', share: 0.5 },
      { name: 'b', pipeline: 'fresh', share: 0.5 },
    ],
  };
  /** Users who take an item with a probability of their own, so that what one does hangs together. */
  const planted = (counts: readonly [number, number], rates: readonly [number, number]): ArmUser[] => {
    const random = new RandomStream(1, 'report');
    return [0, 1].flatMap((arm) =>
      Array.from({ length: counts[arm]! }, (_, n) => {
        const own = random.uniform() < 0.5 ? 0.2 * rates[arm]! : 1.8 * rates[arm]!;
        let taken = 0;
        for (let shown = 0; shown < 20; shown++) if (random.uniform() < own) taken++;
        return { user: `${arm}-${n}`, arm: 'ab'[arm]!, answers: 2, impressions: 20, taken };
      }),
    );
  };

  it('finds what is planted, within its intervals', async () => {
    const report = await reportOf(experiment, planted([1000, 1000], [0.1, 0.13]), { resamples: 500, seed: 1 });
    const [a, b] = report.arms;
    expect(a).toMatchObject({ arm: 'a', isControl: true, users: 1000, impressions: 20_000, answers: 2000 });
    expect(a).not.toHaveProperty('beside');
    expect(a!.rate.low).toBeLessThan(0.1);
    expect(a!.rate.high).toBeGreaterThan(0.1);
    const { rate, conversion } = b!.beside!;
    expect(rate.difference.low).toBeGreaterThan(0);
    expect(rate.difference.low).toBeLessThan(0.03);
    expect(rate.difference.high).toBeGreaterThan(0.03);
    expect(rate.lift!.value).toBeCloseTo(b!.rate.value / a!.rate.value - 1, 12);
    expect(conversion.difference.value).toBeCloseTo((b!.converted - a!.converted) / 1000, 12);
    // Impressions of one user hang together: taken as if they did not, the interval would be narrower.
    const asIfApart = 2 * 1.96 * Math.sqrt((a!.rate.value * (1 - a!.rate.value)) / a!.impressions);
    expect(a!.rate.high - a!.rate.low).toBeGreaterThan(1.2 * asIfApart);
    expect(report.sampleRatio.isMismatch).toBe(false);
    expect(report.caveats).toEqual([expect.stringContaining('one look')]);
    expect(await reportOf(experiment, planted([1000, 1000], [0.1, 0.13]), { resamples: 500, seed: 1 })).toEqual(report);
  });

  it('says first where the arms do not hold the users that they should', async () => {
    const report = await reportOf(experiment, planted([1000, 850], [0.1, 0.1]), { resamples: 100, seed: 1 });
    expect(report.sampleRatio).toMatchObject({ isMismatch: true, degrees: 1 });
    expect(report.caveats[0]).toContain('do not hold the users');
  });

  it('leaves possible what so few users can have hidden, where nothing was taken or everything', async () => {
    const rows = (['a', 'b'] as const).flatMap((arm) =>
      Array.from({ length: 30 }, (_, n) => ({
        user: `${arm}-${n}`,
        arm,
        answers: 1,
        impressions: 10,
        taken: arm === 'a' ? 10 : 0,
      })),
    );
    const { arms, caveats } = await reportOf(experiment, rows, { resamples: 100, seed: 1 });
    // The rule of three: 95 % of samples of 30 hold somebody who takes something, where 1 in 10 do.
    expect(arms[1]!.rate).toMatchObject({ value: 0, low: 0, high: expect.closeTo(3 / 30, 1) });
    expect(arms[0]!.rate).toMatchObject({ value: 1, low: expect.closeTo(1 - 3 / 30, 1), high: 1 });
    const { rate } = arms[1]!.beside!;
    expect(rate.difference).toMatchObject({ value: -1, low: expect.closeTo(-1, 9) });
    expect(rate.difference.high).toBeGreaterThan(-0.9);
    expect(rate).not.toHaveProperty('lift');
    expect(caveats).toContainEqual(expect.stringContaining('Nothing was taken in b'));
  });

  it('leaves out who was shown several arms, and arms that are empty say nothing', async () => {
    const both = ['a', 'b'].map((arm) => ({ user: 'ann', arm, answers: 1, impressions: 2, taken: 1 }));
    const rows = [...both, { user: 'bob', arm: 'a', answers: 1, impressions: 4, taken: 1 }];
    const { arms, usersInSeveralArms, caveats } = await reportOf(experiment, rows, { resamples: 100, seed: 1 });
    expect(usersInSeveralArms).toBe(1);
    expect(caveats).toHaveLength(2);
    expect(arms[0]).toMatchObject({ users: 1, taken: 1, converted: 1 });
    expect(arms[1]).toMatchObject({ users: 0, rate: { value: 0, low: 0, high: 1 } });
    expect(arms[1]).not.toHaveProperty('beside');
  });
});

/** Estimates over simulated logs whose truth is known by counting through all that could have happened. */
import { describe, expect, it } from 'vitest';
import { RandomStream } from '../../../src/random.ts';
import { estimate, type LoggedList } from '../../../src/serving/experiments/estimators.ts';

const items = [0, 1, 2, 3, 4];
const contexts = [0, 1, 2];
const options = { clip: 1e9, resamples: 200, seed: 3 };

/** A list of two: what is taken at the second place depends on the first. */
const rewardOf = (context: number, item: number, above?: number): number =>
  0.1 + 0.12 * ((item + context) % 5) + (above !== undefined && (item + above) % 2 === 0 ? 0.2 : 0);

/** By weights of items, without those above. */
type Policy = (context: number, item: number, above?: number) => number;
const byWeights =
  (weightOf: (context: number, item: number) => number): Policy =>
  (context, item, above) => {
    const left = items.filter((each) => each !== above);
    const sum = left.reduce((all, each) => all + weightOf(context, each), 0);
    return item === above ? 0 : weightOf(context, item) / sum;
  };
const even = byWeights(() => 1);
const skewed = byWeights((context, item) => Math.exp(0.7 * ((2 * item + context) % 5)));
const target = byWeights((context, item) => Math.exp(0.9 * ((item + context) % 5)));
const best: Policy = (context, item, above) => {
  const left = items
    .filter((each) => each !== above)
    .sort((one, other) => rewardOf(context, other) - rewardOf(context, one));
  return left[0] === item ? 1 : 0;
};

/** Σ over everything that could be shown. */
function truthOf(policy: Policy, places: number): number {
  let sum = 0;
  for (const context of contexts)
    for (const one of items) {
      const first = policy(context, one) / contexts.length;
      sum += first * rewardOf(context, one);
      if (places > 1)
        for (const two of items)
          if (two !== one) sum += first * policy(context, two, one) * rewardOf(context, two, one);
    }
  return sum;
}

type Model = (context: number, item: number, above?: number) => number;
const wrong: Model = (context, item) => 0.9 - 0.15 * ((item + context) % 5);
const nothing: Model = () => 0;

interface Simulated {
  readonly count: number;
  readonly logging: Policy;
  readonly policy: Policy;
  readonly model?: Model;
  readonly places?: number;
  readonly seed?: number;
  /** What the log says of the probabilities. */
  readonly said?: Policy;
}

function simulate({
  count,
  logging,
  policy,
  model = nothing,
  places = 1,
  seed = 1,
  said = logging,
}: Simulated): LoggedList[] {
  const random = new RandomStream(seed, 'log');
  const pick = (of: (item: number) => number): number => {
    let left = random.uniform();
    for (const item of items) {
      left -= of(item);
      if (left < 0) return item;
    }
    return items.at(-1)!;
  };
  return Array.from({ length: count }, (_, n) => {
    const context = n % contexts.length;
    const chain: number[] = [];
    const looked = Array.from({ length: places }, (_, k) => {
      const above = chain[k - 1];
      const item = pick((each) => (each === above ? 0 : logging(context, each, above)));
      chain.push(item);
      return {
        reward: random.uniform() < rewardOf(context, item, above) ? 1 : 0,
        logged: said(context, item, above),
        target: policy(context, item, above),
        model: model(context, item, above),
        expected: items.reduce((sum, each) => sum + policy(context, each, above) * model(context, each, above), 0),
      };
    });
    return { user: `u${n % 500}`, places: looked };
  });
}

const within = (of: { value: number; low: number; high: number }, truth: number) => {
  // The interval is of 95 %; twice its half is beyond what chance does here.
  expect(Math.abs(of.value - truth)).toBeLessThan(of.high - of.low);
};

describe('off-policy estimates', () => {
  it('are the truth, of the first place and of two, whichever way the log was drawn', async () => {
    for (const places of [1, 2]) {
      for (const logging of [even, skewed]) {
        for (const policy of [target, best]) {
          const found = (await estimate(simulate({ count: 6000, logging, policy, places, model: rewardOf }), options))!;
          const truth = truthOf(policy, places);
          within(found.snips, truth);
          within(found.doublyRobust, truth);
          within(found.logged, truthOf(logging, places));
          within(found.gain, truth - truthOf(logging, places));
          expect(found.snips.high - found.snips.low).toBeLessThan(0.25);
          if (places === 1) expect(Math.abs(found.weights.support - 1)).toBeLessThan(0.2);
          if (logging === even) within(found.replay, truth);
        }
      }
    }
  });

  it('by replay are wrong where the log was not drawn evenly', async () => {
    const { replay } = (await estimate(simulate({ count: 20_000, logging: skewed, policy: target }), options))!;
    const truth = truthOf(target, 1);
    expect(truth < replay.low || truth > replay.high).toBe(true);
  });

  it('doubly robust are right by the propensities where the model is wrong, and by the model where the propensities are', async () => {
    const truth = truthOf(target, 1);
    const log = { count: 20_000, logging: skewed, policy: target };
    within((await estimate(simulate({ ...log, model: wrong }), options))!.doublyRobust, truth);
    const right = (await estimate(simulate({ ...log, model: rewardOf, said: even }), options))!;
    within(right.doublyRobust, truth);
    expect(truth < right.snips.low || truth > right.snips.high).toBe(true);
  });

  it('have intervals that hold the truth about as often as they say', async () => {
    let held = 0;
    for (let seed = 0; seed < 100; seed++) {
      const log = simulate({ count: 1000, logging: skewed, policy: target, seed: 100 + seed });
      const { snips } = (await estimate(log, { ...options, resamples: 100, seed }))!;
      if (snips.low <= truthOf(target, 1) && truthOf(target, 1) <= snips.high) held++;
    }
    expect(held).toBeGreaterThanOrEqual(86); // of 100 at 95 %: fewer come once in ten thousand
  });

  it('say what a cut of the weights can have done, and keep to it', async () => {
    const log = simulate({ count: 6000, logging: skewed, policy: best });
    const whole = (await estimate(log, options))!;
    const cut = (await estimate(log, { ...options, clip: 3 }))!;
    expect(whole.weights).toMatchObject({ clipped: 0, biasAtMost: 0 });
    expect(cut.weights.clipped).toBeGreaterThan(0);
    expect(cut.weights.effectiveLists).toBeGreaterThan(whole.weights.effectiveLists);
    const moved = Math.abs(cut.snips.value - whole.snips.value);
    expect(moved).toBeGreaterThan(0);
    expect(moved).toBeLessThanOrEqual(cut.weights.biasAtMost);
  });

  it('are as many lists as were drawn where the pipeline is the one that drew them, and none without a match', async () => {
    const same = (await estimate(simulate({ count: 900, logging: skewed, policy: skewed }), options))!;
    expect(same.weights).toMatchObject({ clipped: 0 });
    expect(same.weights.effectiveLists).toBeCloseTo(900, 6);
    expect(same.snips.value).toBeCloseTo(same.logged.value, 12);
    expect(await estimate(simulate({ count: 50, logging: even, policy: () => 0 }), options)).toBeUndefined();
    expect(await estimate([], options)).toBeUndefined();
  });
});

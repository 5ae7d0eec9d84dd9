/** Fusion by hand, and the regressions behind learned fusion and calibration beside independent conditions. */
import { describe, expect, it } from 'vitest';
import { fitLogistic, sigmoid } from '../../../src/compute/logistic.ts';
import { RandomStream } from '../../../src/random.ts';
import { fitFusionWeights } from '../../../src/serving/stages/fitFusion.ts';
import { fuse } from '../../../src/serving/stages/fusion.ts';
import { calibrated, fitPlatt } from '../../../src/training/platt.ts';

const lists = [
  { source: 'a', ids: [1, 2, 3], scores: [9, 8, 7] },
  { source: 'b', ids: [3, 4], scores: [0.2, 0.1] },
];

describe('fusion', () => {
  it('adds reciprocal ranks', () => {
    const fused = fuse(lists, { kind: 'reciprocal-rank', k: 60, weights: {} });
    expect(fused.map(({ item }) => item)).toEqual([3, 1, 2, 4]); // of 2 and 4, equal, the one that came first
    expect(fused[0]!.score).toBeCloseTo(1 / 63 + 1 / 61, 12);
    expect(fused[0]!.from).toEqual([
      { source: 'a', place: 2, score: 7 },
      { source: 'b', place: 0, score: 0.2 },
    ]);
    expect(fused[1]!.score).toBeCloseTo(1 / 61, 12);
    const weighed = fuse(lists, { kind: 'reciprocal-rank', k: 1, weights: { b: 10, a: 1 } });
    expect(weighed.map(({ item }) => item)).toEqual([3, 4, 1, 2]);
    expect(weighed[1]!.score).toBeCloseTo(10 / 3, 12);
  });

  it('keeps the scores of a source that stands alone', () => {
    const alone = fuse([lists[0]!, { source: 'b', ids: [], scores: [] }], {
      kind: 'reciprocal-rank',
      k: 60,
      weights: {},
    });
    expect(alone.map(({ item, score }) => [item, score])).toEqual([
      [1, 9],
      [2, 8],
      [3, 7],
    ]);
    expect(fuse([], { kind: 'reciprocal-rank', k: 60, weights: {} })).toEqual([]);
  });

  it('gives probabilities by learned weights', () => {
    const fused = fuse(lists, { kind: 'learned', k: 60, bias: -2, weights: { a: 1, b: 3 } });
    expect(fused.map(({ item }) => item)).toEqual([3, 4, 1, 2]);
    expect(fused[0]!.score).toBeCloseTo(sigmoid(-2 + 61 / 63 + 3), 12);
    expect(fused[3]!.score).toBeCloseTo(sigmoid(-2 + 61 / 62), 12);
  });

  it('learns that one source is right and another is not', () => {
    const stream = new RandomStream(5, 'fusion');
    const examples = Array.from({ length: 4000 }, (_, n) => {
      const [right, noise] = [Math.floor(stream.uniform() * 200), Math.floor(stream.uniform() * 200)];
      const from = [
        { source: 'right', place: right, score: 0 },
        ...(n % 2 ? [{ source: 'noise', place: noise, score: 0 }] : []),
      ];
      return { candidate: { from }, liked: stream.uniform() < 1 / (1 + right / 10) };
    });
    const { weights, bias } = fitFusionWeights(examples, ['right', 'noise', 'silent'], 60);
    expect(weights.right).toBeGreaterThan(3);
    expect(Math.abs(weights.noise!)).toBeLessThan(0.5);
    expect(weights.silent).toBe(0);
    expect(bias).toBeLessThan(0);
  });
});

describe('logistic regression', () => {
  it('ends where the gradient of the likelihood is 0', () => {
    const stream = new RandomStream(3, 'logistic');
    const [n, d, l2] = [500, 3, 0.1];
    const rows = Float64Array.from({ length: n * d }, () => stream.normal());
    const targets = Array.from({ length: n }, (_, row) =>
      stream.uniform() < sigmoid(1 + 2 * rows[row * d]! - rows[row * d + 1]!) ? 1 : 0,
    );
    const { bias, weights } = fitLogistic(rows, targets, d, { l2 });
    const errors = targets.map(
      (target, row) => target - sigmoid(bias + weights.reduce((sum, w, c) => sum + w * rows[row * d + c]!, 0)),
    );
    expect(errors.reduce((sum, error) => sum + error, 0)).toBeCloseTo(0, 5);
    for (let c = 0; c < d; c++)
      expect(errors.reduce((sum, error, row) => sum + error * rows[row * d + c]!, 0)).toBeCloseTo(l2 * weights[c]!, 5);
    expect(weights[0]).toBeGreaterThan(1.5);
    expect(weights[1]).toBeLessThan(-0.5);
  });

  it('stays finite where labels can be told apart without error, and where there is nothing', () => {
    const { weights } = fitLogistic(Float64Array.of(-1, -2, 1, 2), [0, 0, 1, 1], 1);
    expect(weights[0]).toBeGreaterThan(1);
    expect(Number.isFinite(weights[0])).toBe(true);
    expect(fitLogistic(new Float64Array(0), [], 2)).toEqual({ bias: 0, weights: Float64Array.of(0, 0) });
  });
});

describe('calibration', () => {
  it('takes back a planted distortion, and keeps every order', () => {
    const stream = new RandomStream(4, 'platt');
    const truths = Array.from({ length: 20_000 }, () => 2 * stream.normal());
    const labels = truths.map((logit) => (stream.uniform() < sigmoid(logit) ? 1 : 0));
    const distorted = truths.map((logit) => sigmoid(3 * logit + 1));
    const fitted = fitPlatt(distorted, labels)!;
    // Deviations of the estimates are about 0.007 and 0.02.
    expect(fitted.slope).toBeCloseTo(1 / 3, 1);
    expect(fitted.intercept).toBeCloseTo(-1 / 3, 0);
    const calibration = fitted;
    for (const logit of [-3, 0, 2])
      expect(Math.abs(calibrated(calibration, sigmoid(3 * logit + 1)) - sigmoid(logit))).toBeLessThan(0.05);
    expect(calibrated(calibration, 0.9)).toBeGreaterThan(calibrated(calibration, 0.89));
    expect(Number.isFinite(calibrated(calibration, 1))).toBe(true);
  });

  it('is none where labels or probabilities say nothing', () => {
    expect(fitPlatt([0.1, 0.9], [1, 1])).toBeUndefined();
    expect(fitPlatt([0.1, 0.2, 0.8, 0.9], [1, 1, 0, 0])).toBeUndefined();
  });
});

/** Exploration: the propensities are those with which lists are drawn, counted over every list that there is. */
import { describe, expect, it } from 'vitest';
import { rerankerSchema } from '../../../src/options.ts';
import { RandomStream } from '../../../src/random.ts';
import { listPropensity } from '../../../src/serving/reranking/propensity.ts';
import { rerankerOf } from '../../../src/serving/reranking/rerankers.ts';
import { contextOf, itemsOf, listOf } from './lists.ts';

const scores = [4, 3, 2, 0];
const wanted = 3;
const reranker = (config: object) => rerankerOf(rerankerSchema.parse(config));
const world = contextOf([{}, {}, {}, {}]);

/** A list by the draws of `random`, and the product of its propensities. */
function draw(
  config: object,
  random: () => number,
  length = wanted,
): { readonly list: string; readonly propensity: number } {
  const { candidates, propensities } = reranker(config).apply(listOf(...scores), { ...world, wanted: length, random });
  const shown = itemsOf(candidates).slice(0, length);
  return { list: shown.join(), propensity: listPropensity(shown, propensities!) };
}

/** Every order of `length` of the items. */
function orders(items: readonly number[], length: number): number[][] {
  if (length === 0) return [[]];
  return items.flatMap((item) =>
    orders(
      items.filter((other) => other !== item),
      length - 1,
    ).map((rest) => [item, ...rest]),
  );
}

describe('what comes next in a list', () => {
  it('has the probability that it is drawn with, below whatever stands above', () => {
    for (const config of [
      { kind: 'epsilon-greedy', epsilon: 0.4, among: 3 },
      { kind: 'plackett-luce', temperature: 0.5, among: 3 },
      { kind: 'plackett-luce', temperature: 0 },
    ]) {
      const random = new RandomStream(5, config.kind);
      const { apply, next } = reranker(config);
      for (let n = 0; n < 50; n++) {
        const { candidates, propensities } = apply(listOf(...scores), {
          ...world,
          wanted,
          random: () => random.uniform(),
        });
        const shown = itemsOf(candidates).slice(0, wanted);
        for (const [place, item] of shown.entries()) {
          const coming = next!(listOf(...scores), shown.slice(0, place));
          expect(coming.get(item)).toBeCloseTo(propensities!.get(item)!, 12);
          expect([...coming.values()].reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 12);
        }
      }
    }
  });
});

describe('epsilon-greedy', () => {
  const config = { kind: 'epsilon-greedy', epsilon: 0.4 };

  it('logs the probability of each list exactly: every course that its draws can take, added up', () => {
    // A draw below ε explores; the next one chooses among what is left, in equal parts: every course is a path of choices.
    const found = new Map<string, { probability: number; logged: number }>();
    const walk = (path: readonly number[], probability: number): void => {
      const draws = [...path];
      let asked = 0;
      let left = scores.length;
      let isChoice = false;
      let missing: 'explore' | 'choose' | undefined;
      const { list, propensity } = draw(config, () => {
        const given = draws[asked++];
        missing ??= given === undefined ? (isChoice ? 'choose' : 'explore') : undefined;
        if (missing) return 0.999;
        if (isChoice || given! >= 0.4) left--;
        isChoice = !isChoice && given! < 0.4;
        return given!;
      });
      if (!missing) {
        const { probability: before = 0 } = found.get(list) ?? {};
        found.set(list, { probability: before + probability, logged: propensity });
      } else if (missing === 'explore') {
        walk([...path, 0], probability * 0.4);
        walk([...path, 0.5], probability * 0.6);
      } else for (let n = 0; n < left; n++) walk([...path, (n + 0.5) / left], probability / left);
    };
    walk([], 1);
    expect(found.size).toBe(24);
    let sum = 0;
    for (const { probability, logged } of found.values()) {
      expect(logged).toBeCloseTo(probability, 12);
      sum += logged;
    }
    expect(sum).toBeCloseTo(1, 12);
  });

  it('draws from the best only', () => {
    const draws = new RandomStream(3);
    for (let n = 0; n < 200; n++) {
      const { list } = draw({ ...config, epsilon: 1, among: 2 }, () => draws.uniform(), 2);
      expect(['0,1', '1,0']).toContain(list);
    }
  });
});

describe('Plackett-Luce', () => {
  const temperature = 0.5;
  const config = { kind: 'plackett-luce', temperature };
  // Relevance 1, ¾, ½, 0.
  const weights = [1, 0.75, 0.5, 0].map((relevance) => Math.exp(relevance / temperature));
  const probability = (order: readonly number[]): number => {
    let left = weights.reduce((sum, weight) => sum + weight, 0);
    let product = 1;
    for (const item of order) {
      product *= weights[item]! / left;
      left -= weights[item]!;
    }
    return product;
  };

  it('logs the probability of each list exactly, and they add up to 1', () => {
    const draws = new RandomStream(5);
    const logged = new Map<string, number>();
    for (let n = 0; n < 20_000 && logged.size < 24; n++) {
      const { list, propensity } = draw(config, () => draws.uniform());
      logged.set(list, propensity);
    }
    const all = orders([0, 1, 2, 3], wanted);
    expect(logged.size).toBe(all.length);
    for (const order of all) expect(logged.get(order.join())).toBeCloseTo(probability(order), 12);
    expect([...logged.values()].reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 12);
  });

  it('draws lists as often as that', () => {
    const draws = new RandomStream(7);
    const counts = new Map<string, number>();
    const n = 50_000;
    for (let time = 0; time < n; time++) {
      const { list } = draw(config, () => draws.uniform());
      counts.set(list, (counts.get(list) ?? 0) + 1);
    }
    // χ² over 24 lists: with 23 degrees of freedom it is above 64 once in 100,000 times, and the seed is fixed.
    let chi = 0;
    for (const order of orders([0, 1, 2, 3], wanted)) {
      const expected = n * probability(order);
      chi += ((counts.get(order.join()) ?? 0) - expected) ** 2 / expected;
    }
    expect(chi).toBeLessThan(64);
  });

  it('takes draws of 0 and the greatest below 1, and temperatures that leave nothing to chance', () => {
    for (const extreme of [0, 1 - 2 ** -32])
      for (const cold of [0, 1e-3]) {
        const { propensity } = draw({ ...config, temperature: cold }, () => extreme);
        expect(propensity).toBeGreaterThan(0);
        expect(propensity).toBeLessThanOrEqual(1);
      }
  });
});

/** Diversity: what the papers' formulas give by hand, and by a plain computation that looks at everything each time. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rerankerSchema } from '../../../src/options.ts';
import { RandomStream } from '../../../src/random.ts';
import { rerankerOf } from '../../../src/serving/reranking/rerankers.ts';
import { contextOf, itemsOf, listOf, type PlantedItem } from './lists.ts';

/** Indices and scores of the list that a config makes of items with these scores. */
function shaped(config: object, items: readonly PlantedItem[], scores: readonly number[], wanted = items.length) {
  const { candidates } = rerankerOf(rerankerSchema.parse(config)).apply(
    listOf(...scores),
    contextOf(items, { wanted }),
  );
  return { items: itemsOf(candidates), scores: candidates.map(({ score }) => score) };
}
const angle = (degrees: number): PlantedItem => ({
  vector: [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)],
});

describe('maximal marginal relevance', () => {
  it('takes what is unlike what stands above before what scores more', () => {
    // Relevance 1, 0.9, 0.5, 0; likeness (1 + cos) / 2: items 0 and 1 are one, item 2 is opposite.
    // λ = 0.5. After 0: item 1 has 0.45 − 0.5 = −0.05, item 2 has 0.25 − 0 = 0.25, item 3 has 0 − 0.25.
    // After 2: item 1 −0.05, item 3 at a right angle to both −0.25.
    const items = [angle(0), angle(0), angle(180), angle(90)];
    expect(shaped({ kind: 'mmr', strength: 0.5 }, items, [10, 9, 5, 0])).toEqual({
      items: [0, 2, 1, 3],
      scores: [10, 9, 5, 0], // the list's own, along the new order
    });
  });

  it('compares by features where told to, and leaves alone what is beyond the list', () => {
    const [drama, comedy] = [{ genres: ['drama'] }, { genres: ['comedy'] }];
    const config = { kind: 'mmr', by: 'features', feature: 'genre', strength: 0.5 };
    expect(shaped(config, [drama, drama, drama, comedy, comedy], [5, 4, 3, 2, 1]).items).toEqual([0, 3, 1, 2, 4]);
    expect(shaped(config, [drama, drama, drama, comedy, comedy], [5, 4, 3, 2, 1], 2).items).toEqual([0, 3, 1, 2, 4]);
    expect(shaped(config, [drama, drama, drama, comedy, comedy], [5, 4, 3, 2, 1], 1).items).toEqual([0, 1, 2, 3, 4]);
  });
});

describe('determinantal point process', () => {
  it('takes by the volume that the items span', () => {
    // S between 0° and 0°, 180°, 90°: 1, 0, 0.5, so d² = 0, 1, 0.75. At strength 1 the scores do not count.
    const items = [angle(0), angle(0), angle(90), angle(180)];
    expect(shaped({ kind: 'dpp', strength: 1 }, items, [4, 3, 2, 1]).items.slice(0, 2)).toEqual([0, 3]);
    // With θ = 0.9: item 1 has 0.9 · 2/3 + 0.1 · ln 0.002 = −0.02, item 2 0.9 / 3 + 0.1 ln 0.75 = 0.27, item 3 0.
    expect(shaped({ kind: 'dpp', strength: 0.1 }, items, [4, 3, 2, 1]).items.slice(0, 2)).toEqual([0, 2]);
  });

  it('fills a list longer than the vectors are wide', () => {
    const items = Array.from({ length: 12 }, (_, n) => angle(n * 7));
    const { items: list } = shaped(
      { kind: 'dpp', strength: 0.5 },
      items,
      items.map((_, n) => -n),
    );
    expect(list.toSorted((a, b) => a - b)).toEqual([...items.keys()]);
  });
});

const cosine = (a: readonly number[], b: readonly number[]): number => {
  const dot = (x: readonly number[], y: readonly number[]) => x.reduce((sum, value, d) => sum + value * y[d]!, 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
};
/** Determinant by elimination with pivots. */
function determinant(matrix: readonly (readonly number[])[]): number {
  const rows = matrix.map((row) => [...row]);
  let product = 1;
  for (let n = 0; n < rows.length; n++) {
    const pivot = rows
      .slice(n)
      .reduce((best, row, at) => (Math.abs(row[n]!) > Math.abs(rows[best]![n]!) ? at + n : best), n);
    if (pivot !== n) {
      [rows[n], rows[pivot]] = [rows[pivot]!, rows[n]!];
      product = -product;
    }
    product *= rows[n]![n]!;
    for (let below = n + 1; below < rows.length; below++) {
      const factor = rows[below]![n]! / rows[n]![n]!;
      rows[below] = rows[below]!.map((value, column) => value - factor * rows[n]![column]!);
    }
  }
  return product;
}

describe('lazy choice', () => {
  const cases = fc.record({
    seed: fc.nat(),
    n: fc.integer({ min: 2, max: 14 }),
    strength: fc.constantFrom(0.1, 0.4, 0.8),
  });

  it.each(['mmr', 'dpp'] as const)('of %s is the choice that looks at everything each time', (kind) => {
    fc.assert(
      fc.property(cases, ({ seed, n, strength }) => {
        const draws = new RandomStream(seed, kind);
        const vectors = Array.from({ length: n }, () => Array.from({ length: 4 }, () => draws.normal()));
        const scores = Array.from({ length: n }, () => draws.uniform()).sort((a, b) => b - a);
        const [high, low] = [scores[0]!, scores.at(-1)!];
        const relevance = (i: number) => (scores[i]! - low) / (high - low);
        const like = (i: number, j: number) => (i === j ? 1 : (1 + cosine(vectors[i]!, vectors[j]!)) / 2);
        // The ridge of dpp.ts, from the formula there.
        const kernel = (of: readonly number[]) => of.map((i) => of.map((j) => (i === j ? 1 : 0.999 * like(i, j))));
        const worth = {
          mmr: (i: number, above: readonly number[]) =>
            (1 - strength) * relevance(i) - strength * Math.max(0, ...above.map((j) => like(i, j))),
          dpp: (i: number, above: readonly number[]) =>
            (1 - strength) * relevance(i) +
            strength * Math.log(determinant(kernel([...above, i])) / determinant(kernel(above))),
        }[kind];
        const list = shaped(
          { kind, strength },
          vectors.map((vector) => ({ vector })),
          scores,
        ).items;
        for (const [place, item] of list.entries()) {
          const above = list.slice(0, place);
          const best = Math.max(...list.slice(place).map((other) => worth(other, above)));
          // Vectors are stored in single precision, so that what is as good as equal may come either way.
          expect(worth(item, above)).toBeGreaterThan(best - 1e-3);
        }
      }),
      { seed: 21, numRuns: 60 },
    );
  });
});

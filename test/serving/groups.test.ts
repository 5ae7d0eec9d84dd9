import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomStream } from '../../src/random.ts';
import { chooseForGroup, satisfactionOf } from '../../src/serving/groups/aggregate.ts';

/** What three people would give five items. */
const ratings = [
  [1.0, 0.9, 0.6, 0.1, 0.0],
  [0.9, 0.8, 0.6, 0.0, 0.2],
  [0.1, 0.2, 0.6, 0.5, 1.0],
].map((row) => Float64Array.from(row));

/** The greedy choice as its definition has it: every rating is looked at for every place. Of equals the earlier. */
function looked(rows: readonly Float64Array[], limit: number, fairness: number): number[] {
  const most = rows.map((row) => Math.max(...row));
  const unit = rows.map((row, u) => row.map((rating) => (most[u]! > 0 ? rating / most[u]! : 0)));
  const sums = rows.map(() => 0);
  const left = new Set(rows[0]!.keys());
  const places: number[] = [];
  while (places.length < limit && left.size > 0) {
    let [best, bestValue] = [-1, Number.NEGATIVE_INFINITY];
    for (const place of left) {
      const utilities = unit.map((row, u) => (sums[u]! + row[place]!) / (places.length + 1));
      const mean = utilities.reduce((sum, utility) => sum + utility, 0) / utilities.length;
      const variance = utilities.reduce((sum, utility) => sum + (utility - mean) ** 2, 0) / utilities.length;
      const value = (1 - fairness) * mean + fairness * (1 - variance);
      if (value > bestValue) [best, bestValue] = [place, value];
    }
    places.push(best);
    left.delete(best);
    for (const [u, row] of unit.entries()) sums[u]! += row[best]!;
  }
  return places;
}

describe('a list for several people', () => {
  it('goes by the mean, the least or the greatest rating', () => {
    const choose = (aggregate: 'average' | 'least-misery' | 'most-pleasure') =>
      chooseForGroup(ratings, 2, aggregate, 0.5);
    // Means: 0.667, 0.633, 0.6, 0.2, 0.4.
    expect(choose('average').places).toEqual([0, 1]);
    expect(choose('average').scores[0]).toBeCloseTo(2 / 3, 10);
    expect(choose('least-misery')).toEqual({ places: [2, 1], scores: [0.6, 0.2] });
    expect(choose('most-pleasure')).toEqual({ places: [0, 4], scores: [1, 1] });
  });

  it('is even where fairness is all that counts, and the mean’s where it counts nothing', () => {
    const fair = chooseForGroup(ratings, 1, 'fairness', 1);
    expect(fair.places).toEqual([2]); // 0.6 for everybody: no variance
    expect(new Set(chooseForGroup(ratings, 2, 'fairness', 0).places)).toEqual(new Set([0, 1]));
  });

  it('satisfies by what the best list would have been worth', () => {
    expect(satisfactionOf(ratings[0]!, [0, 1])).toBe(1);
    expect(satisfactionOf(ratings[2]!, [0, 1])).toBeCloseTo(0.3 / 1.6, 10);
    expect(satisfactionOf(new Float64Array(3), [0])).toBe(1);
    for (const row of [ratings[0]!, new Float64Array(0)]) expect(satisfactionOf(row, [])).toBe(0);
  });

  it('pleases the two more, and the third less, by the mean than by fairness', () => {
    const third = (aggregate: 'average' | 'fairness') =>
      satisfactionOf(ratings[2]!, chooseForGroup(ratings, 2, aggregate, 0.8).places);
    expect(third('fairness')).toBeGreaterThan(third('average'));
  });

  it('adds greedily what makes the objective greatest, whatever the ratings', () => {
    const value = fc.double({ min: 0, max: 1, noNaN: true });
    const group = fc
      .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 7 }))
      .chain(([members, items]) =>
        fc.array(fc.array(value, { minLength: items, maxLength: items }), { minLength: members, maxLength: members }),
      );
    fc.assert(
      fc.property(group, value, (rows, fairness) => {
        const all = rows.map((row) => Float64Array.from(row));
        const { places } = chooseForGroup(all, 3, 'fairness', fairness);
        expect(new Set(places).size).toBe(Math.min(3, rows[0]!.length));
        const objective = (list: readonly number[]) => {
          const utilities = rows.map((row) => {
            const most = Math.max(...row);
            return most > 0 ? list.reduce((sum, place) => sum + row[place]! / most, 0) / list.length : 0;
          });
          const mean = utilities.reduce((sum, utility) => sum + utility, 0) / utilities.length;
          const variance = utilities.reduce((sum, utility) => sum + (utility - mean) ** 2, 0) / utilities.length;
          return (1 - fairness) * mean + fairness * (1 - variance);
        };
        for (let n = 0; n < places.length; n++) {
          const [before, chosen] = [places.slice(0, n), objective(places.slice(0, n + 1))];
          for (const other of rows[0]!.keys())
            if (!before.includes(other)) expect(chosen).toBeGreaterThanOrEqual(objective([...before, other]) - 1e-12);
        }
        expect(places).toEqual(looked(all, 3, fairness));
        for (const row of all) {
          const satisfied = satisfactionOf(row, places);
          expect(satisfied).toBeGreaterThanOrEqual(0);
          expect(satisfied).toBeLessThanOrEqual(1 + 1e-12);
        }
      }),
    );
  });

  it('is the one of looking at every rating, also where many are equal', () => {
    const random = new RandomStream(5);
    for (const fairness of [0, 0.5, 0.9, 1])
      for (const levels of [3, 1000]) {
        const rows = Array.from({ length: 6 }, () =>
          Float64Array.from({ length: 400 }, () => Math.floor(random.uniform() * levels) / (levels - 1)),
        );
        expect(chooseForGroup(rows, 40, 'fairness', fairness).places).toEqual(looked(rows, 40, fairness));
      }
  });

  it('is whole for the most people and the longest list, of more items than can be looked at each time', () => {
    const random = new RandomStream(6);
    const rows = Array.from({ length: 50 }, () => Float64Array.from({ length: 8000 }, () => random.uniform()));
    const { places } = chooseForGroup(rows, 1000, 'fairness', 0.5);
    expect(new Set(places).size).toBe(1000);
    const better = rows.map((row) => satisfactionOf(row, places)).filter((satisfied) => satisfied > 0.5);
    expect(better).toHaveLength(50);
  });
});

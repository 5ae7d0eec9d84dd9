import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseForGroup, satisfactionOf } from '../../src/serving/groups/aggregate.ts';

/** What three people would give five items. */
const ratings = [
  [1.0, 0.9, 0.6, 0.1, 0.0],
  [0.9, 0.8, 0.6, 0.0, 0.2],
  [0.1, 0.2, 0.6, 0.5, 1.0],
].map((row) => Float64Array.from(row));

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
        for (const row of all) {
          const satisfied = satisfactionOf(row, places);
          expect(satisfied).toBeGreaterThanOrEqual(0);
          expect(satisfied).toBeLessThanOrEqual(1 + 1e-12);
        }
      }),
    );
  });
});

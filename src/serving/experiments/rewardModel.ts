/** What is expected of an item at a place, for the doubly robust estimate: it need not be right, only near. */
import { fitLogistic, type LogisticModel, sigmoid } from '../../compute/logistic.ts';
import { pointOf } from './split.ts';

/** What the expectation goes by: how popular the item is, what the version says of it for the user, and the place from 0. */
export type Features = readonly [people: number, score: number, place: number];

const row = ([people, score, place]: Features): number[] => [Math.log1p(people), score, Math.log1p(place)];
const columns = 3;

export interface RewardModel {
  /** The probability that a user takes an item: by what the users of the other half did, so that no list is judged by itself. */
  expect(user: string, features: Features): number;
}

export interface Observation {
  readonly user: string;
  readonly features: Features;
  readonly reward: number;
}

/** One logistic regression for each half of the users, on standardised columns. */
export function fitRewards(observations: readonly Observation[]): RewardModel {
  const rows = observations.map(({ features }) => row(features));
  const scale = Array.from({ length: columns }, (_, column) => {
    const values = rows.map((each) => each[column]!);
    const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
    const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length));
    return { mean, spread: spread || 1 };
  });
  const scaled = (values: readonly number[]): number[] =>
    values.map((value, column) => (value - scale[column]!.mean) / scale[column]!.spread);
  const halves = [0, 1].map((half): LogisticModel => {
    const others = observations.flatMap(({ user, reward }, n) =>
      halfOf(user) === half ? [] : [{ values: scaled(rows[n]!), reward }],
    );
    const table = Float64Array.from(others.flatMap(({ values }) => values));
    const rewards = others.map(({ reward }) => reward);
    return fitLogistic(table, rewards, columns, { l2: 1 });
  });
  return {
    expect(user, features) {
      const { bias, weights } = halves[halfOf(user)]!;
      return sigmoid(scaled(row(features)).reduce((sum, value, column) => sum + value * weights[column]!, bias));
    },
  };
}

const halfOf = (user: string): 0 | 1 => (pointOf(user, 'rewards') < 0.5 ? 0 : 1);

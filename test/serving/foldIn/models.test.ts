/** Fold-in beside what training gave: users that a version was trained with, as if it knew nothing of them but their edges. */
import { afterAll, describe, expect, it } from 'vitest';
import { openKernels } from '../../../src/compute/open.ts';
import { chebycf } from '../../../src/models/graph/chebycf.ts';
import { gfcf } from '../../../src/models/graph/gfcf.ts';
import { lightgcl } from '../../../src/models/graph/lightgcl.ts';
import { lightgcn } from '../../../src/models/graph/lightgcn.ts';
import { simgcl } from '../../../src/models/graph/simgcl.ts';
import { ultragcn } from '../../../src/models/graph/ultragcn.ts';
import { xsimgcl } from '../../../src/models/graph/xsimgcl.ts';
import type { ModelDefinition } from '../../../src/models/model.ts';
import { ease } from '../../../src/models/neighbor/ease.ts';
import { rp3beta } from '../../../src/models/neighbor/rp3beta.ts';
import { turbocf } from '../../../src/models/neighbor/turbocf.ts';
import { evenHistory } from '../../../src/serving/foldIn/history.ts';
import type { FoldedTaste, History } from '../../../src/serving/foldIn/taste.ts';
import { loadVersion, type PublishedVersion } from '../../../src/serving/published.ts';
import { type Ranking, rankingOf } from '../../../src/serving/ranking.ts';
import { trainPlanted, twoTastes } from '../../models/published.ts';

const kernels = openKernels({ threads: 2 });
afterAll(() => kernels.close());
const snapshot = twoTastes();

interface At {
  readonly published: PublishedVersion;
  readonly ranking: Ranking;
  /** What a user was trained with. */
  history(user: number): History;
}

async function withRanking(
  definition: ModelDefinition,
  options: object,
  use: (at: At) => void,
  epochs = 8,
): Promise<void> {
  const length = { epochs, patience: epochs, evaluateEvery: epochs };
  const { home, remove } = await trainPlanted(definition, snapshot, kernels, { ...options }, length);
  const published = loadVersion(home);
  const { train } = published;
  const ranking = rankingOf(published, kernels, undefined);
  try {
    const history = (user: number) =>
      evenHistory(train.indices.subarray(train.offsets[user]!, train.offsets[user + 1]!));
    use({ published, ranking, history });
  } finally {
    ranking.dispose();
    remove();
  }
}

const all = Int32Array.from({ length: snapshot.items.count }, (_, item) => item);

/** Scores of all items are those of the version, and so is the order. */
function expectOwn({ ranking }: At, taste: FoldedTaste, user: number, exclude: readonly number[]): void {
  const scores = taste.scores(all);
  for (const item of all)
    expect(Math.abs(scores[item]! - ranking.scores(user, Int32Array.of(item))[0]!)).toBeLessThan(1e-5);
  expect(taste.best(5, exclude).ids).toEqual(ranking.best(user, 5, exclude).ids);
}

const small = { dim: 16, batchSize: 64 };
const exact: readonly (readonly [ModelDefinition, object, string])[] = [
  [ease, { ridge: 5 }, 'item-weights'],
  [rp3beta, {}, 'item-weights'],
  [turbocf, {}, 'item-weights'],
  [gfcf, { rank: 6 }, 'filter'],
  [chebycf, { rank: 6 }, 'filter'],
  [simgcl, small, 'propagation'],
  [xsimgcl, small, 'propagation'],
];

describe('a user by her edges alone', () => {
  for (const [definition, options, how] of exact) {
    it(`has her published scores where ${definition.name} gives users nothing else`, async () => {
      await withRanking(definition, options, (at) => {
        for (const user of [0, 1, 17]) {
          const history = at.history(user);
          const taste = at.ranking.fold!(history)!;
          expect(taste.foldedIn).toEqual({ interactions: history.items.length, how });
          expectOwn(at, taste, user, [...history.items]);
          // The parts sum to the score.
          for (const item of [0, 9, 20]) {
            const { parts, own, bias } = taste.parts!(item);
            const sum = parts.reduce((total, part) => total + part, own + bias);
            expect(Math.abs(sum - taste.scores(Int32Array.of(item))[0]!)).toBeLessThan(1e-5);
          }
        }
      });
    });
  }

  for (const options of [
    { ...small, score: 'dot' },
    { ...small, loss: 'softmax', score: 'cosine' },
  ]) {
    it(`lacks her own vector in lightgcn with score ${options.score}, and says so; with it, has her published scores`, async () => {
      await withRanking(lightgcn, options, (at) => {
        for (const user of [0, 1, 17]) {
          const history = at.history(user);
          const stranger = at.ranking.fold!(history)!;
          expect(stranger.foldedIn).toMatchObject({ how: 'propagation', leftOut: 'own-vector' });
          const known = at.ranking.fold!(history, user)!;
          expect(known.foldedIn).toEqual({ interactions: history.items.length, how: 'propagation' });
          expectOwn(at, known, user, [...history.items]);
          const { parts, own, bias } = known.parts!(4);
          const sum = parts.reduce((total, part) => total + part, own + bias);
          expect(Math.abs(sum - at.ranking.scores(user, Int32Array.of(4))[0]!)).toBeLessThan(1e-5);
        }
      });
    });
  }

  it('has her published scores in lightgcl with her own vector', async () => {
    await withRanking(lightgcl, { ...small, rank: 3 }, (at) => {
      for (const user of [3, 8]) expectOwn(at, at.ranking.fold!(at.history(user), user)!, user, []);
    });
  });

  it('gets a vector by least squares where only training finds one, which says what she likes', async () => {
    const learn = ({ ranking, history }: At) => {
      for (const user of [0, 1, 17]) {
        const taste = ranking.fold!(history(user))!;
        expect(taste.foldedIn.how).toBe('least-squares');
        // Planted: even users like even items. The best that she has not done are of her colour.
        const done = [...history(user).items];
        for (const { ids } of [taste.best(3, done), ranking.best(user, 3, done)])
          expect(ids.map((item) => item % 2)).toEqual([user % 2, user % 2, user % 2]);
      }
    };
    await withRanking(ultragcn, small, learn, 100);
  });

  it('keeps what training found of her where her vector goes by least squares, and moves by what has come and gone', async () => {
    const learn = ({ published, ranking, history }: At) => {
      const { users, dim } = published.vectors!;
      for (const user of [0, 1, 17]) {
        const own = history(user);
        const same = ranking.fold!(own, user)!;
        for (const [d, value] of same.vector!.entries()) expect(value).toBeCloseTo(users[user * dim + d]!, 6);
        const done = [...own.items];
        const other = all.find((item) => item % 2 !== user % 2)!;
        const more = ranking.fold!(evenHistory([...done, other]), user)!;
        const scoreOf = (taste: FoldedTaste, item: number) => taste.scores(Int32Array.of(item))[0]!;
        expect(scoreOf(more, other)).toBeGreaterThan(scoreOf(same, other));
        // One thing of the other colour does not take her own from her.
        expect(more.best(3, [...done, other]).ids.map((item) => item % 2)).toEqual([user % 2, user % 2, user % 2]);
        const best = done.reduce((a, b) => (scoreOf(same, b) > scoreOf(same, a) ? b : a));
        const less = ranking.fold!(evenHistory(done.filter((item) => item !== best)), user)!;
        expect(scoreOf(less, best)).toBeLessThan(scoreOf(same, best));
      }
    };
    await withRanking(ultragcn, small, learn, 100);
  });

  it('counts entries as their weights say', async () => {
    for (const [definition, options] of [
      [ease, { ridge: 5 }],
      [gfcf, { rank: 6 }],
    ] as const) {
      await withRanking(definition, options, ({ ranking }) => {
        const of = (items: number[], weights: number[]) =>
          ranking.fold!({ items: Int32Array.from(items), weights: Float32Array.from(weights) })!.scores(all);
        const [both, first, second] = [of([2, 5], [0.25, 1]), of([2], [1]), of([5], [1])];
        for (const item of all) expect(both[item]!).toBeCloseTo(0.25 * first[item]! + second[item]!, 5);
      });
    }
    await withRanking(simgcl, small, ({ ranking }) => {
      // Every weight halved changes nothing but the length: the degree halves with them.
      const history = { items: Int32Array.of(2, 4, 6) };
      const [whole, half] = [history, { ...history, weights: new Float32Array(3).fill(0.5) }].map((each) =>
        ranking.fold!(each)!.best(4, []),
      );
      expect(half!.ids).toEqual(whole!.ids);
    });
  });

  it('is nothing where the history says nothing', async () => {
    for (const definition of [ease, gfcf, simgcl, ultragcn] as const) {
      const options = definition === ease || definition === gfcf ? {} : small;
      await withRanking(definition, options, ({ ranking }) => {
        expect(ranking.fold!(evenHistory([]))).toBeUndefined();
      });
    }
  });
});

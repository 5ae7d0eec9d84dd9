/** What holds of every re-ranker, whatever list it is given. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TastegraphError } from '../../../src/errors.ts';
import { type RerankerConfig, type RerankerKind, rerankerSchema } from '../../../src/options.ts';
import { RandomStream } from '../../../src/random.ts';
import { checkReranker, rerankerOf } from '../../../src/serving/reranking/rerankers.ts';
import type { Candidate } from '../../../src/serving/stages/candidate.ts';
import { contextOf, day, idOf, itemsOf, now, type PlantedItem } from './lists.ts';

/** Configs of each kind: what changes nothing, and what does. */
const kinds: { readonly [K in RerankerKind]: { readonly neutral: object; readonly others: readonly object[] } } = {
  available: { neutral: {}, others: [{ maxAgeDays: 50 }, { hidden: [idOf(0), idOf(3), 'unknown'] }] },
  calibration: {
    neutral: { feature: 'genre', strength: 0 },
    others: [{ feature: 'genre' }, { feature: 'genre', strength: 1 }],
  },
  cap: {
    neutral: { feature: 'genre', max: 1000 },
    others: [
      { feature: 'genre', max: 1 },
      { feature: 'genre', max: 1, window: 3 },
      { feature: 'genre', max: 2, over: 'remove' },
      { feature: 'genre', max: 1, window: 2, over: 'remove' },
    ],
  },
  dpp: { neutral: { strength: 0 }, others: [{ strength: 0.5 }, { strength: 1, by: 'features', feature: 'genre' }] },
  'epsilon-greedy': { neutral: { epsilon: 0 }, others: [{ epsilon: 0.5 }, { epsilon: 1, among: 3 }] },
  fairness: {
    neutral: { proportion: 0 },
    others: [{ proportion: 0.9 }, { protect: 'feature', feature: 'genre', value: 'a', proportion: 0.5 }],
  },
  features: {
    neutral: {},
    others: [
      { include: [{ kind: 'genre', values: ['a', 'b'] }] },
      { exclude: [{ kind: 'genre', values: ['c'] }], include: [{ kind: 'genre', values: ['a'] }] },
    ],
  },
  freshness: { neutral: { boost: 0 }, others: [{ boost: 1 }] },
  impressions: { neutral: { decay: 0 }, others: [{ decay: 1 }] },
  mmr: { neutral: { strength: 0 }, others: [{ strength: 0.5 }, { strength: 1, by: 'features', feature: 'genre' }] },
  pins: {
    neutral: { items: [] },
    others: [
      {
        items: [
          { item: idOf(2), position: 1 },
          { item: idOf(0), position: 9 },
        ],
      },
    ],
  },
  'plackett-luce': { neutral: { temperature: 0 }, others: [{ temperature: 0.1 }, { temperature: 10, among: 4 }] },
  popularity: { neutral: { power: 0 }, others: [{ power: 1 }] },
};
/** Those that may take items out. */
const removing = (config: RerankerConfig): boolean =>
  config.kind === 'available' || config.kind === 'features' || (config.kind === 'cap' && config.over === 'remove');

const item: fc.Arbitrary<PlantedItem> = fc.record({
  genres: fc.subarray(['a', 'b', 'c']),
  at: fc.integer({ min: now - 100 * day, max: now + 5 * day }),
  vector: fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 3, maxLength: 3 }),
  people: fc.nat(100),
});
const world = fc.record({
  // The first item has a genre, so that there is that kind of feature.
  items: fc.array(item, { maxLength: 30 }).map((others): PlantedItem[] => [{ genres: ['a'] }, ...others]),
  scores: fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 31, maxLength: 31 }),
  wanted: fc.integer({ min: 1, max: 40 }),
  seed: fc.nat(),
  start: fc.nat(30),
});
type World = typeof world extends fc.Arbitrary<infer T> ? T : never;

function given({ items, scores, wanted, seed, start }: World) {
  const draws = new RandomStream(seed);
  const context = contextOf(items, {
    wanted,
    random: () => draws.uniform(),
    asker: {
      deeds: [{ item: 0, type: 'rating', value: 5 }],
      shown: new Map([[0, { times: 3, last: now - day }]]),
    },
  });
  const order = items.map((_, place) => (place + start) % items.length);
  const falling = scores.slice(0, items.length).sort((a, b) => b - a);
  const candidates: Candidate[] = order.map((index, place) => ({ item: index, score: falling[place]!, from: [] }));
  return { context, candidates };
}
const deepFreeze = (candidates: readonly Candidate[]) => Object.freeze(candidates.map((each) => Object.freeze(each)));

describe.each(Object.keys(kinds) as RerankerKind[])('%s', (kind) => {
  const { neutral, others } = kinds[kind];
  const configs = others.map((other) => rerankerSchema.parse({ kind, ...other }));

  it('adds nothing, doubles nothing, changes nothing it is given, and says what it takes out', () => {
    fc.assert(
      fc.property(world, fc.constantFrom(...configs), (planted, config) => {
        const { context, candidates } = given(planted);
        const { candidates: list, removed, propensities } = rerankerOf(config).apply(deepFreeze(candidates), context);
        const all = [...itemsOf(list), ...removed.map(({ item }) => item)];
        expect(all.toSorted((a, b) => a - b)).toEqual(itemsOf(candidates).sort((a, b) => a - b));
        if (!removing(config)) expect(removed).toEqual([]);
        for (const { stage, because } of removed) expect([stage, because.length > 0]).toEqual([kind, true]);
        // Highest first, and every number a number.
        for (const [place, { score }] of list.entries())
          expect(score).toBeLessThanOrEqual(list[place - 1]?.score ?? Infinity);
        for (const [index, propensity] of propensities ?? []) {
          expect(itemsOf(list)).toContain(index);
          expect(propensity).toBeGreaterThan(0);
          expect(propensity).toBeLessThanOrEqual(1);
        }
      }),
      { seed: 11 },
    );
  });

  it('changes nothing at its neutral value', () => {
    const config = rerankerSchema.parse({ kind, ...neutral });
    fc.assert(
      fc.property(world, (planted) => {
        const { context, candidates } = given(planted);
        const { candidates: list, removed, propensities } = rerankerOf(config).apply(candidates, context);
        expect(list).toEqual(candidates);
        expect(removed).toEqual([]);
        expect(new Set(propensities?.values())).toEqual(new Set(propensities && list.length > 0 ? [1] : []));
      }),
      { seed: 12 },
    );
  });

  it('gives the same list for the same seed', () => {
    fc.assert(
      fc.property(world, fc.constantFrom(...configs), (planted, config) => {
        const [one, other] = [given(planted), given(planted)];
        const reranker = rerankerOf(config);
        expect(reranker.apply(one.candidates, one.context)).toEqual(reranker.apply(other.candidates, other.context));
      }),
      { seed: 13, numRuns: 30 },
    );
  });
});

describe('re-rankers', () => {
  it('are told apart by kind, and an unknown option is refused', () => {
    expect(rerankerSchema.safeParse({ kind: 'mmr', strenght: 0.1 }).success).toBe(false);
    expect(rerankerSchema.safeParse({ kind: 'mmr', by: 'features' }).success).toBe(false);
    expect(rerankerSchema.safeParse({ kind: 'fairness', protect: 'feature' }).success).toBe(false);
    expect(rerankerSchema.safeParse({ kind: 'none' }).success).toBe(false);
    const twice = [1, 2].map((position) => ({ item: 'x', position }));
    expect(rerankerSchema.safeParse({ kind: 'pins', items: twice }).success).toBe(false);
  });

  it('say before the first request what a version lacks', () => {
    const bare = contextOf([{ genres: ['a'] }], { bare: true });
    const check = (config: object) => checkReranker(rerankerOf(rerankerSchema.parse(config)), bare);
    const codeOf = (config: object): unknown => {
      try {
        check(config);
      } catch (thrown) {
        return thrown instanceof TastegraphError && [thrown.code, thrown.message];
      }
      return undefined;
    };
    expect(codeOf({ kind: 'mmr', by: 'features', feature: 'genre' })).toBeUndefined();
    expect(codeOf({ kind: 'dpp' })).toMatchObject(['reranking/no-vectors', expect.stringContaining('planted-version')]);
    for (const config of [
      { kind: 'cap', feature: 'maker' },
      { kind: 'calibration', feature: 'maker' },
      { kind: 'mmr', by: 'features', feature: 'maker' },
      { kind: 'fairness', protect: 'feature', feature: 'maker', value: 'x' },
    ])
      expect(codeOf(config)).toMatchObject(['reranking/no-feature', expect.stringContaining('genre')]);
  });
});

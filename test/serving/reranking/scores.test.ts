/** What goes by scores of its own, or by items: freshness, popularity, impressions, pins, availability. */
import { describe, expect, it } from 'vitest';
import { rerankerSchema } from '../../../src/options.ts';
import { rerankerOf } from '../../../src/serving/reranking/rerankers.ts';
import { contextOf, day, idOf, itemsOf, listOf, now, type PlantedContext, type PlantedItem } from './lists.ts';

const shaped = (config: object, scores: readonly number[], items: readonly PlantedItem[], given: PlantedContext = {}) =>
  rerankerOf(rerankerSchema.parse(config)).apply(listOf(...scores), contextOf(items, given));
const scoresOf = (result: ReturnType<typeof shaped>): [item: number, score: number][] =>
  result.candidates.map(({ item, score }) => [item, Number(score.toPrecision(12))]);

describe('freshness', () => {
  it('adds a share of the range of scores that halves with age', () => {
    const config = { kind: 'freshness', boost: 0.5, halfLifeDays: 10 };
    const items = [{}, { at: now - 20 * day }, { at: now - 10 * day }, { at: now + day }];
    // Range 4: a new item gains 2, one of ten days 1, one of twenty ½; unknown ages nothing.
    expect(scoresOf(shaped(config, [2, 1, 0, -2], items))).toEqual([
      [0, 2],
      [1, 1.5],
      [2, 1],
      [3, 0],
    ]);
    expect(itemsOf(shaped(config, [1, 1, 1, 1], items).candidates)).toEqual([3, 2, 1, 0]);
  });
});

describe('popularity', () => {
  it('divides the score by a power of how many chose the item', () => {
    const items = [{ people: 99 }, { people: 24 }, { people: 0 }];
    // Counted from −1: 4, 3, 0; factors (1 / 100)^½, (1 / 25)^½, 1.
    expect(scoresOf(shaped({ kind: 'popularity', power: 0.5 }, [3, 2, -1], items))).toEqual([
      [1, -0.4],
      [0, -0.6],
      [2, -1],
    ]);
  });
});

describe('impressions', () => {
  it('discount by how often and how long ago an item was shown without effect', () => {
    const config = { kind: 'impressions', decay: Math.LN2, halfLifeDays: 10 };
    const shown = new Map([
      [0, { times: 2, last: now }], // factor ¼
      [1, { times: 1, last: now - 10 * day }], // 1 − ½ · ½
      [2, { times: 1, last: now + day }], // clocks differ: as if now
    ]);
    expect(scoresOf(shaped(config, [8, 7.5, 3.5, 1, 0], [{}, {}, {}, {}, {}], { asker: { shown } }))).toEqual([
      [1, 5.625],
      [0, 2],
      [2, 1.75],
      [3, 1],
      [4, 0],
    ]);
    expect(itemsOf(shaped(config, [3, 2], [{}, {}]).candidates)).toEqual([0, 1]);
  });
});

describe('pins', () => {
  const pin = (item: string, position: number) => ({ item, position });

  it('stand where they are pinned, and all others around them as they stood', () => {
    const items = [pin(idOf(4), 2), pin(idOf(3), 1), pin('unknown', 3), pin(idOf(0), 4)];
    const { candidates } = shaped({ kind: 'pins', items }, [5, 4, 3, 2, 1, 0], [{}, {}, {}, {}, {}, {}]);
    expect(itemsOf(candidates)).toEqual([3, 4, 1, 0, 2, 5]);
    expect(candidates.map(({ score }) => score)).toEqual([5, 4, 3, 2, 1, 0]);
  });

  it('come last where their place is beyond the end, and not at all where the item was taken out', () => {
    const config = { kind: 'pins', items: [pin(idOf(0), 9), pin(idOf(3), 1)] };
    const reranker = rerankerOf(rerankerSchema.parse(config));
    expect(reranker.items).toEqual([idOf(0), idOf(3)]);
    const list = listOf(3, 2, 1); // without item 3
    expect(itemsOf(reranker.apply(list, contextOf([{}, {}, {}, {}])).candidates)).toEqual([1, 2, 0]);
  });
});

describe('what is available', () => {
  it('is neither left out, hidden, marked, nor expired; each with its reason', () => {
    const expires = (value: string) => ({ features: [{ kind: 'expires', value }] });
    const items: PlantedItem[] = [
      {},
      {},
      {},
      { available: false },
      { at: now - 31 * day },
      { at: now - 29 * day },
      expires('2025-12-31'),
      expires(String(now + 1)),
      expires('some day'),
    ];
    const config = { kind: 'available', hidden: [idOf(2)], maxAgeDays: 30, expiryFeature: 'expires' };
    const { candidates, removed } = shaped(config, [9, 8, 7, 6, 5, 4, 3, 2, 1], items, {
      asker: { left: new Set([1]) },
    });
    expect(itemsOf(candidates)).toEqual([0, 5, 7, 8]);
    expect(removed.map(({ item, because }) => [item, because])).toEqual([
      [1, 'it is left out for this asker'],
      [2, 'it is hidden from everybody'],
      [3, 'it is marked unavailable'],
      [4, 'it came out more than 30 days ago'],
      [6, 'its expires is past'],
    ]);
    expect(itemsOf(shaped(config, [1], [{}]).candidates)).toEqual([0]); // where nothing expires at present
  });
});

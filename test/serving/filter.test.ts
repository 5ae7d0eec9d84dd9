/** The language of filters: what it takes, what it refuses and where, and which items pass. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DataRecord } from '../../src/data/records.ts';
import { SnapshotBuilder } from '../../src/sampling/builder.ts';
import { filterItems } from '../../src/serving/filter/items.ts';
import { type Filter, type Operator, parseFilter, printFilter } from '../../src/serving/filter/language.ts';
import { passes } from '../../src/serving/filter/resources.ts';

const name = fc.oneof(
  fc.constantFrom('genre', 'year', 'AND', 'NOT', 'in', 'a b', '"', '\\', 'ü', '1990', '-1.5', ''),
  fc.string({ unit: 'grapheme', maxLength: 5 }),
);
const operator = fc.constantFrom<Operator>(':', '!=', '<', '<=', '>', '>=');
const { filter } = fc.letrec<{ filter: Filter }>((tie) => {
  const several = fc.array(tie('filter'), { minLength: 2, maxLength: 3 });
  return {
    filter: fc.oneof(
      { maxDepth: 4 },
      fc.record({ kind: fc.constant('compare' as const), field: name, operator, value: name }),
      fc.record({
        kind: fc.constant('in' as const),
        field: name,
        values: fc.array(name, { minLength: 1, maxLength: 3 }),
      }),
      fc.record({ kind: fc.constant('not' as const), of: tie('filter') }),
      fc.record({ kind: fc.constantFrom('and' as const, 'or' as const), of: several }),
    ),
  };
});

describe('the language', () => {
  it('reads what it prints', () => {
    fc.assert(
      fc.property(filter, (given) => {
        expect(parseFilter(printFilter(given))).toEqual(given);
      }),
      {
        seed: 7,
        numRuns: 500,
      },
    );
  });

  it('never fails on any text but with a position in it', () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 20 }),
      fc
        .array(fc.constantFrom('a', ':', 'AND', 'OR', 'NOT', 'IN', '(', ')', ',', '"', ' ', '<='), { maxLength: 12 })
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (given) => {
        try {
          parseFilter(given);
        } catch (thrown) {
          const { code, details } = thrown as { code: string; details: { position: number } };
          expect(code).toBe('filter/invalid');
          expect(details.position).toBeGreaterThanOrEqual(1);
          expect(details.position).toBeLessThanOrEqual(given.length + 1);
        }
      }),
      { seed: 7, numRuns: 500 },
    );
  });

  it('says where it stops understanding', () => {
    for (const [text, position, problem] of [
      ['', 1, 'a field was expected, the filter ends'],
      ['genre:Action AND', 17, 'a field was expected, the filter ends'],
      ['genre Action', 7, 'one of : = != < <= > >= or IN was expected'],
      ['genre:', 7, 'a value was expected'],
      ['(a:1 OR b:2', 12, "')' was expected"],
      ['a:1 b:2', 5, 'AND, OR or the end was expected'],
      ['a:1 AND "open', 9, 'a quote is not closed'],
      ['a:1 AND b:{', 11, 'this is no part of a filter'],
      ['a IN ()', 7, 'a value was expected'],
      [`${'('.repeat(60)}a:1${')'.repeat(60)}`, 52, 'more than 50'],
    ] as const)
      expect(() => parseFilter(text), text).toThrow(
        expect.objectContaining({
          code: 'filter/invalid',
          details: { position, problem: expect.stringContaining(problem) as string },
        }),
      );
  });

  it('binds NOT before AND before OR', () => {
    expect(printFilter(parseFilter('a:1 OR NOT b=2 AND c IN (3,"x y")'))).toBe('a:1 OR (NOT b:2 AND c IN (3, "x y"))');
  });
});

describe('items that pass', () => {
  const films = [
    { id: 'heat', title: 'Heat', at: Date.UTC(1995, 11, 15), genre: ['Action', 'Crime'], year: '1995' },
    { id: 'ran', title: 'Ran', at: Date.UTC(1985, 4, 31), genre: ['Drama'], year: '1985' },
    { id: 'gone', title: 'Gone', available: false, genre: ['Action'], year: '2001' },
    { id: 'bare', genre: [], year: undefined },
  ];
  const features = ({ genre, year }: (typeof films)[number]) => [
    ...genre.map((value) => ({ kind: 'genre', value })),
    ...(year ? [{ kind: 'year', value: year }] : []),
  ];
  const snapshot = (() => {
    const builder = new SnapshotBuilder();
    for (const film of films) {
      const { id, title, at, available } = film;
      builder.add({
        kind: 'item',
        id,
        ...(title && { title }),
        ...(at && { at }),
        ...(available === false && { available }),
        features: features(film),
      } as DataRecord);
    }
    return builder.build({ asOf: 0, source: 'generated' });
  })();
  const resources = films.map((film) => ({ available: true, attributes: {}, ...film, features: features(film) }));
  const passing = (text: string) => {
    const bits = filterItems(snapshot, text);
    const ids = [...bits.keys()].filter((item) => bits[item] === 1).map((item) => snapshot.items.id(item));
    return ids.sort();
  };

  it.each([
    ['genre:Action', ['gone', 'heat']],
    ['genre:Action AND NOT available:false', ['heat']],
    ['genre!=Action', ['bare', 'ran']],
    ['year>=1990', ['gone', 'heat']],
    ['year<1990 OR title=Gone', ['gone', 'ran']],
    ['year:1995.0', ['heat']],
    ['id IN (ran, bare, nothing)', ['bare', 'ran']],
    ['at>=1990-01-01', ['heat']],
    ['at<"1985-06-01T00:00:00Z"', ['ran']],
    ['NOT (genre:Drama OR genre:Crime)', ['bare', 'gone']],
    ['title:bare', ['bare']],
  ] as const)('%s', (text, ids) => {
    expect(passing(text)).toEqual([...ids]);
    // Lists of the graph say the same of the same items, one by one.
    const alone = resources.filter((item) => passes(parseFilter(text), 'item', item as never)).map(({ id }) => id);
    expect(alone.sort()).toEqual([...ids]);
  });

  it.each([
    ['colour:red', "there is no field 'colour'. There are: id, title, at, available, genre, year"],
    ['genre>Action', "'genre' is text and has no order"],
    ['available:maybe', "'available' is true or false"],
    ['year>=soon', "'year' is a number"],
    ['at<yesterday', "'at' is a moment"],
  ])('refuses %s', (text, problem) => {
    expect(() => filterItems(snapshot, text)).toThrow(
      expect.objectContaining({
        code: 'filter/type',
        details: { comparison: text.replace('>=soon', '>=soon'), problem: expect.stringContaining(problem) as string },
      }),
    );
  });
});

/** Items that are otherwise than in a snapshot: filters judge them as if the snapshot were of now, and no more are kept than may be. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contentsOf, type ItemContent } from '../../src/graph/itemContents.ts';
import { SnapshotBuilder } from '../../src/sampling/builder.ts';
import type { Snapshot } from '../../src/sampling/snapshot.ts';
import { filterItems } from '../../src/serving/filter/items.ts';
import { type Filter, type Operator, printFilter } from '../../src/serving/filter/language.ts';
import { passes } from '../../src/serving/filter/resources.ts';
import { LiveItems, type LiveView } from '../../src/serving/liveItems.ts';

interface Film {
  readonly title: string | null;
  readonly at: number | null;
  readonly features: readonly (readonly [kind: string, value: string])[];
}

const featuresOf = ({ features }: Film) => features.map(([kind, value]) => ({ kind, value }));
const said = ({ title, at }: Film) => ({ ...(title !== null && { title }), ...(at !== null && { at }) });
const nameOf = (n: number): string => `film-${String(n).padStart(3, '0')}`;
function snapshotOf(films: readonly Film[]): Snapshot {
  const builder = new SnapshotBuilder();
  for (const [n, film] of films.entries())
    builder.add({ kind: 'item', id: nameOf(n), ...said(film), features: featuresOf(film) });
  return builder.build({ asOf: 0, source: 'generated' });
}
const contentOf = (id: string, film: Film): [string, ItemContent] => [
  id,
  contentsOf([{ id, ...film, features: film.features }]).get(id)!,
];
const passing = (view: LiveView, text: string): string[] => {
  const { snapshot } = view;
  const now = { availability: () => view.current, contents: () => view.contents };
  const bits = filterItems(snapshot, text, now);
  return [...bits.keys()].filter((item) => bits[item] === 1).map((item) => snapshot.items.id(item));
};

const feature = fc.oneof(
  fc.tuple(fc.constant('genre'), fc.constantFrom('Drama', 'Comedy', 'Adult')),
  fc.tuple(fc.constant('year'), fc.constantFrom('1985', '1995', '2001')),
);
const film: fc.Arbitrary<Film> = fc.record({
  title: fc.option(fc.constantFrom('Heat', 'Ran')),
  at: fc.option(fc.constantFrom(0, 1000, 2000)),
  features: fc.uniqueArray(feature, { maxLength: 4, selector: String }),
});
const change = fc.record({ item: fc.nat(7), film });
const equal = fc.constantFrom<Operator>(':', '!=');
const any = fc.constantFrom<Operator>(':', '!=', '<', '<=', '>', '>=');
const comparison = fc.oneof(
  fc.record({ field: fc.constant('genre'), operator: equal, value: fc.constantFrom('Drama', 'Adult', 'Other') }),
  fc.record({ field: fc.constant('year'), operator: any, value: fc.constantFrom('1995', '1995.0', '2000') }),
  fc.record({ field: fc.constant('title'), operator: equal, value: fc.constantFrom('Heat', 'film-001') }),
  fc.record({ field: fc.constant('at'), operator: any, value: fc.constantFrom('1000', '1970-01-01') }),
);
const { filter } = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3 },
    comparison.map((each) => ({ kind: 'compare' as const, ...each })),
    fc.record({ kind: fc.constant('not' as const), of: tie('filter') }),
    fc.record({
      kind: fc.constantFrom('and' as const, 'or' as const),
      of: fc.array(tie('filter'), { minLength: 2, maxLength: 3 }),
    }),
  ),
}));

/** One of each kind, so that both snapshots know what is text and what is a number; it never changes. */
const known: Film = {
  title: null,
  at: null,
  features: [
    ['genre', 'Drama'],
    ['year', '1985'],
  ],
};

describe('filters', () => {
  it('judge items as they are now, after any changes in any order', () => {
    const world = fc.array(film, { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(
        world,
        fc.array(fc.array(change, { maxLength: 4 }), { maxLength: 4 }),
        filter,
        (films, steps, asked) => {
          const live = new LiveItems();
          const view = live.over(snapshotOf([...films, known]));
          const now = [...films, known];
          const text = printFilter(asked);
          for (const step of [[], ...steps]) {
            for (const { item, film } of step) now[item] = film;
            live.takeContents(new Map(step.map(({ item }) => contentOf(nameOf(item), now[item]!))));
            const alone = now.flatMap((one, n) => {
              const id = nameOf(n);
              const node = { id, ...said(one), available: true, features: featuresOf(one), attributes: {} };
              return passes(asked, 'item', node) ? id : [];
            });
            expect(passing(view, text)).toEqual(alone);
            expect(passing(new LiveItems().over(snapshotOf(now)), text)).toEqual(alone);
          }
          // A version that comes later is judged by the same; and what is as in its snapshot is no change to it.
          expect(passing(live.over(view.snapshot), text)).toEqual(passing(view, text));
          expect(live.over(snapshotOf(now)).contents.changed.size).toBe(0);
        },
      ),
      { seed: 11, numRuns: 100 },
    );
  });

  it('know kinds that no item of the snapshot has, and values of another type', () => {
    const live = new LiveItems();
    const view = live.over(snapshotOf([known, known]));
    expect(() => passing(view, 'category:foo')).toThrow(expect.objectContaining({ code: 'filter/type' }));
    live.takeContents(new Map([contentOf('film-000', { ...known, features: [['category', 'foo']] })]));
    expect(passing(view, 'category:foo')).toEqual(['film-000']);
    expect(passing(view, 'NOT category:foo')).toEqual(['film-001']);
    expect(passing(view, 'year:1985')).toEqual(['film-001']);
    expect(() => passing(view, 'year:unknown')).toThrow(expect.objectContaining({ code: 'filter/type' }));
    live.takeContents(new Map([contentOf('film-000', { ...known, features: [['year', 'unknown']] })]));
    expect(passing(view, 'year:unknown')).toEqual(['film-000']);
    expect(passing(view, 'year<=1985')).toEqual(['film-001']); // numbers have their order still
    expect(passing(view, 'year!=1985')).toEqual(['film-000']);
    // Of an item that the snapshot lacks the kind is known too, and no list can have it.
    live.takeContents(new Map([contentOf('later', { ...known, features: [['mood', 'slow']] })]));
    expect(passing(view, 'mood:slow')).toEqual([]);
    live.takeContents(new Map(), ['film-000', 'later']);
    expect(passing(view, 'year:1985')).toEqual(['film-000', 'film-001']);
    expect(() => passing(view, 'mood:slow')).toThrow(expect.objectContaining({ code: 'filter/type' }));
  });

  it('keep what they found until an item changes, and others are told of nothing', () => {
    const live = new LiveItems();
    const heard: string[] = [];
    live.onChange((what) => heard.push(what));
    const view = live.over(snapshotOf([known, known]));
    const now = { availability: () => view.current, contents: () => view.contents };
    const ask = () => filterItems(view.snapshot, 'genre:Drama', now);
    const before = ask();
    expect(ask()).toBe(before);
    live.takeContents(new Map([contentOf('film-001', { ...known, features: [['genre', 'Adult']] })]));
    expect(heard).toEqual(['contents']);
    const after = ask();
    expect([...after]).toEqual([1, 0]);
    live.takeContents(new Map([contentOf('film-001', { ...known, features: [['genre', 'Adult']] })]));
    live.take(new Map([['film-000', 'unavailable']]));
    expect(heard).toEqual(['contents', 'shown']);
    expect(ask()).toBe(after);
    expect([...before]).toEqual([1, 1]); // who holds it goes on with it
  });
});

describe('what is kept', () => {
  it('is bounded: first goes what is no news to any version, then what changed first', () => {
    const live = new LiveItems(20);
    const view = live.over(snapshotOf(Array.from({ length: 60 }, () => known)));
    const adult = { ...known, features: [['genre', 'Adult']] as const };
    const say = (ids: readonly number[], film: Film) =>
      live.takeContents(new Map(ids.map((n) => contentOf(nameOf(n), film))));
    const range = (from: number, end: number) => Array.from({ length: end - from }, (_, n) => from + n);
    say(range(0, 10), adult);
    say(range(10, 40), known); // as the snapshot has them
    expect(passing(view, 'genre:Adult')).toEqual(range(0, 10).map(nameOf));
    expect([...live.contentIds()]).toHaveLength(18);
    say(range(40, 60), adult);
    expect(passing(view, 'genre:Adult')).toEqual(range(42, 60).map(nameOf));
  });
});

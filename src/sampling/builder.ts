/** Builds a snapshot from records in any order: from files, from the graph, generated. */
import type { SharedAllocator } from '../compute/csr.ts';
import type { DataRecord, FeatureValue, Part } from '../data/records.ts';
import { TastegraphError } from '../errors.ts';
import { sealArrays, snapshotOf } from './arrays.ts';
import { Column, GatheredInteractions, Numbering, wellFormed } from './columns.ts';
import { type ArrayOf, type ElementType, ownMemory, type SharedArray, sharedArray } from './memory.ts';
import { canonicalOrder } from './order.ts';
import { relationOf, transpose } from './relations.ts';
import { type GraphMark, partCodes, type Snapshot } from './snapshot.ts';
import { encodeStrings } from './strings.ts';

export interface BuildOptions {
  /** ms since 1970 of the moment the content is of. */
  readonly asOf: number;
  /** 'neo4j', 'files', 'generated'. */
  readonly source: string;
  readonly mark?: GraphMark;
  readonly allocator?: SharedAllocator;
}

const mostTypes = 256;

class Edges {
  readonly from = new Column('i32');
  readonly to = new Column('i32');
  readonly weights = new Column('f32');

  push(from: number, to: number, weight: number): void {
    this.from.push(from);
    this.to.push(to);
    this.weights.push(weight + 0); // −0 becomes 0, so that equal content has equal bytes
  }
}

/** The places of numbers. */
function renumber<A extends Int32Array | Uint8Array>(numbers: A, places: Int32Array): A {
  const renumbered = numbers.slice() as A;
  for (let i = 0; i < renumbered.length; i++) renumbered[i] = places[renumbered[i]!]!;
  return renumbered;
}

/**
 * Nodes are numbered as they come (`user('a')` → 0, …) and edges given by those numbers; `build` renumbers all in the
 * canonical order. Holds 22 bytes an interaction, and some 30 more while it builds. What is said twice counts once, the
 * last time it was said.
 */
export class SnapshotBuilder {
  readonly #users = new Numbering();
  readonly #items = new Numbering();
  readonly #features = new Numbering();
  readonly #types = new Numbering();
  readonly #kinds: string[] = []; // by feature number
  readonly #titles: string[] = []; // by item number, with holes
  readonly #itemTimes: number[] = []; // by item number, with holes
  readonly #unavailable = new Set<number>();
  readonly #interactions = new GatheredInteractions();
  readonly #contexts = new Column('i32');
  /** Where each interaction's context ends; of all that were given before the first that has one, it is 0. */
  readonly #contextEnds = new Column('i32');
  readonly #userFeatures = new Edges();
  readonly #itemFeatures = new Edges();
  readonly #trust = new Edges();

  user(id: string): number {
    return this.#users.number(id);
  }

  item(id: string): number {
    return this.#items.number(id);
  }

  /** The number of a user or an item that was named before. */
  known(kind: 'user' | 'item', id: string): number | undefined {
    return (kind === 'user' ? this.#users : this.#items).known(id);
  }

  feature(kind: string, value: string): number {
    const number = this.#features.number(`${kind}:${value}`);
    this.#kinds[number] ??= wellFormed(kind);
    return number;
  }

  /** The feature of a key 'kind:value'. */
  featureOf(key: string): number {
    const colon = key.indexOf(':');
    return this.feature(key.slice(0, colon), key.slice(colon + 1));
  }

  /** A kind of interaction. Errors: options/invalid, over 256 kinds, which is a column taken for another. */
  type(name: string): number {
    const number = this.#types.number(name);
    if (number < mostTypes) return number;
    const problem = `the column holds more than ${mostTypes} kinds of interaction, so it is hardly the type`;
    throw new TastegraphError('options/invalid', { name: 'typeColumn', where: 'the data', problem, given: name });
  }

  /** Nodes and type by number; `at` in ms since 1970, finite, of which the whole ones count, as in the graph. */
  interaction(
    user: number,
    item: number,
    type: number,
    at: number,
    value: number,
    part?: Part,
    context?: readonly number[],
  ): void {
    if (context && context.length > 0) {
      const contexts = this.#contexts;
      while (this.#contextEnds.length < this.#interactions.length) this.#contextEnds.push(contexts.length);
      for (const feature of context) contexts.push(feature);
      this.#contextEnds.push(contexts.length);
    }
    const code = part ? partCodes[part] : partCodes.none;
    this.#interactions.push(user, item, type, value + 0, Math.trunc(at) + 0, code);
  }

  /** The same for several items of one user, which differ in nothing else and have no context. */
  interactionsAlike(user: number, items: Int32Array, type: number, at: number, value: number, part?: Part): void {
    const code = part ? partCodes[part] : partCodes.none;
    this.#interactions.pushAlike(user, items, type, value + 0, Math.trunc(at) + 0, code);
  }

  /** What is left out stays as it was said before. */
  describeItem(
    item: number,
    is: { readonly title?: string; readonly at?: number; readonly available?: boolean },
  ): void {
    if (is.title !== undefined) this.#titles[item] = wellFormed(is.title);
    if (is.at !== undefined) this.#itemTimes[item] = Math.trunc(is.at) + 0;
    if (is.available === false) this.#unavailable.add(item);
    if (is.available === true) this.#unavailable.delete(item);
  }

  userFeature(user: number, feature: number, weight = 1): void {
    this.#userFeatures.push(user, feature, weight);
  }

  itemFeature(item: number, feature: number, weight = 1): void {
    this.#itemFeatures.push(item, feature, weight);
  }

  trust(user: number, trusted: number, weight = 1): void {
    this.#trust.push(user, trusted, weight);
  }

  add(record: DataRecord): void {
    switch (record.kind) {
      case 'interaction': {
        const { user, item, type, at, value, part, context } = record;
        const features = context?.map((has) => this.#featureOf(has));
        this.interaction(this.user(user), this.item(item), this.type(type), at, value, part, features);
        return;
      }
      case 'user': {
        const user = this.user(record.id);
        for (const has of record.features) this.userFeature(user, this.#featureOf(has), has.weight);
        return;
      }
      case 'item': {
        const item = this.item(record.id);
        this.describeItem(item, record);
        for (const has of record.features) this.itemFeature(item, this.#featureOf(has), has.weight);
        return;
      }
      case 'trust':
        this.trust(this.user(record.user), this.user(record.trusted), record.weight);
    }
  }

  get interactions(): number {
    return this.#interactions.length;
  }

  /** The snapshot of all that was given. Equal content gives equal digests, in whatever order it came. */
  build({ asOf, source, mark, allocator = ownMemory }: BuildOptions): Snapshot {
    const users = this.#users.sorted();
    const items = this.#items.sorted();
    const features = this.#features.sorted();
    const types = this.#types.sorted();
    const kindNames = [...new Set(this.#kinds)].sort();
    const arrays: Record<string, SharedArray> = {};
    const place = (name: string, strings: readonly string[]): void => {
      const { offsets, bytes } = encodeStrings(strings, allocator);
      arrays[`${name}.offsets`] = offsets;
      arrays[`${name}.bytes`] = bytes;
    };
    const filled = <T extends ElementType>(type: T, length: number, element: (index: number) => number): ArrayOf<T> => {
      const array = sharedArray(type, length, allocator);
      for (let index = 0; index < length; index++) array[index] = element(index);
      return array;
    };
    const byPlace = (places: Int32Array): Int32Array => {
      const numbers = new Int32Array(places.length);
      for (let number = 0; number < places.length; number++) numbers[places[number]!] = number;
      return numbers;
    };

    place('users.ids', users.names);
    const itemAt = byPlace(items.places);
    place('items.ids', items.names);
    place(
      'items.titles',
      Array.from(itemAt, (number) => this.#titles[number] ?? ''),
    );
    arrays['items.available'] = filled('u8', itemAt.length, (index) => (this.#unavailable.has(itemAt[index]!) ? 0 : 1));
    arrays['items.at'] = filled('f64', itemAt.length, (index) => this.#itemTimes[itemAt[index]!] ?? Number.NaN);

    const featureAt = byPlace(features.places);
    const kindPlaces = new Map(kindNames.map((kind, index) => [kind, index]));
    place('features.keys', features.names);
    place('features.kind-names', kindNames);
    arrays['features.kinds'] = filled('i32', featureAt.length, (i) => kindPlaces.get(this.#kinds[featureAt[i]!]!)!);

    const { length } = this.#interactions;
    const given = this.#interactions;
    const at = given.at.subarray(0, length);
    const byUser = renumber(given.users.subarray(0, length), users.places);
    const byItem = renumber(given.items.subarray(0, length), items.places);
    const byType = renumber(given.types.subarray(0, length), types.places);
    const order = canonicalOrder({
      at,
      users: byUser,
      items: byItem,
      types: byType,
      counts: { users: users.names.length, types: types.names.length },
    });
    const ordered = <T extends ElementType>(type: T, column: ArrayOf<T>): ArrayOf<T> => {
      const array = sharedArray(type, order.length, allocator);
      const [first] = column;
      // Times, values, types and parts are often the same everywhere.
      if (first !== undefined && column.every((value) => Object.is(value, first))) array.fill(first);
      else for (let index = 0; index < order.length; index++) array[index] = column[order[index]!]!;
      return array;
    };
    const columns = { users: ordered('i32', byUser), items: ordered('i32', byItem) };
    arrays['interactions.users'] = columns.users;
    arrays['interactions.items'] = columns.items;
    arrays['interactions.types'] = ordered('u8', byType);
    arrays['interactions.values'] = ordered('f32', given.values.subarray(0, length));
    arrays['interactions.at'] = ordered('f64', at);
    arrays['interactions.parts'] = ordered('u8', given.parts.subarray(0, length));
    place('interactions.type-names', types.names);
    if (this.#contexts.length > 0) {
      const contexts = this.#contextsIn(order, features.places, allocator);
      // Those that had one may all have been said again without.
      if (contexts.indices.length > 0) {
        arrays['interactions.contexts.offsets'] = contexts.offsets;
        arrays['interactions.contexts.indices'] = contexts.indices;
      }
    }

    type Side = { readonly name: 'user' | 'item' | 'feature'; readonly places: Int32Array };
    const relate = (from: Side, to: Side, edges: Parameters<typeof relationOf>[2]): void => {
      const csr = relationOf(from.places.length, to.places.length, edges, allocator);
      const both = from.name === to.name ? [csr] : [csr, transpose(csr, allocator)];
      const names = [`${from.name}-${to.name}`, `${to.name}-${from.name}`];
      for (const [i, { offsets, indices, weights }] of both.entries()) {
        arrays[`${names[i]}.offsets`] = offsets;
        arrays[`${names[i]}.indices`] = indices;
        if (weights) arrays[`${names[i]}.weights`] = weights;
      }
    };
    const renumbered = ({ from, to, weights }: Edges, source: Side, target: Side) => ({
      from: renumber(from.values, source.places),
      to: renumber(to.values, target.places),
      weights: weights.values,
    });
    const user: Side = { name: 'user', places: users.places };
    const item: Side = { name: 'item', places: items.places };
    const feature: Side = { name: 'feature', places: features.places };
    relate(user, item, { from: columns.users, to: columns.items });
    relate(item, feature, renumbered(this.#itemFeatures, item, feature));
    relate(user, feature, renumbered(this.#userFeatures, user, feature));
    relate(user, user, renumbered(this.#trust, user, user));
    return snapshotOf({ asOf, source, ...(mark && { mark }), arrays: sealArrays(arrays) });
  }

  /** The features of each interaction's context, ascending, interactions in the given order. */
  #contextsIn(order: Uint32Array, places: Int32Array, allocator: SharedAllocator) {
    const ends = this.#contextEnds;
    while (ends.length < this.#interactions.length) ends.push(this.#contexts.length);
    const [given, end] = [this.#contexts.values, ends.values];
    const offsets = sharedArray('i32', order.length + 1, allocator);
    const own = (entry: number) => given.subarray(end[entry - 1] ?? 0, end[entry]);
    for (const [index, entry] of order.entries()) offsets[index + 1] = offsets[index]! + own(entry).length;
    const indices = sharedArray('i32', offsets[order.length]!, allocator);
    for (const [index, entry] of order.entries())
      indices.set(
        own(entry)
          .map((feature) => places[feature]!)
          .sort(),
        offsets[index],
      );
    return { offsets, indices };
  }

  #featureOf({ kind, value }: FeatureValue): number {
    return this.feature(kind, value);
  }
}

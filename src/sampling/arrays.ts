/** A snapshot is a set of named arrays; this file gives them their meaning. */
import type { Csr } from '../compute/csr.ts';
import { sha256 } from '../durable.ts';
import { type ArrayOf, bytesOf, type ElementType, elementTypeOf, elementTypes, type SharedArray } from './memory.ts';
import {
  type FeatureTable,
  type GraphMark,
  type Interactions,
  type ItemTable,
  type NodeTable,
  type Relation,
  relations,
  type Snapshot,
  type SnapshotArray,
} from './snapshot.ts';
import { StringTable } from './strings.ts';

/** Raised whenever the names or the meaning of the arrays change; part of the digest. */
export const formatVersion = 1;

/** Names the arrays and takes their checksums. */
export function sealArrays(arrays: Readonly<Record<string, SharedArray>>): SnapshotArray[] {
  return Object.entries(arrays)
    .map(([name, values]) => ({ name, type: elementTypeOf(values), values, sha256: sha256(bytesOf(values)) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** SHA-256 over format, names, types, lengths and checksums. */
export function digestOf(
  arrays: readonly { name: string; type: ElementType; length: number; sha256: string }[],
): string {
  const lines = arrays.map(({ name, type, length, sha256 }) => `${name} ${type} ${length} ${sha256}\n`);
  return sha256(`tastegraph-snapshot ${formatVersion}\n${lines.sort().join('')}`);
}

/** What other threads, or a process that mapped the same memory, build the snapshot from again with `snapshotOf`. */
export interface SnapshotParts {
  readonly asOf: number;
  readonly source: string;
  readonly mark?: GraphMark;
  readonly arrays: readonly SnapshotArray[];
}

/** The snapshot over its arrays; nothing is copied. Throws RangeError where an array is missing or of the wrong type. */
export function snapshotOf({ asOf, source, mark, arrays }: SnapshotParts): Snapshot {
  const byName = new Map(arrays.map((array) => [array.name, array.values]));
  const get = <T extends ElementType>(name: string, type: T): ArrayOf<T> => {
    const values = byName.get(name);
    if (!(values instanceof elementTypes[type])) throw new RangeError(`the snapshot has no array ${name} of ${type}`);
    return values as ArrayOf<T>;
  };
  const strings = (name: string): StringTable =>
    new StringTable({ offsets: get(`${name}.offsets`, 'u32'), bytes: get(`${name}.bytes`, 'u8') });

  const users = nodeTable(strings('users.ids'));
  const items = itemTable(
    strings('items.ids'),
    strings('items.titles'),
    get('items.available', 'u8'),
    get('items.at', 'f64'),
  );
  const features = featureTable(strings('features.keys'), strings('features.kind-names'), get('features.kinds', 'i32'));
  const interactions: Interactions = {
    count: get('interactions.users', 'i32').length,
    users: get('interactions.users', 'i32'),
    items: get('interactions.items', 'i32'),
    types: get('interactions.types', 'u8'),
    values: get('interactions.values', 'f32'),
    at: get('interactions.at', 'f64'),
    parts: get('interactions.parts', 'u8'),
    typeNames: strings('interactions.type-names').all(),
  };
  const contexts = byName.has('interactions.contexts.offsets') && {
    rows: interactions.count,
    cols: features.count,
    offsets: get('interactions.contexts.offsets', 'i32'),
    indices: get('interactions.contexts.indices', 'i32'),
  };
  const counts = { user: users.count, item: items.count, feature: features.count };
  const csrs = new Map<Relation, Csr>();
  for (const name of relations) {
    const [from, to] = name.split('-') as [keyof typeof counts, keyof typeof counts];
    const csr = {
      rows: counts[from],
      cols: counts[to],
      offsets: get(`${name}.offsets`, 'i32'),
      indices: get(`${name}.indices`, 'i32'),
    };
    csrs.set(name, byName.has(`${name}.weights`) ? { ...csr, weights: get(`${name}.weights`, 'f32') } : csr);
  }
  return {
    digest: digestOf(arrays.map(({ name, type, values, sha256 }) => ({ name, type, length: values.length, sha256 }))),
    asOf,
    source,
    ...(mark && { mark }),
    users,
    items,
    features,
    interactions: contexts ? { ...interactions, contexts } : interactions,
    relation: (name) => csrs.get(name)!,
    arrays,
  };
}

function nodeTable(ids: StringTable): NodeTable {
  return { count: ids.count, id: (index) => ids.at(index), index: (id) => ids.search(id) };
}

function itemTable(ids: StringTable, titles: StringTable, available: Uint8Array, at: Float64Array): ItemTable {
  return {
    ...nodeTable(ids),
    title: (index) => titles.at(index) || ids.at(index),
    hasTitle: (index) => titles.at(index) !== '',
    available,
    at,
  };
}

function featureTable(keys: StringTable, kindNames: StringTable, kinds: Int32Array): FeatureTable {
  const kind = (index: number): string => kindNames.at(kinds[index] ?? -1);
  return { ...nodeTable(keys), kind, value: (index) => keys.at(index).slice(kind(index).length + 1) };
}

/** What differs between two snapshots, node by node and interaction by interaction, whatever numbers their nodes have. */
import type { NodeTable, Relation, Snapshot } from './snapshot.ts';

/** How many there are, and the first of them. */
export interface Found<T> {
  readonly count: number;
  readonly samples: readonly T[];
}

export interface ThreeWays<T> {
  readonly added: Found<T>;
  readonly removed: Found<T>;
  readonly changed: Found<T>;
}

export interface InteractionKey {
  readonly user: string;
  readonly item: string;
  readonly type: string;
  /** ms since 1970. */
  readonly at: number;
}

export interface Differences {
  /** Ids; changed where their features or whom they trust differ. */
  readonly users: ThreeWays<string>;
  /** Ids; changed where title, time, availability or features differ. */
  readonly items: ThreeWays<string>;
  /** Changed where value, part or context differ. */
  readonly interactions: ThreeWays<InteractionKey>;
  /** Ids of all users whose own node or edges differ, of `after`; the same of items; and of those that `after` does not have. */
  readonly touched: Record<'users' | 'items' | 'removedUsers' | 'removedItems', readonly string[]>;
}

export interface CompareOptions {
  /** Most samples of each kind. */
  readonly samples: number;
  /** Whether the differences of a node do not count. */
  readonly except: Readonly<Record<'users' | 'items', (id: string) => boolean>>;
}

class Finds<T> {
  count = 0;
  readonly samples: T[] = [];
  readonly #most: number;
  constructor(most: number) {
    this.#most = most;
  }
  add(make: () => T): void {
    this.count++;
    if (this.samples.length < this.#most) this.samples.push(make());
  }
}

const threeWays = <T>(most: number) => ({
  added: new Finds<T>(most),
  removed: new Finds<T>(most),
  changed: new Finds<T>(most),
});

/** Linear in the size of both. */
export function compareSnapshots(before: Snapshot, after: Snapshot, { samples, except }: CompareOptions): Differences {
  const numbers = {
    user: numbersIn(before.users, after.users),
    item: numbersIn(before.items, after.items),
    feature: numbersIn(before.features, after.features),
  };
  const found = { users: threeWays<string>(samples), items: threeWays<string>(samples) };
  const touched = { users: new Set<string>(), items: new Set<string>() };
  const gone = { users: [] as string[], items: [] as string[] };
  const rowDiffers = (name: Relation, from: number, row: number): boolean => {
    const [was, is] = [before.relation(name), after.relation(name)];
    const to = numbers[name.split('-')[1] as keyof typeof numbers];
    const [start, begin] = [was.offsets[from]!, is.offsets[row]!];
    const length = is.offsets[row + 1]! - begin;
    if (was.offsets[from + 1]! - start !== length) return true;
    for (let i = 0; i < length; i++) {
      if (to[was.indices[start + i]!] !== is.indices[begin + i]) return true;
      if (was.weights?.[start + i] !== is.weights?.[begin + i]) return true;
    }
    return false;
  };
  const nodes = (kind: 'users' | 'items', differs: (from: number, to: number) => boolean): void => {
    const places = numbers[kind === 'users' ? 'user' : 'item'];
    const was = new Uint8Array(after[kind].count);
    for (const [from, to] of places.entries()) {
      const id = before[kind].id(from);
      if (to >= 0) was[to] = 1;
      if (except[kind](id)) continue;
      if (to < 0) {
        found[kind].removed.add(() => id);
        gone[kind].push(id);
      } else if (differs(from, to)) {
        found[kind].changed.add(() => id);
        touched[kind].add(id);
      }
    }
    for (const [to, known] of was.entries()) {
      const id = known ? undefined : after[kind].id(to);
      if (id === undefined || except[kind](id)) continue;
      found[kind].added.add(() => id);
      touched[kind].add(id);
    }
  };
  nodes('users', (from, to) => rowDiffers('user-feature', from, to) || rowDiffers('user-user', from, to));
  nodes('items', (from, to) => {
    const [was, is] = [before.items, after.items];
    return (
      was.title(from) !== is.title(to) ||
      was.hasTitle(from) !== is.hasTitle(to) ||
      !Object.is(was.at[from], is.at[to]) ||
      was.available[from] !== is.available[to] ||
      rowDiffers('item-feature', from, to)
    );
  });
  const interactions = compareInteractions(before, after, numbers, samples, except, touched.users);
  return {
    ...found,
    interactions,
    touched: {
      users: [...touched.users].sort(),
      items: [...touched.items].sort(),
      removedUsers: gone.users,
      removedItems: gone.items,
    },
  };
}

/** Both are in the order (at, user, item, type), which numbers of the other snapshot keep: one pass over both. */
function compareInteractions(
  before: Snapshot,
  after: Snapshot,
  numbers: Readonly<Record<'user' | 'item' | 'feature', Int32Array>>,
  samples: number,
  except: CompareOptions['except'],
  touchedUsers: Set<string>,
): ThreeWays<InteractionKey> {
  const found = threeWays<InteractionKey>(samples);
  const [was, is] = [before.interactions, after.interactions];
  const typeOf = Int32Array.from(was.typeNames, (name) => is.typeNames.indexOf(name));
  const tell = (kind: keyof typeof found, of: Snapshot, entry: number): void => {
    const { users, items, types, at, typeNames } = of.interactions;
    const [user, item] = [of.users.id(users[entry]!), of.items.id(items[entry]!)];
    if (except.users(user) || except.items(item)) return;
    found[kind].add(() => ({ user, item, type: typeNames[types[entry]!]!, at: at[entry]! }));
    if (after.users.index(user) !== undefined) touchedUsers.add(user);
  };
  let next = 0;
  for (let entry = 0; entry < was.count; entry++) {
    const key = [
      was.at[entry]!,
      numbers.user[was.users[entry]!]!,
      numbers.item[was.items[entry]!]!,
      typeOf[was.types[entry]!]!,
    ] as const;
    if (key.includes(-1, 1)) {
      tell('removed', before, entry);
      continue;
    }
    let order = -1;
    for (; next < is.count; next++) {
      order = is.at[next]! - key[0] || is.users[next]! - key[1] || is.items[next]! - key[2] || is.types[next]! - key[3];
      if (order >= 0) break;
      tell('added', after, next);
    }
    if (next === is.count || order > 0) tell('removed', before, entry);
    else {
      if (was.values[entry] !== is.values[next] || was.parts[entry] !== is.parts[next] || contextDiffers(entry, next))
        tell('changed', after, next);
      next++;
    }
  }
  for (; next < is.count; next++) tell('added', after, next);
  return found;

  function contextDiffers(from: number, to: number): boolean {
    const row = (contexts: typeof was.contexts, entry: number) =>
      contexts?.indices.subarray(contexts.offsets[entry], contexts.offsets[entry + 1]) ?? new Int32Array(0);
    const [old, own] = [row(was.contexts, from), row(is.contexts, to)];
    return old.length !== own.length || old.some((feature, i) => numbers.feature[feature] !== own[i]);
  }
}

/** For each node of one table its number in the other, −1 where that does not have it. Both ascend by id. */
function numbersIn(table: NodeTable, other: NodeTable): Int32Array {
  return Int32Array.from({ length: table.count }, (_, index) => other.index(table.id(index)) ?? -1);
}

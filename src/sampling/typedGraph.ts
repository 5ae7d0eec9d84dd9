/** The relations of a snapshot as one graph over users, items and features: what neighbours and walks are drawn from. */
import type { Csr } from '../compute/csr.ts';
import { firstMeetings, type Meetings } from './meetings.ts';
import { ownMemory } from './memory.ts';
import { countingPass, identity, transpose } from './relations.ts';
import type { Relation, Snapshot } from './snapshot.ts';

export type NodeKind = 'user' | 'item' | 'feature';

/** One numbering over all kinds: users from 0, items after them, then features. */
export interface NodeNumbers {
  readonly count: Readonly<Record<NodeKind, number>>;
  /** Number of each kind's first node: node = first[kind] + dense index. */
  readonly first: Readonly<Record<NodeKind, number>>;
  readonly total: number;
}

/** A relation, rows and columns by dense index of its two kinds. */
export interface TypedRelation {
  readonly name: Relation;
  readonly from: NodeKind;
  readonly to: NodeKind;
  /** Where it has times, a row is in time order instead of ascending. */
  readonly csr: Csr;
}

export interface TypedGraph {
  readonly numbers: NodeNumbers;
  readonly relations: readonly TypedRelation[];
}

export interface TypedGraphOptions {
  readonly relations: readonly Relation[];
  /** Training pairs, users × items, in place of all interactions. */
  readonly train?: Csr;
  /** Least value of an interaction that makes a pair. */
  readonly minValue?: number | undefined;
}

export function nodeNumbers({ users, items, features }: Pick<Snapshot, 'users' | 'items' | 'features'>): NodeNumbers {
  const count = { user: users.count, item: items.count, feature: features.count };
  const first = { user: 0, item: count.user, feature: count.user + count.item };
  return { count, first, total: first.feature + count.feature };
}

/** The two kinds that a relation leads between: its name says them. */
export function kindsOf(name: Relation): readonly [NodeKind, NodeKind] {
  const [from, to] = name.split('-') as [NodeKind, NodeKind];
  return [from, to];
}

/** The chosen relations; those between users and items carry the times of first interactions. */
export function typedGraph(snapshot: Snapshot, { relations, train, minValue }: TypedGraphOptions): TypedGraph {
  let meetings: Meetings | undefined;
  const csrOf = (name: Relation): Csr => {
    if (name !== 'user-item' && name !== 'item-user') return snapshot.relation(name);
    const pairs = train ?? snapshot.relation('user-item');
    meetings ??= firstMeetings(snapshot, pairs, minValue);
    return inTimeOrder(name === 'user-item' ? pairs : transpose(pairs, ownMemory), meetings, name);
  };
  return {
    numbers: nodeNumbers(snapshot),
    relations: relations.map((name) => {
      const [from, to] = kindsOf(name);
      return { name, from, to, csr: csrOf(name) };
    }),
  };
}

/** The same rows with their entries by time. */
function inTimeOrder(pairs: Csr, { users, items, at }: Meetings, name: 'user-item' | 'item-user'): Csr {
  const [rows, cols] = name === 'user-item' ? [users, items] : [items, users];
  const order = countingPass(rows, pairs.rows, identity(rows.length)); // stable: by time within a row
  const indices = new Int32Array(order.length);
  const times = new Float64Array(order.length);
  for (let i = 0; i < order.length; i++) {
    indices[i] = cols[order[i]!]!;
    times[i] = at[order[i]!]!;
  }
  return { rows: pairs.rows, cols: pairs.cols, offsets: pairs.offsets, indices, times };
}

/**
 * Of whom a copy of the graph still tells all that they have done, so that the graph need not be asked: users whom no mark of a change
 * since leads to, where the number of interactions shows that none came or went without a mark. What is written later is heard of.
 */
import { int } from 'neo4j-driver';
import { asking } from './asking.ts';
import type { Moment } from './changes.ts';
import type { Graph } from './driver.ts';
import type { GraphReach } from './reach.ts';
import { type Ids, removedAmong } from './removedNodes.ts';

/** What this goes by of a snapshot of the graph. */
export interface GraphCopy {
  /** Absent where it is not all of a graph of ours. */
  readonly mark?: Moment & { readonly excess: { readonly interactions: number } };
  readonly users: Table;
  readonly items: Table;
  /** `users`, `items`: dense indices of each one's ends. */
  readonly interactions: { readonly count: number; readonly users: Int32Array; readonly items: Int32Array };
}

interface Table extends Ids {
  index(id: string): number | undefined;
}

type MarkedCopy = GraphCopy & Required<Pick<GraphCopy, 'mark'>>;

export interface Untouched {
  /** Whether it is certain of a user. What is not known of a copy is found out, and not waited for. */
  has(user: string, copy: GraphCopy): boolean;
  /** Says whose interactions were written, or that anybody's may have been. */
  heard(users?: readonly string[]): void;
}

/** Nobody waits for it. */
const patienceMs = 10_000;
/** A reading takes at most a thirtieth of the server's time. */
const rest = 30;
/** Where more users were touched, all are asked about. */
const mostTouched = 100_000;
/** Copies that are asked about at one time: of a version, and of the one that takes its place. */
const mostCopies = 2;

interface State {
  readonly copy: MarkedCopy;
  /** Undefined where it is not known who was touched. */
  touched?: Set<string> | undefined;
  /** Who is heard of while it is read; undefined where that may be anybody. */
  meanwhile?: Set<string> | undefined;
  /** Whether there may be something that was not read. */
  isDue: boolean;
  notBefore: number;
}

/** Asked only while all that is written is heard of. `everyMs`: ms from one reading to the next at the least. */
export function openUntouched(ask: GraphReach['ask'], everyMs = 10_000): Untouched {
  const states = new Map<GraphCopy, State>();
  let isReading = false; // one at a time, of however many copies

  const stateOf = (copy: MarkedCopy): State => {
    const known = states.get(copy);
    if (known) return known;
    const state: State = { copy, isDue: true, notBefore: 0 };
    states.set(copy, state);
    if (states.size > mostCopies) states.delete(states.keys().next().value!);
    return state;
  };
  const read = async (state: State): Promise<void> => {
    isReading = true;
    state.isDue = false;
    state.meanwhile = new Set();
    const began = performance.now();
    const found = await ask((graph, ms) => touchedSince(graph, state.copy, ms), false, patienceMs);
    const now = performance.now();
    // Whoever was heard of stays: a write that is cut off may be committed later. Where nothing is answered, what was heard of is all.
    if (found) state.touched = found.touched && state.meanwhile && union(found.touched, state.meanwhile, state.touched);
    state.isDue ||= !found?.touched || !state.touched;
    isReading = false;
    state.notBefore = now + Math.max(everyMs, rest * (now - began));
  };

  return {
    has(user, copy) {
      if (!isMarked(copy)) return false;
      const state = stateOf(copy);
      if (state.isDue && !isReading && performance.now() >= state.notBefore) void read(state);
      return state.touched !== undefined && !state.touched.has(user);
    },
    heard(users) {
      for (const state of states.values()) {
        if (users?.length === 0) continue;
        state.isDue = true;
        if (!users) {
          state.touched = undefined;
          state.meanwhile = undefined;
        }
        for (const user of users ?? []) {
          state.touched?.add(user);
          state.meanwhile?.add(user);
        }
      }
    },
  };
}

const union = (...sets: readonly (ReadonlySet<string> | undefined)[]): Set<string> =>
  new Set(sets.flatMap((set) => [...(set ?? [])]));

const isMarked = (copy: GraphCopy): copy is MarkedCopy => copy.mark !== undefined;

interface Touched {
  /** Undefined where these may not be all. */
  readonly touched: Set<string> | undefined;
}

/**
 * Whose interactions are others than in a copy: who was marked since, was removed, or had to do with an item that was. Errors: those of
 * the driver.
 */
async function touchedSince(graph: Graph, copy: MarkedCopy, timeoutMs: number): Promise<Touched> {
  const { mark } = copy;
  const since = int(mark.since);
  return await asking(graph, timeoutMs, async (rows) => {
    const [now] = await rows<{ readonly graph: string; readonly newest: number | null }>('change-marks');
    if (now!.graph !== mark.graph || (now!.newest ?? 0) < mark.newest) return unknown;
    const removed = await rows<{ readonly kind: 'user' | 'item'; readonly key: string }>('removed', { since });
    const [marked] = await rows<Marked>('changed-degrees', { since, most: int(mostTouched + 1) });
    if (marked!.users.length > mostTouched) return unknown;
    const keysOf = (kind: 'user' | 'item') =>
      new Set(removed.flatMap((node) => (node.kind === kind ? [node.key] : [])));
    const users = await removedAmong('user', copy.users, keysOf('user'));
    const items = await removedAmong('item', copy.items, keysOf('item'));
    return { touched: touchedBy(copy, marked!, { users, items }) };
  });
}

const unknown: Touched = { touched: undefined };

interface Marked {
  /** With the number of interactions that each has now. */
  readonly users: readonly (readonly [id: string, interactions: number])[];
  /** How many there are in all. */
  readonly interactions: number;
}

/** Undefined where the number of interactions is not what follows from these and the copy. */
function touchedBy(
  { mark, ...copy }: MarkedCopy,
  marked: Marked,
  removed: Readonly<Record<'users' | 'items', readonly string[]>>,
): Set<string> | undefined {
  const touched = new Set(removed.users);
  let expected = mark.excess.interactions;
  for (const [id, count] of marked.users) {
    touched.add(id);
    expected += count;
  }
  const flagsOf = (table: Table, ids: Iterable<string>): Uint8Array => {
    const flags = new Uint8Array(table.count);
    for (const id of ids) flags[table.index(id) ?? -1] = 1;
    return flags;
  };
  const areRead = flagsOf(copy.users, touched);
  const areGone = flagsOf(copy.items, removed.items);
  const { users, items, count } = copy.interactions;
  for (let n = 0; n < count; n++) {
    if (areRead[users[n]!] === 1) continue;
    if (areGone[items[n]!] === 1) touched.add(copy.users.id(users[n]!));
    else expected++;
  }
  return expected === marked.interactions ? touched : undefined;
}

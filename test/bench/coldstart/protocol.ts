/** Users held out of training entirely, of whom the first few interactions come in later. */
import type { Csr } from '../../../src/compute/csr.ts';
import { RandomStream } from '../../../src/random.ts';
import { meant } from '../../../src/sampling/meanings.ts';
import { ownMemory } from '../../../src/sampling/memory.ts';
import { relationOf } from '../../../src/sampling/relations.ts';
import type { Snapshot } from '../../../src/sampling/snapshot.ts';
import { likedPairs, type Split } from '../../../src/sampling/split.ts';

export interface ColdUsers {
  /** Dense indices of the held-out users, ascending. */
  readonly users: readonly number[];
  /** The split without them in any part. */
  readonly split: Split;
  /** The first `count` items of a held-out user, oldest first. */
  begins(user: number, count: number): readonly number[];
  /** The same of all of them, as a matrix. */
  first(count: number): Csr;
  /** What each did after the first `most`: what is to be found, whatever was folded in. */
  readonly relevant: Csr;
}

export interface ColdUsersOptions {
  /** Of the users who have enough: how many are held out. */
  readonly share: number;
  readonly seed: number;
  /** Most interactions that are folded in. */
  readonly most: number;
  /** Users that are held out already, and not drawn. */
  readonly leave?: readonly number[];
}

export function coldUsers(
  snapshot: Snapshot,
  split: Split,
  { share, seed, most, leave = [] }: ColdUsersOptions,
): ColdUsers {
  const { offsets, items, first: times } = likedPairs(snapshot, meant(snapshot, {}));
  const orderOf = (user: number): number[] => {
    const pairs = Array.from({ length: offsets[user + 1]! - offsets[user]! }, (_, n) => offsets[user]! + n);
    return pairs.sort((a, b) => times[a]! - times[b]! || items[a]! - items[b]!).map((pair) => items[pair]!);
  };
  const left = new Set(leave);
  // Somebody with as many to find again as are folded in at most.
  const fit = Array.from({ length: split.fit.rows }, (_, user) => user).filter(
    (user) => !left.has(user) && offsets[user + 1]! - offsets[user]! >= 2 * most,
  );
  const chosen = new RandomStream(seed, 'cold users').shuffle(fit).slice(0, Math.round(share * split.fit.rows));
  const out = new Set([...chosen, ...leave]);
  const users = chosen.sort((a, b) => a - b);
  const orders = new Map(users.map((user) => [user, orderOf(user)]));
  const rowsOf = (take: (order: readonly number[]) => readonly number[]): Csr => {
    const [from, to]: [number[], number[]] = [[], []];
    for (const user of users) {
      for (const item of take(orders.get(user)!)) {
        from.push(user);
        to.push(item);
      }
    }
    return relationOf(split.fit.rows, split.fit.cols, { from, to }, ownMemory);
  };
  const warm = (part: Csr): Csr => withoutRows(part, out);
  return {
    users,
    split: {
      kind: split.kind,
      train: warm(split.train),
      validation: warm(split.validation),
      test: warm(split.test),
      fit: warm(split.fit),
    },
    begins: (user, count) => orders.get(user)!.slice(0, count),
    first: (count) => rowsOf((order) => order.slice(0, count)),
    relevant: rowsOf((order) => order.slice(most)),
  };
}

function withoutRows(part: Csr, rows: ReadonlySet<number>): Csr {
  const [from, to]: [number[], number[]] = [[], []];
  for (let user = 0; user < part.rows; user++) {
    if (rows.has(user)) continue;
    for (let e = part.offsets[user]!; e < part.offsets[user + 1]!; e++) {
      from.push(user);
      to.push(part.indices[e]!);
    }
  }
  return relationOf(part.rows, part.cols, { from, to }, ownMemory);
}

/**
 * Cuts what users liked into training, validation and test part.
 *
 * A user and an item make one pair however often they met; its time is that of their first liked interaction, so a test
 * pair was never seen before. Each pair is in one part only. Validation is always cut from what would be training.
 * Users with a single pair keep it in training, except under the time cut, where keeping it would leak the future.
 * Everything random is a function of the seed and the snapshot's content.
 */
import type { Csr, SharedAllocator } from '../compute/csr.ts';
import { TastegraphError } from '../errors.ts';
import { type SplitOptions, splits } from '../options.ts';
import { RandomStream } from '../random.ts';
import { type Meant, meant, standings } from './meanings.ts';
import { ownMemory, sharedArray } from './memory.ts';
import { countingPass, identity } from './relations.ts';
import type { RowSplit } from './rows.ts';
import { partCodes, type Snapshot } from './snapshot.ts';

export type SplitKind = (typeof splits)[number];

/** All users × items, each pair once, ascending within a row. */
export interface Split {
  readonly kind: SplitKind;
  readonly train: Csr;
  readonly validation: Csr;
  readonly test: Csr;
  /** Training and validation together: what the final model is fitted on. */
  readonly fit: Csr;
  /** The same cut of single interactions with their labels, for models that learn from those. */
  readonly rows?: RowSplit;
}

/** Liked pairs, or single interactions (rows.ts), by user and then item, with their part as it is decided. */
export interface Pairs {
  readonly offsets: Int32Array; // [users + 1]
  readonly items: Int32Array; // [pairs]
  /** Time of the first liked interaction, ms since 1970. */
  readonly first: Float64Array; // [pairs]
  /** Of `partCodes`; as the data gives it at first, 'none' where it does not. */
  readonly parts: Uint8Array; // [pairs]
  /** How much each counts; absent where all count the same. */
  readonly weights?: Float32Array; // [pairs]
}

const { train, validation, test } = partCodes;

/**
 * Splits by `options.split`; where that is not given, by the data's own parts if it has them, else by ratio.
 * Errors: snapshot/empty; snapshot/no-given-split; options/invalid where there are too few distinct times for a time cut.
 */
export function splitSnapshot(
  snapshot: Snapshot,
  options: SplitOptions,
  allocator: SharedAllocator = ownMemory,
): Split {
  const pairs = likedPairs(snapshot, meant(snapshot, options));
  if (pairs.items.length === 0) throw new TastegraphError('snapshot/empty');
  const kind = cut(pairs, options);
  const part = (...codes: readonly number[]): Csr => partOf(pairs, snapshot.items.count, codes, allocator);
  return { kind, train: part(train), validation: part(validation), test: part(test), fit: part(train, validation) };
}

/** The same pairs, each counting the same: for what reads a history, and for models that know no weights. */
export function unweighted(split: Split): Split {
  const bare = ({ weights: _, ...csr }: Csr): Csr => csr;
  const { train, validation, test, fit } = split;
  return { ...split, train: bare(train), validation: bare(validation), test: bare(test), fit: bare(fit) };
}

/** Decides each pair's part. Errors: snapshot/no-given-split, options/invalid. */
export function cut(pairs: Pairs, options: SplitOptions): SplitKind {
  const given = pairs.parts.includes(test);
  const kind = options.split ?? (given ? 'given' : 'ratio');
  if (kind === 'given' && !given) {
    throw new TastegraphError('snapshot/no-given-split', {
      others: splits.filter((other) => other !== 'given').join(', '),
    });
  }
  cutters[kind](pairs, options);
  return kind;
}

const cutters: Record<SplitKind, (pairs: Pairs, options: SplitOptions) => void> = {
  given: cutAsGiven,
  ratio: cutByRatio,
  'leave-one-out': cutLast,
  time: cutByTime,
};

/**
 * Pairs of user and item by liked interactions, a dislike taking back what was liked before it. A pair that the data puts in
 * several parts counts as the one that may be looked at first: train, validation, test; its weight is that of its strongest type.
 */
export function likedPairs(
  { users, interactions }: Snapshot,
  { standing, weights }: Meant,
  partOfEach = interactions.parts,
): Pairs {
  const { liked, disliked } = standings;
  const told = identity(interactions.count).filter(
    (entry) => standing[entry] === liked || standing[entry] === disliked,
  );
  const byItem = countingPass(interactions.items, 1 + interactions.items.reduce((a, b) => Math.max(a, b), -1), told);
  const order = countingPass(interactions.users, users.count, byItem); // by user, item, time
  const offsets = new Int32Array(users.count + 1);
  const items = new Int32Array(order.length);
  const first = new Float64Array(order.length);
  const parts = new Uint8Array(order.length);
  const strongest = weights && new Float32Array(order.length);
  let count = 0;
  let lastUser = -1;
  for (const entry of order) {
    const user = interactions.users[entry]!;
    const item = interactions.items[entry]!;
    const part = partOfEach[entry]!;
    const weight = weights?.[interactions.types[entry]!] ?? 1;
    const isKnown = user === lastUser && items[count - 1] === item;
    if (standing[entry] === disliked) {
      if (!isKnown) continue;
      offsets[user + 1]!--;
      count--;
      lastUser = -1;
      continue;
    }
    if (isKnown) {
      // 'none' stands for what came in beside a given split: it may be trained on.
      parts[count - 1] = Math.min(parts[count - 1]!, part);
      if (strongest) strongest[count - 1] = Math.max(strongest[count - 1]!, weight);
      continue;
    }
    lastUser = user;
    offsets[user + 1]!++;
    items[count] = item;
    first[count] = interactions.at[entry]!;
    parts[count] = part;
    if (strongest) strongest[count] = weight;
    count++;
  }
  for (let user = 0; user < users.count; user++) offsets[user + 1]! += offsets[user]!;
  return {
    offsets,
    items: items.subarray(0, count),
    first: first.subarray(0, count),
    parts: parts.subarray(0, count),
    ...(strongest && { weights: strongest.subarray(0, count) }),
  };
}

function cutAsGiven(pairs: Pairs, { seed, validationRatio }: SplitOptions): void {
  const { parts } = pairs;
  const hasValidation = parts.includes(validation);
  for (let pair = 0; pair < parts.length; pair++) if (parts[pair] === partCodes.none) parts[pair] = train;
  if (!hasValidation) cutShare(pairs, validationRatio, validation, seed);
}

function cutByRatio(pairs: Pairs, { seed, testRatio, validationRatio }: SplitOptions): void {
  pairs.parts.fill(train);
  cutShare(pairs, testRatio, test, seed);
  cutShare(pairs, validationRatio, validation, seed);
}

/**
 * Moves a random share of each user's training pairs to `part`, leaving at least one. A share that is no whole number is
 * rounded up with the probability of its fraction, so that the shares add up over all users.
 */
function cutShare({ offsets, parts }: Pairs, share: number, part: number, seed: number): void {
  const rounding = new RandomStream(seed, 'split', part, 'rounding');
  const choice = new RandomStream(seed, 'split', part, 'choice');
  const left: number[] = [];
  for (let user = 0; user + 1 < offsets.length; user++) {
    left.length = 0;
    for (let pair = offsets[user]!; pair < offsets[user + 1]!; pair++) if (parts[pair] === train) left.push(pair);
    const wanted = Math.floor(left.length * share + rounding.at(user) / 2 ** 32);
    for (let cut = Math.min(wanted, left.length - 1); cut > 0; cut--) {
      const chosen = choice.integerAt(offsets[user]! + cut, left.length);
      parts[left[chosen]!] = part;
      left[chosen] = left[left.length - 1]!;
      left.pop();
    }
  }
}

/** The newest pair of each user is the test part, the one before it the validation part; at least one stays for training. */
function cutLast({ offsets, first, parts }: Pairs, { seed, validationRatio }: SplitOptions): void {
  parts.fill(train);
  // Pairs of equal time have no order of their own: the seed gives them one.
  const ties = new RandomStream(seed, 'split', 'ties');
  const isNewer = (a: number, b: number): boolean =>
    first[a] !== first[b] ? first[a]! > first[b]! : ties.at(a) > ties.at(b);
  for (let user = 0; user + 1 < offsets.length; user++) {
    let newest = -1;
    let before = -1;
    for (let pair = offsets[user]!; pair < offsets[user + 1]!; pair++) {
      if (newest < 0 || isNewer(pair, newest)) [newest, before] = [pair, newest];
      else if (before < 0 || isNewer(pair, before)) before = pair;
    }
    const count = offsets[user + 1]! - offsets[user]!;
    if (count >= 2) parts[newest] = test;
    if (count >= 3 && validationRatio > 0) parts[before] = validation;
  }
}

/** Everything from one moment on is the test part, and what came just before it the validation part, whoever's it is. */
function cutByTime({ first, parts }: Pairs, { testRatio, validationRatio }: SplitOptions): void {
  const times = first.slice().sort();
  // Pairs of equal time stay together, so a cut moves to the next time where it would leave nothing before it.
  const cutBefore = (end: number, ratio: number, least: number): number => {
    const cut = Math.min(end - 1, Math.max(0, Math.round(end * (1 - ratio))));
    let at = cut;
    while (at < end && times[at]! <= least) at++;
    return at < end ? times[at]! : Number.NaN;
  };
  const distinct = new Set(times.subarray(0, 1));
  for (let i = 1; i < times.length && distinct.size < 3; i++) distinct.add(times[i]!);
  const [earliest = 0, second = 0] = distinct;
  if (distinct.size < 3) {
    const problem = `a cut by time needs interactions at three different times at least, these have ${distinct.size}`;
    throw new TastegraphError('options/invalid', { name: 'split', where: 'the options', problem, given: 'time' });
  }
  const testFrom = cutBefore(times.length, testRatio, second);
  const validationFrom = validationRatio > 0 ? cutBefore(times.indexOf(testFrom), validationRatio, earliest) : testFrom;
  for (let pair = 0; pair < parts.length; pair++) {
    const at = first[pair]!;
    parts[pair] = at >= testFrom ? test : at >= validationFrom ? validation : train;
  }
}

/** The pairs of some parts as a matrix, with weights where some count more than others. */
export function partOf(
  { offsets, items, parts, weights }: Pairs,
  cols: number,
  codes: readonly number[],
  allocator: SharedAllocator,
): Csr {
  const rows = offsets.length - 1;
  const kept = new Uint8Array(4);
  for (const code of codes) kept[code] = 1;
  let count = 0;
  for (const part of parts) count += kept[part]!;
  const result = {
    rows,
    cols,
    offsets: sharedArray('i32', rows + 1, allocator),
    indices: sharedArray('i32', count, allocator),
    ...(weights && { weights: sharedArray('f32', count, allocator) }),
  };
  let at = 0;
  for (let row = 0; row < rows; row++) {
    for (let pair = offsets[row]!; pair < offsets[row + 1]!; pair++) {
      if (!kept[parts[pair]!]) continue;
      if (result.weights) result.weights[at] = weights![pair]!;
      result.indices[at++] = items[pair]!;
    }
    result.offsets[row + 1] = at;
  }
  return result;
}

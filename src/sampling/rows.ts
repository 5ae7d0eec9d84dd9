/** Single interactions with labels, cut into parts: what models learn from that predict a click rather than rank items. */
import type { SharedAllocator } from '../compute/csr.ts';
import { TastegraphError } from '../errors.ts';
import type { SplitOptions } from '../options.ts';
import { RandomStream } from '../random.ts';
import { meant, standings } from './meanings.ts';
import { ownMemory } from './memory.ts';
import { missingColumn } from './negatives.ts';
import { countingPass, identity } from './relations.ts';
import { partCodes, type Snapshot } from './snapshot.ts';
import { cut, likedPairs, partOf, type Split } from './split.ts';

/** Rows of one part; the item is the interaction's own, or one that was drawn in its place as a negative. */
export interface LabelledRows {
  /** Interaction whose user, time and context a row has. */
  readonly interactions: Int32Array; // [n]
  readonly items: Int32Array; // [n]
  readonly labels: Uint8Array; // [n], 1 where liked
}

export interface RowSplit {
  readonly train: LabelledRows;
  readonly validation: LabelledRows;
  readonly test: LabelledRows;
  /** Training and validation together. */
  readonly fit: LabelledRows;
}

/**
 * Cuts every interaction, however often a user met an item, with the kinds of cut of `splitSnapshot`. The matrices hold the
 * liked pairs of each part, a pair of several parts in the first of train, validation, test. Where all are liked, each row of
 * the validation and test part is joined by one of the same user and context whose item, drawn uniformly, the user has met in no
 * part; training draws its own, anew in each epoch.
 * Errors: those of `splitSnapshot`.
 */
export function splitRows(snapshot: Snapshot, options: SplitOptions, allocator: SharedAllocator = ownMemory): Split {
  const { interactions, users, items } = snapshot;
  if (interactions.count === 0) throw new TastegraphError('snapshot/empty');
  const means = meant(snapshot, options);
  const order = countingPass(interactions.users, users.count, identity(interactions.count)); // by user, then time
  const offsets = new Int32Array(users.count + 1);
  for (const user of interactions.users) offsets[user + 1]!++;
  for (let user = 0; user < users.count; user++) offsets[user + 1]! += offsets[user]!;
  const placed = {
    offsets,
    items: Int32Array.from(order, (entry) => interactions.items[entry]!),
    first: Float64Array.from(order, (entry) => interactions.at[entry]!),
    parts: Uint8Array.from(order, (entry) => interactions.parts[entry]!),
  };
  const kind = cut(placed, options);
  const parts = new Uint8Array(interactions.count);
  for (const [place, entry] of order.entries()) parts[entry] = placed.parts[place]!;
  // What has expired is in no part.
  for (const [entry, standing] of means.standing.entries())
    if (standing === standings.expired) parts[entry] = partCodes.none;
  const liked = means.standing.map((standing) => (standing === standings.liked ? 1 : 0));
  const negatives = liked.includes(0) ? undefined : unseenItems(snapshot, options.seed);
  const take = (...codes: readonly number[]) => rowsOf(snapshot, { parts, liked, negatives: undefined }, codes);
  const judged = (code: number) => rowsOf(snapshot, { parts, liked, negatives }, [code]);
  const { train, validation, test } = partCodes;
  const pairs = likedPairs(snapshot, means, parts);
  const matrix = (...codes: readonly number[]) => partOf(pairs, items.count, codes, allocator);
  return {
    kind,
    train: matrix(train),
    validation: matrix(validation),
    test: matrix(test),
    fit: matrix(train, validation),
    rows: { train: take(train), validation: judged(validation), test: judged(test), fit: take(train, validation) },
  };
}

function rowsOf(
  { interactions }: Snapshot,
  given: { readonly parts: Uint8Array; readonly liked: Uint8Array; readonly negatives: Int32Array | undefined },
  codes: readonly number[],
): LabelledRows {
  const { parts, liked, negatives } = given;
  const entries = new Int32Array(identity(interactions.count).filter((entry) => codes.includes(parts[entry]!)));
  const own = entries.length;
  const rows = {
    interactions: new Int32Array(negatives ? 2 * own : own),
    items: new Int32Array(negatives ? 2 * own : own),
    labels: new Uint8Array(negatives ? 2 * own : own),
  };
  for (const [row, entry] of entries.entries()) {
    rows.interactions[row] = entry;
    rows.items[row] = interactions.items[entry]!;
    rows.labels[row] = liked[entry]!;
    if (!negatives) continue;
    rows.interactions[own + row] = entry;
    rows.items[own + row] = negatives[entry]!;
  }
  return rows;
}

/** For each interaction an item that its user has not met; for one who has met all, the interaction's own. */
function unseenItems(snapshot: Snapshot, seed: number): Int32Array {
  const { interactions } = snapshot;
  const met = snapshot.relation('user-item');
  const random = new RandomStream(seed, 'rows', 'negatives');
  return interactions.items.map((item, entry) => {
    const user = interactions.users[entry]!;
    const count = met.offsets[user + 1]! - met.offsets[user]!;
    return count === met.cols ? item : missingColumn(met, user, random.integerAt(entry, met.cols - count));
  });
}

/** Windows of sequences as a model of attention takes them: no longer than the longest of them needs. */
import type { SequenceBatch, Sequences } from '../../sampling/sequences.ts';

/** Left-padded windows; the latest item stands last. */
export interface Windows {
  readonly count: number;
  /** Positions: those of the longest window. */
  readonly length: number;
  readonly items: Int32Array; // [count · length], the padding index where there is none
  readonly present: Float32Array; // [count · length], 1 where there is an item
  /** 0 where a position may look, a large negative number elsewhere: items up to itself, and always itself. [count, length, length] */
  mask(): Float32Array;
}

export interface TargetWindows extends Windows {
  readonly targets: Int32Array; // [m]
  /** Positions that have a target. */
  readonly targetPlaces: Int32Array; // [m]
}

const hidden = -1e9;

/** `count` windows of equal length, one after the other. */
export function windowsOf(items: Int32Array, count: number, padding: number): Windows {
  const length = items.length / count;
  const present = Float32Array.from(items, (item) => (item === padding ? 0 : 1));
  return {
    count,
    length,
    items,
    present,
    mask() {
      const mask = new Float32Array(count * length * length).fill(hidden);
      for (let row = 0; row < count; row++) {
        const from = row * length;
        for (let at = 0; at < length; at++) {
          const out = (from + at) * length;
          for (let key = 0; key <= at; key++) if (present[from + key]! > 0 || key === at) mask[out + key] = 0;
        }
      }
      return mask;
    },
  };
}

/**
 * A batch of windows of `width` positions, in groups of like length: a window of at most 8, 16, 32, … items takes so many
 * positions, and no more than the longest of its group. The padding index is the number of items.
 */
export function withoutPadding(batch: SequenceBatch, width: number, padding: number): TargetWindows[] {
  const groups = new Map<number, number[]>();
  for (const [row, length] of batch.lengths.entries()) {
    const size = Math.max(8, 2 ** Math.ceil(Math.log2(length)));
    groups.set(size, [...(groups.get(size) ?? []), row]);
  }
  return [...groups].sort(([a], [b]) => a - b).map(([, rows]) => groupOf(batch, rows, width, padding));
}

function groupOf(
  { items, targets, lengths }: SequenceBatch,
  rows: readonly number[],
  width: number,
  padding: number,
): TargetWindows {
  const length = rows.reduce((longest, row) => Math.max(longest, lengths[row]!), 1);
  const cut = new Int32Array(rows.length * length);
  const right: number[] = [];
  const places: number[] = [];
  for (const [place, row] of rows.entries()) {
    const from = (row + 1) * width - length;
    cut.set(items.subarray(from, from + length), place * length);
    for (let at = 0; at < length; at++) {
      const target = targets[from + at]!;
      if (target === padding) continue;
      right.push(target);
      places.push(place * length + at);
    }
  }
  const windows = windowsOf(cut, rows.length, padding);
  return { ...windows, targets: Int32Array.from(right), targetPlaces: Int32Array.from(places) };
}

/** The last items of every user who has any, users of like length together so that little is padding. */
export function* lastWindows({ offsets, items }: Sequences, width: number, padding: number) {
  const positions = 8192; // of a batch: some tens of MB of activations
  const lengthOf = (user: number) => Math.min(width, offsets[user + 1]! - offsets[user]!);
  const users = Array.from({ length: offsets.length - 1 }, (_, user) => user)
    .filter((user) => lengthOf(user) > 0)
    .sort((a, b) => lengthOf(a) - lengthOf(b) || a - b);
  for (let from = 0; from < users.length; ) {
    let to = from + 1;
    while (to < users.length && (to + 1 - from) * lengthOf(users[to]!) <= positions) to++;
    const of = users.slice(from, to);
    const length = lengthOf(of.at(-1)!);
    const cut = new Int32Array(of.length * length).fill(padding);
    for (const [row, user] of of.entries()) {
      const end = offsets[user + 1]!;
      cut.set(items.subarray(end - lengthOf(user), end), (row + 1) * length - lengthOf(user));
    }
    yield { of, windows: windowsOf(cut, of.length, padding) };
    from = to;
  }
}

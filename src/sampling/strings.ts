/**
 * Many strings as two arrays: UTF-8 bytes, and where each begins. A table of 40,000 ids loads without making one JavaScript
 * string, and is searched in place.
 */
import type { SharedAllocator } from '../compute/csr.ts';
import { sharedArray } from './memory.ts';

export interface StringArrays {
  readonly offsets: Uint32Array; // [count + 1]
  readonly bytes: Uint8Array; // [offsets[count]]
}

/** Lays strings out in shared memory, in the order given. At most 4 GiB of UTF-8. */
export function encodeStrings(strings: readonly string[], allocator: SharedAllocator): StringArrays {
  const offsets = sharedArray('u32', strings.length + 1, allocator);
  let end = 0;
  for (let i = 0; i < strings.length; i++) {
    end += Buffer.byteLength(strings[i]!);
    offsets[i + 1] = end;
  }
  if (end >= 2 ** 32) throw new RangeError('more than 4 GiB of text in one table');
  const bytes = sharedArray('u8', end, allocator);
  const target = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let i = 0; i < strings.length; i++) target.write(strings[i]!, offsets[i]!);
  return { offsets, bytes };
}

/**
 * UTF-8 sorts by code point, JavaScript strings by UTF-16 code unit; they differ only in that characters beyond U+FFFF
 * (lead bytes F0–F4) come before U+E000–U+FFFF (EE, EF) in the latter. Renumbering those lead bytes makes comparing
 * bytes give the code-unit order; they never stand inside a character, so no other comparison changes.
 */
function codeUnitRank(byte: number): number {
  return byte < 0xee ? byte : byte < 0xf0 ? byte + 5 : byte - 2;
}

export class StringTable {
  readonly count: number;
  readonly #offsets: Uint32Array;
  readonly #text: Buffer;

  constructor({ offsets, bytes }: StringArrays) {
    this.count = offsets.length - 1;
    this.#offsets = offsets;
    this.#text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** String `index`. Throws RangeError outside [0, count). */
  at(index: number): string {
    if (!(index >= 0 && index < this.count)) throw new RangeError(`index ${index} outside [0, ${this.count})`);
    return this.#text.toString('utf8', this.#offsets[index], this.#offsets[index + 1]);
  }

  all(): string[] {
    return Array.from({ length: this.count }, (_, index) => this.at(index));
  }

  /** Index of `string` in a table that ascends in code-unit order, by binary search; undefined where there is none. */
  search(string: string): number | undefined {
    const sought = Buffer.from(string);
    let low = 0;
    let high = this.count - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const order = this.#compare(middle, sought);
      if (order === 0) return middle;
      if (order < 0) low = middle + 1;
      else high = middle - 1;
    }
    return undefined;
  }

  #compare(index: number, sought: Buffer): number {
    const start = this.#offsets[index]!;
    const length = this.#offsets[index + 1]! - start;
    const shared = Math.min(length, sought.length);
    for (let i = 0; i < shared; i++) {
      const mine = this.#text[start + i]!;
      const other = sought[i]!;
      if (mine !== other) return codeUnitRank(mine) - codeUnitRank(other);
    }
    return length - sought.length;
  }
}

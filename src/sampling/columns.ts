/** What a builder gathers in: columns that grow, and ids numbered as they come. No object an entry. */
import { type ArrayOf, type ElementType, elementTypes, viewOf } from './memory.ts';

/** A typed array that grows by half when it is full. */
export class Column<T extends ElementType> {
  readonly #type: T;
  #values: ArrayOf<T>;
  #length = 0;

  constructor(type: T) {
    this.#type = type;
    this.#values = this.#make(1024);
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const grown = this.#make(Math.ceil(this.#length * 1.5));
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[this.#length++] = value;
  }

  get length(): number {
    return this.#length;
  }

  /** What was pushed, without a copy; valid until the next push. */
  get values(): ArrayOf<T> {
    return this.#values.subarray(0, this.#length) as ArrayOf<T>;
  }

  #make(length: number): ArrayOf<T> {
    return viewOf(this.#type, new ArrayBuffer(length * elementTypes[this.#type].BYTES_PER_ELEMENT), 0, length);
  }
}

/** Interactions as parallel columns that grow together; a column's elements beyond `length` are nothing yet. */
export class GatheredInteractions {
  length = 0;
  users = new Int32Array(1024);
  items = new Int32Array(1024);
  types = new Uint8Array(1024);
  values = new Float32Array(1024);
  at = new Float64Array(1024);
  parts = new Uint8Array(1024);

  push(user: number, item: number, type: number, value: number, at: number, part: number): void {
    if (this.length === this.users.length) this.#grow(this.length + 1);
    const entry = this.length++;
    this.users[entry] = user;
    this.items[entry] = item;
    this.types[entry] = type;
    this.values[entry] = value;
    this.at[entry] = at;
    this.parts[entry] = part;
  }

  /** As many as there are items, alike in all else. */
  pushAlike(user: number, items: Int32Array, type: number, value: number, at: number, part: number): void {
    const begin = this.length;
    const end = begin + items.length;
    if (end > this.users.length) this.#grow(end);
    this.length = end;
    this.users.fill(user, begin, end);
    this.items.set(items, begin);
    this.types.fill(type, begin, end);
    this.values.fill(value, begin, end);
    this.at.fill(at, begin, end);
    this.parts.fill(part, begin, end);
  }

  #grow(least: number): void {
    const length = Math.max(least, this.users.length * 2);
    const grown = <A extends { set(from: A): void }>(to: A, from: A): A => {
      to.set(from);
      return to;
    };
    this.users = grown(new Int32Array(length), this.users);
    this.items = grown(new Int32Array(length), this.items);
    this.types = grown(new Uint8Array(length), this.types);
    this.values = grown(new Float32Array(length), this.values);
    this.at = grown(new Float64Array(length), this.at);
    this.parts = grown(new Uint8Array(length), this.parts);
  }
}

const loneSurrogate = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;

/** Lone surrogates cannot be stored as UTF-8; they become U+FFFD, as they do in the database. */
export function wellFormed(text: string): string {
  return loneSurrogate.test(text) ? Buffer.from(text).toString() : text;
}

/** V8 cuts a string of this length or more out of another as a view of it. */
const shortestSlice = 13;

/** Numbers distinct strings in the order in which they first come. */
export class Numbering {
  readonly #numbers = new Map<string, number>();
  readonly #names: string[] = [];

  get count(): number {
    return this.#names.length;
  }

  number(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const stored = wellFormed(name);
    let number = this.#numbers.get(stored);
    if (number === undefined) {
      number = this.#names.length;
      // Cut from a line of a file, a string would keep the whole line alive: a copy does not. Short ones V8 copies itself.
      const own = stored.length < shortestSlice ? stored : Buffer.from(stored).toString();
      this.#names.push(own);
      this.#numbers.set(own, number);
    }
    return number;
  }

  /** The number of a name that was given one. */
  known(name: string): number | undefined {
    return this.#numbers.get(name);
  }

  name(number: number): string {
    return this.#names[number]!;
  }

  /** The names in code-unit order, and the place of each number in it. */
  sorted(): { readonly names: string[]; readonly places: Int32Array } {
    const names = this.#names.toSorted(); // the default order is that of code units
    const places = new Int32Array(names.length);
    for (let place = 0; place < names.length; place++) places[this.#numbers.get(names[place]!)!] = place;
    return { names, places };
  }
}

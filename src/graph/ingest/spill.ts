/** Lines put aside by the hash of a key: what belongs together is read back together, a part at a time, in bounded memory. */
import { appendFileSync, closeSync, openSync, readSync, rmSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { mix32 } from '../../random.ts';

/** Characters that wait in memory, over all parts, before they are written: fewer make more and smaller writes. */
const heldCharacters = 4 << 20;
const readBytes = 1 << 20;

/**
 * A few lines never touch the disk; many lie in files `<path>.<part>`, which are removed as they are read. Lines of one key
 * come back in the order in which they were added. No line holds a line feed.
 */
export class Spill {
  readonly #path: string;
  readonly #salt: number;
  readonly #held: string[][];
  readonly #characters: number[];
  readonly #most: number;
  #waiting = 0;

  /** Spills of another `salt` cut the same keys another way. */
  constructor(path: string, parts: number, { salt = 0, most = heldCharacters } = {}) {
    this.#path = path;
    this.#salt = salt;
    this.#most = most;
    this.#held = Array.from({ length: parts }, () => []);
    this.#characters = this.#held.map(() => 0);
  }

  get parts(): number {
    return this.#held.length;
  }

  add(key: string, line: string): void {
    const part = hashOf(key, this.#salt) % this.#held.length;
    this.#held[part]!.push(line);
    this.#characters[part]! += line.length + 1;
    this.#waiting += line.length + 1;
    if (this.#waiting > this.#most) this.#flush();
  }

  /** Characters of a part, line feeds included. */
  size(part: number): number {
    return this.#characters[part]!;
  }

  /** The lines of a part, which is then empty. */
  *take(part: number): Generator<string> {
    const waiting = this.#held[part]!;
    this.#held[part] = [];
    this.#characters[part] = 0;
    yield* this.#readBack(part);
    for (const line of waiting) {
      this.#waiting -= line.length + 1;
      yield line;
    }
  }

  #flush(): void {
    for (const [part, lines] of this.#held.entries()) {
      if (lines.length === 0) continue;
      appendFileSync(this.#fileOf(part), `${lines.join('\n')}\n`, { mode: 0o600 });
      this.#held[part] = [];
    }
    this.#waiting = 0;
  }

  #fileOf(part: number): string {
    return `${this.#path}.${part}`;
  }

  *#readBack(part: number): Generator<string> {
    let file: number;
    try {
      file = openSync(this.#fileOf(part), 'r');
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return; // never so much that it was written
      throw thrown;
    }
    try {
      const decoder = new StringDecoder('utf8');
      const buffer = Buffer.allocUnsafe(readBytes);
      let rest = '';
      for (let got = readSync(file, buffer); got > 0; got = readSync(file, buffer)) {
        const lines = (rest + decoder.write(buffer.subarray(0, got))).split('\n');
        rest = lines.pop()!;
        yield* lines;
      }
    } finally {
      closeSync(file);
      rmSync(this.#fileOf(part));
    }
  }
}

/** FNV-1a over the code units, mixed with the salt: an unsigned 32-bit integer. */
function hashOf(key: string, salt: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return mix32(hash ^ salt);
}

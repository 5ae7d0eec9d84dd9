import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { replaceFile, sha256 } from '../../durable.ts';
import { problemOf, TastegraphError } from '../../errors.ts';

/** Pages of file systems: a block begins at one, so that writing it reads nothing. */
const PAGE = 4096;

/** Where each block lies in the file, and the CRC-32 of its bytes; −1 where it was never written. */
interface BlockMap {
  readonly positions: Int32Array; // [blocks]
  readonly sums: Uint32Array; // [blocks]
}

/**
 * A file of equal blocks with generations. `commit` makes the present content a generation, which then stays as it is: a block
 * that one of them means is never written over, its new content goes to a free place. So the file of a process that was killed
 * still holds every generation that was kept, whatever it was writing. Each generation has a map beside the file, named after it
 * and written last; what a crash left unfinished is of no generation and is used again.
 */
export class BlockFile {
  readonly path: string;
  readonly #pitch: number;
  #file: number | undefined;
  #now: BlockMap;
  #last = 0;
  readonly #generations = new Map<number, Int32Array>();
  /** Generations that mean a place. */
  #meant = new Uint8Array(1024);
  /** Places that nothing means. */
  #free: number[] = [];
  #places = 0;
  #isOpen = false;

  constructor(path: string, blocks: number, blockBytes: number) {
    this.path = path;
    this.#pitch = Math.ceil(blockBytes / PAGE) * PAGE;
    this.#now = { positions: new Int32Array(blocks).fill(-1), sums: new Uint32Array(blocks) };
  }

  /**
   * Goes back to a generation; to 0, that of no block. Older ones stay for as long as `settle` says; younger ones go.
   * Errors: training/checkpoint-corrupt, training/table-file.
   */
  open(generation: number): void {
    this.#generations.clear();
    this.#meant.fill(0);
    this.#now = { positions: this.#now.positions.fill(-1), sums: this.#now.sums.fill(0) };
    for (const number of this.#numbersOnDisk()) {
      if (number > generation || generation === 0) rmSync(this.#mapPath(number), { force: true });
      else this.#load(number, number === generation);
    }
    if (generation !== 0 && !this.#generations.has(generation))
      throw new TastegraphError('training/checkpoint-corrupt', { path: this.#mapPath(generation) });
    this.#last = generation;
    this.#isOpen = true;
    this.#attempt(() => {
      mkdirSync(dirname(this.path), { recursive: true });
      this.#file ??= openSync(this.path, existsSync(this.path) ? 'r+' : 'w+');
      this.#places = Math.ceil(fstatSync(this.#file).size / this.#pitch);
    });
    this.#free = [];
    for (let place = this.#places - 1; place >= 0; place--) if (!this.#meant[place]) this.#free.push(place);
  }

  /** Fills `bytes` with a block; false where it was never written. Errors: training/checkpoint-corrupt, training/table-file. */
  read(block: number, bytes: Uint8Array): boolean {
    const place = this.#now.positions[block]!;
    if (place < 0) return false;
    const got = this.#attempt(() => readSync(this.#file!, bytes, 0, bytes.length, place * this.#pitch));
    if (got !== bytes.length || crc32(bytes) !== this.#now.sums[block])
      throw new TastegraphError('training/checkpoint-corrupt', { path: this.path });
    return true;
  }

  /** Errors: training/table-file. */
  write(block: number, bytes: Uint8Array): void {
    if (!this.#isOpen) this.open(0);
    const { positions, sums } = this.#now;
    if (positions[block]! < 0 || this.#meant[positions[block]!]) positions[block] = this.#free.pop() ?? this.#places++;
    sums[block] = crc32(bytes);
    const from = positions[block]! * this.#pitch;
    for (let at = 0; at < bytes.length; ) {
      at += this.#attempt(() => writeSync(this.#file!, bytes, at, bytes.length - at, from + at));
    }
  }

  /** Makes the content as it is a generation, and lasting; returns its number. Errors: training/table-file. */
  commit(): number {
    if (!this.#isOpen) this.open(0);
    const { positions, sums } = this.#now;
    const number = this.#last + 1;
    this.#attempt(() => {
      fdatasyncSync(this.#file!);
      const content = Buffer.concat([bytesOf(positions), bytesOf(sums)]);
      replaceFile(this.#mapPath(number), Buffer.concat([Buffer.from(sha256(content), 'hex'), content]));
    });
    this.#keep(number, positions.slice());
    this.#last = number;
    return number;
  }

  /** Gives the places of all generations but `kept` back. */
  settle(kept: readonly number[]): void {
    for (const [number, positions] of this.#generations) {
      if (kept.includes(number)) continue;
      this.#generations.delete(number);
      rmSync(this.#mapPath(number), { force: true });
      for (const [block, place] of positions.entries()) {
        if (place < 0) continue;
        this.#meant[place]!--;
        if (!this.#meant[place] && this.#now.positions[block] !== place) this.#free.push(place);
      }
    }
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
    this.#isOpen = false;
  }

  #keep(number: number, positions: Int32Array): void {
    this.#generations.set(number, positions);
    for (const place of positions) {
      if (place < 0) continue;
      while (place >= this.#meant.length) {
        const larger = new Uint8Array(this.#meant.length * 2);
        larger.set(this.#meant);
        this.#meant = larger;
      }
      this.#meant[place]!++;
    }
  }

  /** Reads a generation's map; one that is asked for must be whole, others may have been cut off. */
  #load(number: number, isWanted: boolean): void {
    const file = readFileSync(this.#mapPath(number));
    const content = file.subarray(32);
    const blocks = this.#now.positions.length;
    if (content.length !== 8 * blocks || sha256(content) !== file.toString('hex', 0, 32)) {
      if (isWanted) throw new TastegraphError('training/checkpoint-corrupt', { path: this.#mapPath(number) });
      return;
    }
    const positions = new Int32Array(blocks);
    bytesOf(positions).set(content.subarray(0, 4 * blocks));
    if (isWanted) {
      this.#now.positions.set(positions);
      bytesOf(this.#now.sums).set(content.subarray(4 * blocks));
    }
    this.#keep(number, positions);
  }

  #mapPath(generation: number): string {
    return `${this.path}.${generation}.map`;
  }

  #numbersOnDisk(): number[] {
    const folder = dirname(this.path);
    if (!existsSync(folder)) return [];
    const before = `${basename(this.path)}.`;
    return readdirSync(folder)
      .filter((name) => name.startsWith(before) && /^\d+\.map$/.test(name.slice(before.length)))
      .map((name) => Number.parseInt(name.slice(before.length), 10));
  }

  #attempt<T>(work: () => T): T {
    try {
      return work();
    } catch (cause) {
      throw new TastegraphError('training/table-file', { path: this.path, problem: problemOf(cause) }, cause);
    }
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: Int32Array | Uint32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** The file of a table; names may hold what file systems do not take. */
export function tableFile(folder: string, name: string): string {
  return join(folder, `${encodeURIComponent(name)}.rows`);
}

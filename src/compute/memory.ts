import { TastegraphError } from '../errors.ts';
import type { SharedAllocator } from './csr.ts';

const PAGE = 65_536;
const MAX_PAGES = 65_536; // 4 GiB: all that 32-bit addresses reach
const ALIGNMENT = 64; // a cache line, so that two threads' arrays never share one

/** One shared WebAssembly memory with a first-fit allocator. Addresses are byte offsets into its buffer. */
export class KernelMemory implements SharedAllocator {
  readonly memory: WebAssembly.Memory;
  #end: number;
  /** Free ranges below the end, by address. */
  readonly #free: { at: number; bytes: number }[] = [];
  readonly #sizes = new Map<number, number>();

  constructor(reserved: number) {
    this.memory = new WebAssembly.Memory({ initial: Math.ceil(reserved / PAGE) + 1, maximum: MAX_PAGES, shared: true });
    this.#end = Math.ceil(reserved / ALIGNMENT) * ALIGNMENT;
  }

  /** Bytes in use. */
  get used(): number {
    let bytes = 0;
    for (const size of this.#sizes.values()) bytes += size;
    return bytes;
  }

  /** Bytes, zeroed unless said otherwise. Errors: compute/memory. */
  allocate(bytes: number, zeroed = true): { readonly buffer: SharedArrayBuffer; readonly byteOffset: number } {
    const size = Math.max(ALIGNMENT, Math.ceil(bytes / ALIGNMENT) * ALIGNMENT);
    const place = this.#free.findIndex((range) => range.bytes >= size);
    let at: number;
    if (place >= 0) {
      const range = this.#free[place]!;
      at = range.at;
      range.at += size;
      range.bytes -= size;
      if (range.bytes === 0) this.#free.splice(place, 1);
    } else {
      at = this.#end;
      this.#grow(at + size);
      this.#end = at + size;
    }
    this.#sizes.set(at, size);
    // A browser's types, under which the console reads the routes' types, know no memory that is shared.
    const buffer = this.memory.buffer as ArrayBufferLike as SharedArrayBuffer;
    if (zeroed && place >= 0) new Uint8Array(buffer, at, size).fill(0);
    return { buffer, byteOffset: at };
  }

  /** Gives back what `allocate` returned. */
  free(at: number): void {
    const bytes = this.#sizes.get(at);
    if (bytes === undefined) return;
    this.#sizes.delete(at);
    const next = this.#free.findIndex((range) => range.at > at);
    const place = next < 0 ? this.#free.length : next;
    this.#free.splice(place, 0, { at, bytes });
    this.#join(place);
    if (place > 0) this.#join(place - 1);
  }

  /** Joins a free range with the next where they touch. */
  #join(place: number): void {
    const range = this.#free[place]!;
    const next = this.#free[place + 1];
    if (next && range.at + range.bytes === next.at) {
      range.bytes += next.bytes;
      this.#free.splice(place + 1, 1);
    }
  }

  #grow(bytes: number): void {
    const present = this.memory.buffer.byteLength;
    if (bytes <= present) return;
    const pages = Math.ceil((bytes - present) / PAGE);
    try {
      this.memory.grow(pages);
    } catch (cause) {
      const mib = (n: number) => Math.ceil(n / 2 ** 20);
      throw new TastegraphError('compute/memory', { needed: mib(bytes), limit: mib(MAX_PAGES * PAGE) }, cause);
    }
  }
}

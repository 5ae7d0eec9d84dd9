import type { Kernels } from '../../compute/kernels.ts';

/** Where blocks come from and go back to. */
export interface BlockSource {
  read(block: number, numbers: Float32Array): void;
  write(block: number, numbers: Float32Array): void;
}

/** The blocks of a table that were used last, in the kernels' memory; what was changed is written back when it has to go. */
export class BlockCache {
  readonly slots: number;
  /** All slots, one after another. */
  readonly numbers: Float32Array; // [slots, blockNumbers]
  readonly #kernels: Kernels;
  readonly #source: BlockSource;
  readonly #blockNumbers: number;
  readonly #slotOf: Int32Array; // [blocks], −1 where a block is not here
  readonly #blockOf: Int32Array; // [slots], −1 where a slot is empty
  readonly #isChanged: Uint8Array; // [slots]
  // A ring of the slots and one place more, where it begins: after that place the slot used last, before it the one longest ago.
  readonly #after: Int32Array; // [slots + 1]
  readonly #before: Int32Array; // [slots + 1]

  constructor(kernels: Kernels, source: BlockSource, blocks: number, blockNumbers: number, slots: number) {
    this.#kernels = kernels;
    this.#source = source;
    this.#blockNumbers = blockNumbers;
    this.slots = slots;
    this.numbers = kernels.floats(slots * blockNumbers);
    this.#slotOf = new Int32Array(blocks).fill(-1);
    this.#blockOf = new Int32Array(slots).fill(-1);
    this.#isChanged = new Uint8Array(slots);
    this.#after = Int32Array.from({ length: slots + 1 }, (_, slot) => (slot + 1) % (slots + 1));
    this.#before = Int32Array.from({ length: slots + 1 }, (_, slot) => (slot + slots) % (slots + 1));
  }

  /** The slot of a block, which is read where it is not here; `willChange` says that it must be written back. */
  take(block: number, willChange: boolean): number {
    let slot = this.#slotOf[block]!;
    if (slot < 0) {
      slot = this.#before[this.slots]!;
      this.#empty(slot);
      this.#source.read(block, this.#part(slot));
      this.#slotOf[block] = slot;
      this.#blockOf[slot] = block;
    }
    if (willChange) this.#isChanged[slot] = 1;
    this.#use(slot);
    return slot;
  }

  /** Writes back all that was changed. */
  flush(): void {
    for (let slot = 0; slot < this.slots; slot++) this.#writeBack(slot);
  }

  /** Forgets everything, also what was changed. */
  clear(): void {
    this.#slotOf.fill(-1);
    this.#blockOf.fill(-1);
    this.#isChanged.fill(0);
  }

  dispose(): void {
    this.#kernels.release(this.numbers);
  }

  #part(slot: number): Float32Array {
    return this.numbers.subarray(slot * this.#blockNumbers, (slot + 1) * this.#blockNumbers);
  }

  #writeBack(slot: number): void {
    if (!this.#isChanged[slot]) return;
    this.#source.write(this.#blockOf[slot]!, this.#part(slot));
    this.#isChanged[slot] = 0;
  }

  #empty(slot: number): void {
    const block = this.#blockOf[slot]!;
    if (block < 0) return;
    this.#writeBack(slot);
    this.#slotOf[block] = -1;
    this.#blockOf[slot] = -1;
  }

  /** Puts a slot at the beginning of the ring. */
  #use(slot: number): void {
    const [after, before, start] = [this.#after, this.#before, this.slots];
    if (after[start] === slot) return;
    after[before[slot]!] = after[slot]!;
    before[after[slot]!] = before[slot]!;
    const second = after[start]!;
    after[slot] = second;
    before[second] = slot;
    after[start] = slot;
    before[slot] = start;
  }
}

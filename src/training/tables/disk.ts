import type { Kernels } from '../../compute/kernels.ts';
import type { RowOptimizer } from '../../compute/optimizers.ts';
import type { DistinctRows, RowUpdate, TableShape } from '../../models/model.ts';
import { gatherInto, rowGradients, uniqueRows } from './batch.ts';
import { BlockFile, tableFile } from './blocks.ts';
import { BlockCache } from './cache.ts';
import type { InitialRows } from './initial.ts';
import { RowLayout } from './layout.ts';
import type { StoredTable } from './stored.ts';

/** Bytes of a block: what a disk reads at least. Rows are drawn far apart, so larger blocks would read more in vain. */
const BLOCK_BYTES = 4096;

/**
 * A table in a file, for those that memory does not hold. Node has no memory mapping, so the mapping is done here: blocks of rows
 * (with their state beside them) are read into a bounded cache in the kernels' memory, where the kernels work on them as on any
 * table; what changed is written back when the cache needs its place. A block that was never touched is not in the file: its
 * first values are drawn again when it is read.
 */
export class DiskTable implements StoredTable {
  readonly name: string;
  readonly rows: number;
  readonly dim: number;
  readonly optimizer: RowOptimizer;
  readonly #kernels: Kernels;
  readonly #layout: RowLayout;
  readonly #blockRows: number;
  readonly #file: BlockFile;
  readonly #cache: BlockCache;
  /** Number of the generation of the file that checkpoints mean; 0 before the first. */
  readonly #generation = new Float32Array(1);

  constructor(
    kernels: Kernels,
    name: string,
    { rows, dim, optimizer }: Required<TableShape>,
    initial: InitialRows,
    { folder, cacheBytes }: { readonly folder: string; readonly cacheBytes: number },
  ) {
    this.#kernels = kernels;
    this.name = name;
    this.rows = rows;
    this.dim = dim;
    this.optimizer = optimizer;
    const layout = new RowLayout(dim, optimizer);
    const blockRows = Math.max(1, Math.floor(BLOCK_BYTES / 4 / layout.stride));
    const blocks = Math.ceil(rows / blockRows);
    const blockNumbers = blockRows * layout.stride;
    const file = new BlockFile(tableFile(folder, name), blocks, blockNumbers * 4);
    const source = {
      read: (block: number, numbers: Float32Array) => {
        if (file.read(block, bytesOf(numbers))) return;
        const first = block * blockRows;
        numbers.fill(0);
        layout.fill(numbers.subarray(0, Math.min(blockRows, rows - first) * layout.stride), first, initial);
      },
      write: (block: number, numbers: Float32Array) => file.write(block, bytesOf(numbers)),
    };
    const slots = Math.max(1, Math.min(blocks, Math.floor(cacheBytes / 4 / blockNumbers)));
    this.#layout = layout;
    this.#blockRows = blockRows;
    this.#file = file;
    this.#cache = new BlockCache(kernels, source, blocks, blockNumbers, slots);
  }

  gather(ids: Int32Array, out: Float32Array): void {
    const kernels = this.#kernels;
    gatherInto(kernels, this, ids, out, (held, found) => {
      // Each block is met once, however often the batch comes back to it.
      const { rows, places } = kernels.distinctIds(held, this.rows);
      const read = kernels.scratch('rows read', rows.length * this.dim);
      this.#inCache(rows, false, (cached, from, to) => {
        const part = read.subarray(from * this.dim, to * this.dim);
        kernels.gatherRows(cached, this.#cache.numbers, part, this.dim, this.#layout.stride);
      });
      kernels.gatherRows(places, read, found, this.dim);
    });
  }

  unique(ids: Int32Array): DistinctRows {
    return uniqueRows(this.#kernels, this, ids);
  }

  apply(ids: Int32Array, gradients: Float32Array, update: RowUpdate): void {
    const { rows, gradients: held, starts, order } = rowGradients(this.#kernels, this, ids, gradients);
    const cached = this.#layout.view(this.#cache.numbers);
    this.#inCache(rows, true, (places, from, to) => {
      const batch =
        starts && order
          ? { rows: places, gradients: held, starts: starts.subarray(from, to + 1), order }
          : { rows: places, gradients: held.subarray(from * this.dim, to * this.dim) };
      this.#kernels.updateRows(batch, cached, this.dim, this.optimizer, update);
    });
  }

  /**
   * Brings rows (ascending, each once) into the cache, as many at a time as it has room for, and calls `work` with their places
   * there and which of them they are.
   */
  #inCache(rows: Int32Array, willChange: boolean, work: (places: Int32Array, from: number, to: number) => void): void {
    const room = this.#kernels.scratch('rows in cache', rows.length);
    const places = new Int32Array(room.buffer, room.byteOffset, rows.length);
    const blockRows = this.#blockRows;
    let [from, blocks, block, slot] = [0, 0, -1, 0];
    for (let o = 0; o < rows.length; o++) {
      const next = Math.floor(rows[o]! / blockRows);
      if (next !== block) {
        if (blocks === this.#cache.slots) {
          work(places.subarray(from, o), from, o);
          [from, blocks] = [o, 0];
        }
        slot = this.#cache.take(next, willChange);
        blocks++;
        block = next;
      }
      places[o] = slot * blockRows + (rows[o]! - block * blockRows);
    }
    if (from < rows.length) work(places.subarray(from), from, rows.length);
  }

  *state(): Iterable<readonly [string, Float32Array]> {
    yield ['generation', this.#generation];
  }

  flush(): void {
    this.#cache.flush();
    this.#generation[0] = this.#file.commit();
  }

  settle(kept: readonly Float32Array[]): void {
    this.#file.settle([this.#generation[0]!, ...kept.map(([generation]) => generation!)]);
  }

  restored(): void {
    this.#cache.clear();
    this.#file.open(this.#generation[0]!);
  }

  dispose(): void {
    this.#cache.dispose();
    this.#file.close();
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

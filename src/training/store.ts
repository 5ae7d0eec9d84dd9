import type { Kernels } from '../compute/kernels.ts';
import { TastegraphError } from '../errors.ts';
import type { Initial, Table, TableShape, TableStore, WholeTable } from '../models/model.ts';
import { allRows } from '../models/vectors.ts';
import type { TrainingOptions } from '../options.ts';
import { DiskTable } from './tables/disk.ts';
import { InitialRows } from './tables/initial.ts';
import { MemoryTable, memoryTable, WholeMemoryTable } from './tables/memory.ts';
import type { StoredTable } from './tables/stored.ts';

/** Where tables lie. */
export type StorePlace =
  | { readonly embeddings: 'memory' }
  /** `folder` keeps the files: one for each phase of a run, since a phase begins anew under the same names. */
  | { readonly embeddings: 'disk'; readonly folder: string; readonly cacheBytes: number };

/** Where the options of a training put its tables; `folder` as in `StorePlace`. */
export function storePlace({ embeddings, cacheMb }: TrainingOptions, folder: string): StorePlace {
  return embeddings === 'memory' ? { embeddings } : { embeddings, folder, cacheBytes: cacheMb * 2 ** 20 };
}

/**
 * The embedding store: every table of a run.
 *
 * The seam is `Table`: rows are gathered by id and their gradients handed back, and no model holds a table's numbers, except
 * those that ask for a `whole` one. So a table may lie anywhere. Two kinds are here, under one contract (test/contracts/table.ts)
 * and with the same numbers to the last bit:
 *
 *   memory  rows with their state beside them, in the kernels' memory; all tables together stay below 4 GiB
 *   disk    the same rows in a file, of which a cache of blocks lies in the kernels' memory; `cacheBytes` for each table
 *
 * A table over several machines would be a third: `unique` gives ascending rows, so a batch falls into one run for each range of
 * rows; `gather` asks the owner of each range and `apply` sends it its gradients, already one a row. Its `flush` has every owner
 * commit, and its part of `state` is the number of that generation, as the disk's is.
 *
 * Checkpoints: `flush`, save `state`, `settle`; to go back: fill the arrays of `state`, `restored`.
 */
export class EmbeddingStore implements TableStore {
  readonly #tables: StoredTable[] = [];
  readonly #kernels: Kernels;
  readonly #seed: number;
  readonly #place: StorePlace;

  constructor(kernels: Kernels, seed: number, place: StorePlace = { embeddings: 'memory' }) {
    this.#kernels = kernels;
    this.#seed = seed;
    this.#place = place;
  }

  get tables(): readonly Table[] {
    return this.#tables;
  }

  table(name: string, { rows, dim, optimizer = { kind: 'adam' } }: TableShape, initial: Initial): Table {
    const shape = { rows, dim, optimizer };
    const first = this.#initial(name, dim, initial);
    return this.#keep(
      this.#place.embeddings === 'memory'
        ? memoryTable(this.#kernels, name, shape, first)
        : new DiskTable(this.#kernels, name, shape, first, this.#place),
    );
  }

  whole(name: string, { rows, dim }: Omit<TableShape, 'optimizer'>, initial: Initial): WholeTable {
    if (this.#place.embeddings === 'disk') throw new TastegraphError('training/whole-table', { table: name });
    return this.#keep(new WholeMemoryTable(this.#kernels, name, { rows, dim }, this.#initial(name, dim, initial)));
  }

  #initial(name: string, dim: number, initial: Initial): InitialRows {
    return new InitialRows(this.#kernels, this.#seed, name, dim, initial);
  }

  #keep<T extends StoredTable>(table: T): T {
    this.#tables.push(table);
    return table;
  }

  /** What a checkpoint keeps of every table, by the name of table and part. The arrays themselves, not copies. */
  state(): ReadonlyMap<string, Float32Array> {
    const state = new Map<string, Float32Array>();
    for (const table of this.#tables)
      for (const [part, array] of table.state()) state.set(`${table.name}.${part}`, array);
    return state;
  }

  /** Copies of the parameters alone, by table: what a trained model is. */
  parameters(): ReadonlyMap<string, Float32Array> {
    return new Map(this.#tables.map((table) => [table.name, allRows(table)]));
  }

  /** Fills tables in memory with what `parameters` of such a model gave; false where they are of another. */
  fill(parameters: ReadonlyMap<string, Float32Array>): boolean {
    return this.#tables.every((table) => {
      const values = parameters.get(table.name);
      if (!(table instanceof MemoryTable) || values?.length !== table.rows * table.dim) return false;
      table.fill(values);
      return true;
    });
  }

  /** Before `state` is saved: brings what is only in memory to where `state` means it. Errors: training/table-file. */
  flush(): void {
    for (const table of this.#tables) table.flush();
  }

  /**
   * After `state` was saved for good: what neither it nor one of `kept` (copies of earlier states, such as that of the best epoch)
   * means may go.
   */
  settle(...kept: readonly ReadonlyMap<string, Float32Array>[]): void {
    for (const table of this.#tables) {
      const parts = [...table.state()].map(([part]) => `${table.name}.${part}`);
      table.settle(kept.flatMap((state) => parts.flatMap((part) => state.get(part) ?? [])));
    }
  }

  /** After the arrays of `state` were filled from a checkpoint. Errors: training/checkpoint-corrupt, training/table-file. */
  restored(): void {
    for (const table of this.#tables) table.restored();
  }

  dispose(): void {
    for (const table of this.#tables) table.dispose();
    this.#tables.length = 0;
  }
}

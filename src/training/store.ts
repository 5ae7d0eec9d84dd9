import type { Kernels } from '../compute/kernels.ts';
import type { Initial, Table, TableShape, TableStore, WholeTable } from '../models/model.ts';
import { InitialRows } from './tables/initial.ts';
import { MemoryTable } from './tables/memory.ts';
import type { StoredTable } from './tables/stored.ts';

/** The embedding store: every table of a run. */
export class EmbeddingStore implements TableStore {
  readonly #tables: StoredTable[] = [];
  readonly #kernels: Kernels;
  readonly #seed: number;

  constructor(kernels: Kernels, seed: number) {
    this.#kernels = kernels;
    this.#seed = seed;
  }

  get tables(): readonly Table[] {
    return this.#tables;
  }

  table(name: string, shape: TableShape, initial: Initial): Table {
    return this.#memoryTable(name, shape, initial);
  }

  whole(name: string, { rows, dim }: Omit<TableShape, 'optimizer'>, initial: Initial): WholeTable {
    return this.#memoryTable(name, { rows, dim }, initial);
  }

  #memoryTable(name: string, shape: TableShape, initial: Initial): MemoryTable {
    const first = new InitialRows(this.#kernels, this.#seed, name, shape.dim, initial);
    const table = new MemoryTable(this.#kernels, name, shape, first);
    this.#tables.push(table);
    return table;
  }

  /** Everything that a checkpoint keeps: parameters and optimizer state, by name. The arrays themselves, not copies. */
  state(): ReadonlyMap<string, Float32Array> {
    const state = new Map<string, Float32Array>();
    for (const table of this.#tables)
      for (const [part, array] of table.state()) state.set(`${table.name}.${part}`, array);
    return state;
  }

  /** Parameters alone, by table: what a trained model is. The arrays themselves. */
  parameters(): ReadonlyMap<string, Float32Array> {
    const part = '.parameters';
    const named = [...this.state()].filter(([name]) => name.endsWith(part));
    return new Map(named.map(([name, array]) => [name.slice(0, -part.length), array]));
  }

  dispose(): void {
    for (const table of this.#tables) table.dispose();
    this.#tables.length = 0;
  }
}

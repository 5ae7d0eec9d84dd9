import { adamConstants, type Kernels } from '../compute/kernels.ts';
import type { RowUpdate, Table, TableStore } from '../models/model.ts';
import { RandomStream } from '../random.ts';

class StoredTable implements Table {
  readonly name: string;
  readonly rows: number;
  readonly dim: number;
  readonly parameters: Float32Array;
  readonly first: Float32Array;
  readonly second: Float32Array;
  readonly #kernels: Kernels;

  constructor(kernels: Kernels, name: string, rows: number, dim: number) {
    this.name = name;
    this.rows = rows;
    this.dim = dim;
    this.#kernels = kernels;
    this.parameters = kernels.floats(rows * dim);
    this.first = kernels.floats(rows * dim);
    this.second = kernels.floats(rows * dim);
  }

  gather(ids: Int32Array, out: Float32Array): void {
    const inside = this.#kernels.put(ids);
    const found = this.#kernels.floats(ids.length * this.dim);
    this.#kernels.gatherRows(inside, this.parameters, found, this.dim);
    out.set(found);
    this.#kernels.release(found, inside === ids ? undefined : inside);
  }

  apply(ids: Int32Array, gradients: Float32Array, { learningRate, l2, step }: RowUpdate): void {
    const places = new Map<number, number>();
    const place = this.#kernels.ints(ids.length);
    for (const [n, id] of ids.entries()) {
      const known = places.get(id) ?? places.size;
      places.set(id, known);
      place[n] = known;
    }
    const unique = this.#kernels.ints(places.size);
    unique.set([...places.keys()]);
    const summed = this.#kernels.floats(places.size * this.dim);
    const inside = this.#kernels.put(gradients);
    this.#kernels.scatterAdd(place, inside, summed, this.dim);
    this.#kernels.adamRows(unique, summed, this, this.dim, { ...adamConstants, learningRate, step }, l2);
    this.#kernels.release(place, unique, summed, inside === gradients ? undefined : inside);
  }
}

/** The embedding store: every table of a run, in the kernels' memory. */
export class EmbeddingStore implements TableStore {
  readonly tables: Table[] = [];
  readonly #kernels: Kernels;
  readonly #seed: number;

  constructor(kernels: Kernels, seed: number) {
    this.#kernels = kernels;
    this.#seed = seed;
  }

  table(name: string, { rows, dim }: { rows: number; dim: number }, bound: (row: number) => number): Table {
    const table = new StoredTable(this.#kernels, name, rows, dim);
    const stream = new RandomStream(this.#seed, 'table', name);
    for (let row = 0, at = 0; row < rows; row++) {
      const width = 2 * bound(row);
      for (let d = 0; d < dim; d++) table.parameters[at++] = width * (stream.uniform() - 0.5);
    }
    this.tables.push(table);
    return table;
  }

  /** Everything that a checkpoint keeps: parameters and moments, by name. The arrays themselves, not copies. */
  state(): ReadonlyMap<string, Float32Array> {
    const state = new Map<string, Float32Array>();
    for (const table of this.tables) {
      for (const part of ['parameters', 'first', 'second'] as const) state.set(`${table.name}.${part}`, table[part]);
    }
    return state;
  }

  /** Parameters alone, by table: what a trained model is. The arrays themselves. */
  parameters(): ReadonlyMap<string, Float32Array> {
    return new Map(this.tables.map(({ name, parameters }) => [name, parameters]));
  }

  dispose(): void {
    for (const { parameters, first, second } of this.tables) this.#kernels.release(parameters, first, second);
    this.tables.length = 0;
  }
}

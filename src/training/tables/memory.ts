import type { Kernels, Moments } from '../../compute/kernels.ts';
import type { OptimizerState, RowOptimizer } from '../../compute/optimizers.ts';
import type { DistinctRows, RowUpdate, TableShape, WholeTable } from '../../models/model.ts';
import { gatherInto, rowGradients, uniqueRows } from './batch.ts';
import type { InitialRows } from './initial.ts';
import { RowLayout } from './layout.ts';
import type { StoredTable } from './stored.ts';

/** A table in the kernels' memory. */
export class MemoryTable implements StoredTable {
  readonly name: string;
  readonly rows: number;
  readonly dim: number;
  readonly optimizer: RowOptimizer;
  readonly #kernels: Kernels;
  readonly #numbers: OptimizerState;
  /** What is saved and given back. */
  readonly #arrays: ReadonlyMap<string, Float32Array>;

  constructor(
    kernels: Kernels,
    name: string,
    { rows, dim, optimizer }: Required<TableShape>,
    numbers: OptimizerState,
    arrays: ReadonlyMap<string, Float32Array>,
  ) {
    this.#kernels = kernels;
    this.name = name;
    this.rows = rows;
    this.dim = dim;
    this.optimizer = optimizer;
    this.#numbers = numbers;
    this.#arrays = arrays;
  }

  gather(ids: Int32Array, out: Float32Array): void {
    gatherInto(this.#kernels, this, ids, out, (rows, found) =>
      this.#kernels.gatherRows(rows, this.#numbers.parameters, found, this.dim, this.#numbers.stride),
    );
  }

  unique(ids: Int32Array): DistinctRows {
    return uniqueRows(this.#kernels, this, ids);
  }

  apply(ids: Int32Array, gradients: Float32Array, update: RowUpdate): void {
    const batch = rowGradients(this.#kernels, this, ids, gradients);
    this.#kernels.updateRows(batch, this.#numbers, this.dim, this.optimizer, update);
  }

  state(): Iterable<readonly [string, Float32Array]> {
    return this.#arrays;
  }

  /** Puts given numbers [rows, dim] in place of the parameters; what the optimizer keeps stays. */
  fill(values: Float32Array): void {
    const { parameters, stride = this.dim } = this.#numbers;
    for (let row = 0; row < this.rows; row++)
      parameters.set(values.subarray(row * this.dim, (row + 1) * this.dim), row * stride);
  }

  flush(): void {}
  settle(): void {}
  restored(): void {}

  dispose(): void {
    this.#kernels.release(...this.#arrays.values());
  }
}

/** A table whose rows have their state beside them: what steps on some rows want. */
export function memoryTable(
  kernels: Kernels,
  name: string,
  shape: Required<TableShape>,
  initial: InitialRows,
): MemoryTable {
  const layout = new RowLayout(shape.dim, shape.optimizer);
  const rows = kernels.floats(shape.rows * layout.stride);
  layout.fill(rows, 0, initial);
  return new MemoryTable(kernels, name, shape, layout.view(rows), new Map([['rows', rows]]));
}

/** A table with an array for each part, which models multiply as matrices and update whole. */
export class WholeMemoryTable extends MemoryTable implements WholeTable {
  readonly parameters: Float32Array; // [rows, dim]
  readonly first: Float32Array; // [rows, dim], mean of the gradients
  readonly second: Float32Array; // [rows, dim], mean of their squares

  constructor(kernels: Kernels, name: string, shape: Omit<TableShape, 'optimizer'>, initial: InitialRows) {
    const array = () => kernels.floats(shape.rows * shape.dim);
    const moments: Moments = { parameters: array(), first: array(), second: array() };
    initial.fill(0, moments.parameters);
    super(kernels, name, { ...shape, optimizer: { kind: 'adam' } }, moments, new Map(Object.entries(moments)));
    this.parameters = moments.parameters;
    this.first = moments.first;
    this.second = moments.second;
  }
}

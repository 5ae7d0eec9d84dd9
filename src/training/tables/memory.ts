import type { Kernels } from '../../compute/kernels.ts';
import { type OptimizerState, type RowOptimizer, stateOf } from '../../compute/optimizers.ts';
import type { DistinctRows, RowUpdate, TableShape, WholeTable } from '../../models/model.ts';
import { heldIds, rowGradients, uniqueRows } from './batch.ts';
import type { InitialRows } from './initial.ts';
import type { StoredTable } from './stored.ts';

const none = new Float32Array(0);

/** A table whole in the kernels' memory. State that its optimizer does not need is an empty array. */
export class MemoryTable implements WholeTable, StoredTable {
  readonly name: string;
  readonly rows: number;
  readonly dim: number;
  readonly optimizer: RowOptimizer;
  readonly parameters: Float32Array; // [rows, dim]
  readonly first: Float32Array; // [rows, dim], Adam's mean of gradients, or the velocity of momentum
  readonly second: Float32Array; // [rows, dim], Adam's mean of squares, or AdaGrad's sum of squares
  readonly steps: Int32Array | undefined; // [rows], steps that each row has had
  readonly #kernels: Kernels;
  readonly #state: OptimizerState;

  constructor(kernels: Kernels, name: string, shape: TableShape, initial: InitialRows) {
    const { rows, dim, optimizer = { kind: 'adam' } } = shape;
    this.#kernels = kernels;
    this.name = name;
    this.rows = rows;
    this.dim = dim;
    this.optimizer = optimizer;
    const kept = stateOf(optimizer);
    const array = (part: 'first' | 'second') => (kept.includes(part) ? kernels.floats(rows * dim) : undefined);
    const [first, second] = [array('first'), array('second')];
    this.parameters = kernels.floats(rows * dim);
    this.steps = kept.includes('steps') ? kernels.ints(rows) : undefined;
    this.#state = { parameters: this.parameters, first, second, steps: this.steps };
    this.first = first ?? none;
    this.second = second ?? none;
    initial.fill(0, this.parameters);
    if (optimizer.kind === 'adagrad' && optimizer.initial) this.second.fill(optimizer.initial);
  }

  gather(ids: Int32Array, out: Float32Array): void {
    const kernels = this.#kernels;
    const rows = heldIds(kernels, this, ids);
    const length = ids.length * this.dim;
    const found = kernels.holds(out) ? out : kernels.scratch('gathered', length).subarray(0, length);
    kernels.gatherRows(rows, this.parameters, found, this.dim);
    if (found !== out) out.set(found);
  }

  unique(ids: Int32Array): DistinctRows {
    return uniqueRows(this.#kernels, this, ids);
  }

  apply(ids: Int32Array, gradients: Float32Array, update: RowUpdate): void {
    const batch = rowGradients(this.#kernels, this, ids, gradients);
    this.#kernels.updateRows(batch, this.#state, this.dim, this.optimizer, update);
  }

  *state(): Iterable<readonly [string, Float32Array]> {
    yield ['parameters', this.parameters];
    for (const part of stateOf(this.optimizer)) {
      if (part !== 'steps') yield [part, this[part]];
      else if (this.steps) yield [part, floatsOver(this.steps)];
    }
  }

  flush(): void {}
  settle(): void {}
  restored(): void {}

  dispose(): void {
    this.#kernels.release(this.parameters, this.first, this.second, this.steps);
  }
}

/** The same bytes under the type that checkpoints copy; nothing computes with them. */
function floatsOver({ buffer, byteOffset, length }: Int32Array): Float32Array {
  return new Float32Array(buffer, byteOffset, length);
}

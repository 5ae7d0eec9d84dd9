import { type OptimizerState, type RowOptimizer, stateOf } from '../../compute/optimizers.ts';
import type { InitialRows } from './initial.ts';

/**
 * A row with its state beside it: [parameters | first | second | steps], as far as the optimizer keeps them. An update of a row
 * then meets one place in memory, or one block of a file, instead of one for each array.
 */
export class RowLayout {
  readonly dim: number;
  /** Numbers of a row. */
  readonly stride: number;
  readonly #optimizer: RowOptimizer;

  constructor(dim: number, optimizer: RowOptimizer) {
    this.dim = dim;
    this.#optimizer = optimizer;
    const kept = stateOf(optimizer);
    this.stride = dim + kept.reduce((sum, part) => sum + (part === 'steps' ? 1 : dim), 0);
  }

  /** The parts of rows [n, stride], as the kernels take them. */
  view(rows: Float32Array): OptimizerState {
    const { dim, stride } = this;
    const kept = stateOf(this.#optimizer);
    const [first, second] = (['first', 'second'] as const).map((part) =>
      kept.includes(part) ? rows.subarray(dim * (1 + kept.indexOf(part))) : undefined,
    );
    const from = rows.byteOffset + 4 * (stride - 1);
    const steps = kept.includes('steps') && rows.length > 0 ? new Int32Array(rows.buffer, from) : undefined;
    return { parameters: rows, first, second, steps, stride };
  }

  /** Rows as they are before their first step: `begin` and on, into zeroed `rows` [n, stride]. */
  fill(rows: Float32Array, begin: number, initial: InitialRows): void {
    const { dim, stride } = this;
    initial.fill(begin, rows, stride);
    if (this.#optimizer.kind !== 'adagrad' || !this.#optimizer.initial) return;
    for (let at = dim; at < rows.length; at += stride) rows.fill(this.#optimizer.initial, at, at + dim);
  }
}

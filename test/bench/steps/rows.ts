import type * as tf from '@tensorflow/tfjs-core';
import { adamConstants, type Kernels } from '../../../src/compute/kernels.ts';
import type { Tensors } from '../../../src/compute/tensors.ts';
import type { RandomStream } from '../../../src/random.ts';

/** An embedding table in the kernels' memory: a step reads and updates the rows that its batch names, and no others. */
export class Rows {
  readonly #kernels: Kernels;
  readonly #tensors: Tensors;
  readonly #dim: number;
  readonly #table: { readonly parameters: Float32Array; readonly first: Float32Array; readonly second: Float32Array };
  /** Place of each row in the batch, plus one; 0 for none. */
  readonly #slots: Int32Array;

  constructor(tensors: Tensors, kernels: Kernels, rows: number, dim: number, stream: RandomStream) {
    this.#kernels = kernels;
    this.#tensors = tensors;
    this.#dim = dim;
    const [parameters, first, second] = [rows, rows, rows].map(() => kernels.floats(rows * dim)) as [
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    for (let i = 0; i < parameters.length; i++) parameters[i] = 0.05 * stream.normal();
    this.#table = { parameters, first, second };
    this.#slots = new Int32Array(rows);
  }

  /** The unique rows of `ids` as a tensor [unique, dim], and where each id's row stands among them, [ids]. */
  read(ids: Int32Array): { readonly unique: Int32Array; readonly rows: tf.Tensor; readonly places: tf.Tensor } {
    const places = this.#kernels.ints(ids.length);
    const unique = this.#kernels.ints(ids.length);
    let count = 0;
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i]!;
      let slot = this.#slots[id]!;
      if (slot === 0) {
        unique[count++] = id;
        slot = count;
        this.#slots[id] = slot;
      }
      places[i] = slot - 1;
    }
    for (let u = 0; u < count; u++) this.#slots[unique[u]!] = 0;
    const used = unique.subarray(0, count);
    const values = this.#kernels.unfilled(count * this.#dim);
    this.#kernels.gatherRows(used, this.#table.parameters, values, this.#dim);
    return {
      unique: used,
      rows: this.#tensors.adopt(values, [count, this.#dim]),
      places: this.#tensors.adopt(places, [ids.length]),
    };
  }

  /** Adam on the rows that `read` gave, with their gradient [unique, dim]; frees the list of them. */
  async update(unique: Int32Array, gradient: tf.Tensor, learningRate: number, step: number): Promise<void> {
    const values = (await this.#tensors.read(gradient)) as Float32Array;
    this.#kernels.adamRows(unique, values, this.#table, this.#dim, { ...adamConstants, learningRate, step }, 0);
    this.#kernels.release(unique);
  }
}

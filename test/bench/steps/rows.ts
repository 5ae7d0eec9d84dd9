import type * as tf from '@tensorflow/tfjs-core';
import type { Kernels } from '../../../src/compute/kernels.ts';
import type { Tensors } from '../../../src/compute/tensors.ts';
import type { Table } from '../../../src/models/model.ts';
import type { RandomStream } from '../../../src/random.ts';
import { EmbeddingStore } from '../../../src/training/store.ts';

/** Numbers below `bound`; a loop, since `from` with a function takes ten times as long as the draws. */
export function drawBelow(stream: RandomStream, bound: number, count: number): Int32Array {
  const drawn = new Int32Array(count);
  for (let i = 0; i < count; i++) drawn[i] = stream.integer(bound);
  return drawn;
}

/** An embedding table of the store: a step reads and updates the rows that its batch names, and no others. */
export class Rows {
  readonly #kernels: Kernels;
  readonly #tensors: Tensors;
  readonly #table: Table;

  constructor(tensors: Tensors, kernels: Kernels, rows: number, dim: number) {
    this.#kernels = kernels;
    this.#tensors = tensors;
    this.#table = new EmbeddingStore(kernels, 1).table('rows', { rows, dim }, { kind: 'normal', deviation: 0.05 });
  }

  /** The unique rows of `ids` as a tensor [unique, dim], and where each id's row stands among them, [ids]. */
  read(ids: Int32Array): { readonly unique: Int32Array; readonly rows: tf.Tensor; readonly places: tf.Tensor } {
    const { rows: unique, places } = this.#table.unique(ids);
    const values = this.#kernels.unfilled(unique.length * this.#table.dim);
    this.#table.gather(unique, values);
    return {
      unique,
      rows: this.#tensors.adopt(values, [unique.length, this.#table.dim]),
      places: this.#tensors.adopt(places, [ids.length]),
    };
  }

  /** Adam on the rows that `read` gave, with their gradient [unique, dim]. */
  async update(unique: Int32Array, gradient: tf.Tensor, learningRate: number, step: number): Promise<void> {
    this.#table.apply(unique, (await this.#tensors.read(gradient)) as Float32Array, { learningRate, step });
  }
}

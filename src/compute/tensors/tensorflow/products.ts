/**
 * Matrix products by TensorFlow on tensors in the kernels' memory. Its products use all of the processor's vector instructions,
 * of which WebAssembly has the narrow ones: twice as fast where products are large. What else a step does takes one pass of a
 * kernel of ours where TensorFlow needs several operations, so the tensors stay in our memory, which TensorFlow reads in place.
 */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Kernels } from '../../kernels.ts';
import type { SharedMemoryBackend } from '../wasm/backend.ts';
import { type Operation, rowsAChunk } from '../wasm/operation.ts';
import { type Product, productsBy, sizesOf } from '../wasm/products.ts';
import type { Attribute, Binding } from './binding.ts';

/**
 * What decides who computes a product, measured on an x86 processor with 256-bit vectors: floating-point operations a second on each
 * thread, bytes a second of the copy of the result, which one thread makes, and seconds that running two operations takes.
 */
const rates = { ours: { baseline: 28e9, relaxed: 37e9 }, theirs: 60e9, copy: 5e9, dispatch: 50e-6 } as const;

/** Whether TensorFlow computes a product sooner than our kernels do. */
function isWorthwhile({ threads, variant }: Kernels, results: number, depth: number): boolean {
  const work = (2 * results * depth) / threads;
  return work / rates.theirs + (4 * results) / rates.copy + rates.dispatch < work / rates.ours[variant];
}

/** Kernels for the products that TensorFlow computes sooner; the others are left to ours. */
export function tensorflowProducts(binding: Binding, kernels: Kernels): readonly Operation[] {
  const tensorflow = new Products(binding, kernels);
  return productsBy((backend, product) => tensorflow.multiply(backend, product));
}

/** Numbers of a result that are computed and copied at a time: eight MiB stay in the cache, and are not taken from the system anew. */
const PART = 2 ** 21;

/** Some matrices in the kernels' memory. */
interface Block {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** A tensor's numbers in the kernels' memory, where they are aligned; undefined where they are integers that pass for floats. */
function numbersOf(backend: SharedMemoryBackend, info: TensorInfo): Float32Array | undefined {
  backend.floats(info);
  const values = backend.view(info);
  return values instanceof Float32Array ? values : undefined;
}

class Products {
  readonly #binding: Binding;
  readonly #kernels: Kernels;
  /** Whether it writes to our memory; where not, results are copied twice. */
  readonly #canWrite: boolean;
  /** Whether its library has oneDNN's kernel for products. */
  readonly #hasOneDnn: boolean;
  /** The numbers from zero on, for as many matrices as there have been. */
  #places = new Int32Array(0);

  constructor(binding: Binding, kernels: Kernels) {
    this.#binding = binding;
    this.#kernels = kernels;
    this.#hasOneDnn = this.#tryOneDnn();
    this.#canWrite = this.#tryWriting(kernels);
  }

  /** op(a) × op(b) + bias; undefined where ours is as fast, and where one side is repeated for a batch of the other transposed. */
  multiply(backend: SharedMemoryBackend, product: Product): TensorInfo | undefined {
    const { a, b, transposeA, transposeB, bias, rectify = false } = product;
    const sizes = sizesOf(product);
    if (!sizes) return undefined;
    const { matricesA, matricesB, depth, columns, shape } = sizes;
    // One right side for a batch of left ones is one product of all their rows.
    const isJoined = matricesB === 1 && !transposeA;
    if (!isJoined && matricesA !== matricesB) return undefined;
    const matrices = isJoined ? 1 : matricesB;
    const rows = isJoined ? matricesA * sizes.rows : sizes.rows;
    // Without oneDNN its products of many small matrices are far slower than ours.
    if (matrices > 1 && !this.#hasOneDnn) return undefined;
    if (!isWorthwhile(this.#kernels, matrices * rows * columns, depth)) return undefined;

    const [left, right] = [numbersOf(backend, a), numbersOf(backend, b)];
    if (!left || !right) return undefined;

    const { info, at } = backend.output(shape);
    const y = backend.view(info) as Float32Array;
    const { kernels } = backend;
    // In parts: rows of one product, where those of the left side lie one after the other, or matrices of a batch.
    const units = matrices > 1 ? matrices : transposeA ? 1 : rows;
    const [unitRows, unitResults] = [(matrices * rows) / units, (matrices * rows * columns) / units];
    const part = Math.max(16, 16 * Math.floor(PART / unitResults / 16)); // sixteen of anything begin on a multiple of 64 bytes
    for (let from = 0; from < units; from += part) {
      const count = Math.min(part, units - from);
      const cut = (values: Float32Array, unit: number) => values.subarray(from * unit, (from + count) * unit);
      const [batch, partRows] = matrices > 1 ? [count, rows] : [1, count * unitRows];
      const result = { shape: [batch, partRows, columns], values: cut(y, unitResults) };
      this.#part(
        {
          shape: transposeA ? [batch, depth, partRows] : [batch, partRows, depth],
          values: cut(left, unitRows * depth),
        },
        {
          shape: transposeB ? [batch, columns, depth] : [batch, depth, columns],
          values: matrices > 1 ? cut(right, columns * depth) : right,
        },
        [transposeA, transposeB],
        result,
      );
    }
    if (bias || rectify) {
      const biases = bias ? backend.floats(bias) : 0;
      kernels.run('addBias', matrices * rows, rowsAChunk(columns), at, biases, columns, rectify ? 1 : 0);
    }
    return info;
  }

  /** result = op(left) × op(right), all [batch, rows, columns]. */
  #part(left: Block, right: Block, [transposeA, transposeB]: readonly [boolean, boolean], result: Block): void {
    const sides = [left, right].map(({ shape, values }) => this.#create(shape, values)) as [number, number];
    const made = this.#product(...sides, transposeA, transposeB);
    this.#delete(...sides);
    if (this.#canWrite) this.#copyWithin(made, result.shape, result.values);
    else {
      result.values.set(this.#binding.tensorDataSync(made) as Float32Array);
      this.#delete(made);
    }
  }

  #create(shape: readonly number[], values: Float32Array): number {
    return this.#binding.createTensor(shape, this.#binding.TF_FLOAT, values);
  }

  /** Copies a tensor of TensorFlow's, which goes, into an array by the one operation that writes to what it is given. */
  #copyWithin(from: number, shape: readonly number[], to: Float32Array): void {
    const [count] = shape as [number];
    if (this.#places.length < count) this.#places = Int32Array.from({ length: 2 * count }, (_, place) => place);
    const places = this.#binding.createTensor([count], this.#binding.TF_INT32, this.#places.subarray(0, count));
    const target = this.#create(shape, to);
    this.#delete(this.#run('InplaceUpdate', [target, places, from]), target, places, from);
  }

  /**
   * op(left) × op(right) by oneDNN's kernel where there is one. TensorFlow takes it by itself on few processors; for all of them it
   * can only be told by its environment, and then says so on the standard error of whoever trains.
   */
  #product(left: number, right: number, transposeA: boolean, transposeB: boolean, hasOneDnn = this.#hasOneDnn): number {
    const { TF_ATTR_BOOL: type, TF_ATTR_STRING } = this.#binding;
    const flags = [
      { name: 'adj_x', type, value: transposeA },
      { name: 'adj_y', type, value: transposeB },
    ];
    if (!hasOneDnn) return this.#run('BatchMatMulV2', [left, right], flags);
    const kernel = { name: '_kernel', type: TF_ATTR_STRING, value: 'MklNameChangeOp' };
    return this.#run('_MklBatchMatMulV2', [left, right], [...flags, kernel]);
  }

  #tryWriting(kernels: Kernels): boolean {
    const probe = kernels.floats(2);
    try {
      this.#copyWithin(this.#create([1, 2], Float32Array.of(3, 5)), [1, 2], probe);
      return probe[0] === 3 && probe[1] === 5;
    } catch {
      return false;
    } finally {
      kernels.release(probe);
    }
  }

  #tryOneDnn(): boolean {
    const [left, right] = [
      this.#create([1, 1, 2], Float32Array.of(2, 3)),
      this.#create([1, 2, 1], Float32Array.of(5, 7)),
    ];
    try {
      const made = this.#product(left, right, false, false, true);
      const isRight = this.#binding.tensorDataSync(made)[0] === 31;
      this.#delete(made);
      return isRight;
    } catch {
      return false; // a library without it, as on some processors
    } finally {
      this.#delete(left, right);
    }
  }

  #run(operation: string, inputs: readonly number[], more: readonly Attribute[] = []): number {
    const { TF_ATTR_TYPE, TF_FLOAT } = this.#binding;
    const type = { name: 'T', type: TF_ATTR_TYPE, value: TF_FLOAT };
    return this.#binding.executeOp(operation, [type, ...more], inputs, 1)[0]!.id;
  }

  #delete(...ids: readonly number[]): void {
    for (const id of ids) this.#binding.deleteTensor(id);
  }
}

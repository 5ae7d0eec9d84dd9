/**
 * Matrix products by TensorFlow on tensors in the kernels' memory. Its products use all of the processor's vector instructions,
 * of which WebAssembly has the narrow ones: twice as fast where products are large. What else a step does takes one pass of a
 * kernel of ours where TensorFlow needs several operations, so the tensors stay in our memory, which TensorFlow reads in place.
 */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Kernels } from '../../kernels.ts';
import type { Numbers, SharedMemoryBackend } from '../wasm/backend.ts';
import { type Operation, rowsAChunk } from '../wasm/operation.ts';
import { type Product, productsBy, sizesOf } from '../wasm/products.ts';
import type { Attribute, Binding } from './binding.ts';

/** Multiply-adds from which TensorFlow is the faster one, its dispatch and the copy of the result included. */
const LARGE = 2 ** 22;
/** The same of their number for each number of the result. */
const DEEP = 48;

/** Kernels for products that are large enough; the others are left to ours. */
export function tensorflowProducts(binding: Binding, kernels: Kernels): readonly Operation[] {
  const tensorflow = new Products(binding, kernels);
  return productsBy((backend, product) => tensorflow.multiply(backend, product));
}

class Products {
  readonly #binding: Binding;
  readonly #canWrite: boolean;
  /** The first row, as a tensor of TensorFlow's. */
  readonly #first: number;

  constructor(binding: Binding, kernels: Kernels) {
    this.#binding = binding;
    this.#first = binding.createTensor([1], binding.TF_INT32, Int32Array.from([0]));
    const probe = kernels.floats(2);
    this.#copyWithin(this.#create([1, 2], Float32Array.from([3, 5])), [1, 2], probe);
    this.#canWrite = probe[0] === 3 && probe[1] === 5;
    kernels.release(probe);
  }

  /** op(a) × op(b) + bias of one right side; undefined for small ones and for batches. */
  multiply(backend: SharedMemoryBackend, product: Product): TensorInfo | undefined {
    const { a, b, transposeA, transposeB, bias, rectify = false } = product;
    const sizes = sizesOf(product);
    if (sizes?.matricesB !== 1 || (sizes.matricesA !== 1 && transposeA)) return undefined;
    const { matricesA, depth, columns, shape } = sizes;
    const rows = matricesA * sizes.rows;
    if (depth < DEEP || rows * depth * columns < LARGE) return undefined;

    const { info, at } = backend.output(shape);
    const y = backend.view(info) as Float32Array;
    const left = this.#matrix(backend, a, transposeA ? [1, depth, rows] : [1, rows, depth]);
    const right = this.#matrix(backend, b, transposeB ? [1, columns, depth] : [1, depth, columns]);
    const made = this.#run('BatchMatMulV2', [left, right], { adj_x: transposeA, adj_y: transposeB });
    this.#delete(left, right);
    if (this.#canWrite) this.#copyWithin(made, [1, rows, columns], y);
    else {
      y.set(this.#binding.tensorDataSync(made) as Float32Array);
      this.#delete(made);
    }
    if (bias || rectify) {
      const biases = bias ? backend.floats(bias) : 0;
      backend.kernels.run('addBias', rows, rowsAChunk(columns), at, biases, columns, rectify ? 1 : 0);
    }
    return info;
  }

  /** A tensor of TensorFlow's on the memory of one of ours. */
  #matrix(backend: SharedMemoryBackend, info: TensorInfo, shape: readonly number[]): number {
    backend.floats(info); // moves it into the kernels' memory, where it is aligned
    return this.#create(shape, backend.view(info) as Numbers);
  }

  #create(shape: readonly number[], values: Numbers): number {
    return this.#binding.createTensor(shape, this.#binding.TF_FLOAT, values);
  }

  /** Copies a tensor of TensorFlow's, which goes, into an array by the one operation that writes to what it is given. */
  #copyWithin(from: number, shape: readonly number[], to: Float32Array): void {
    const target = this.#create(shape, to);
    this.#delete(this.#run('InplaceUpdate', [target, this.#first, from], {}), target, from);
  }

  #run(operation: string, inputs: readonly number[], flags: Readonly<Record<string, boolean>>): number {
    const { TF_ATTR_TYPE, TF_ATTR_BOOL, TF_FLOAT } = this.#binding;
    const attributes: Attribute[] = [{ name: 'T', type: TF_ATTR_TYPE, value: TF_FLOAT }];
    for (const [name, value] of Object.entries(flags)) attributes.push({ name, type: TF_ATTR_BOOL, value });
    return this.#binding.executeOp(operation, attributes, inputs, 1)[0]!.id;
  }

  #delete(...ids: readonly number[]): void {
    for (const id of ids) this.#binding.deleteTensor(id);
  }
}

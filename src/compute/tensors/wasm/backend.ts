import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import type { backend_util, DataId, DataType, TensorInfo } from '@tensorflow/tfjs-core';
import type { Kernels } from '../../kernels.ts';

type Values = backend_util.BackendValues;
export type Numbers = Float32Array | Int32Array;

const isNumbers = (values: unknown): values is Numbers =>
  values instanceof Float32Array || values instanceof Int32Array;

/**
 * The plain JavaScript backend of TensorFlow.js with its arrays in the kernels' shared memory, where our threaded kernels read
 * and write them in place. What an operation without a kernel of ours makes lies outside; it moves in when one of ours first meets it.
 */
export class SharedMemoryBackend extends MathBackendCPU {
  readonly kernels: Kernels;
  /** Arrays of the shared memory that a tensor owns: given back when the tensor's data is. */
  readonly #owned = new Map<DataId, Numbers>();
  /** Copies that one kernel call needed. */
  #passing: Numbers[] = [];

  constructor(kernels: Kernels) {
    super();
    this.kernels = kernels;
  }

  /** Keeps `values` as they are, except those in the shared memory: their owner may free them, so they are copied. */
  override write(values: Values, _shape: number[], dtype: DataType): DataId {
    const dataId = {};
    if (isNumbers(values) && this.kernels.holds(values)) this.#own(dataId, this.#copy(values), dtype);
    else this.data.set(dataId, { values, dtype, refCount: 1 });
    return dataId;
  }

  /** A tensor's data over `values` of the shared memory, which are freed with it where it owns them. */
  hold(values: Numbers, isOwned = true): DataId {
    const dataId = {};
    const dtype = values instanceof Float32Array ? 'float32' : 'int32';
    if (isOwned) this.#own(dataId, values, dtype);
    else this.data.set(dataId, { values, dtype, refCount: 1 });
    return dataId;
  }

  /** A float32 tensor to be written whole, and where it lies. */
  output(shape: readonly number[]): { info: TensorInfo; at: number } {
    const values = this.kernels.unfilled(shape.reduce((size, dimension) => size * dimension, 1));
    return { info: { dataId: this.hold(values), shape: [...shape], dtype: 'float32' }, at: values.byteOffset };
  }

  /** The same data under another shape. */
  alias(info: TensorInfo, shape: readonly number[]): TensorInfo {
    this.incRef(info.dataId);
    return { dataId: info.dataId, shape: [...shape], dtype: info.dtype };
  }

  /** Byte offset of a tensor's floats in the shared memory. */
  floats({ dataId }: TensorInfo): number {
    const { values } = this.data.get(dataId);
    if (values instanceof Float32Array) return this.#inside(dataId, values);
    // A cast to float32 may leave integers or booleans as they are.
    const converted = this.kernels.unfilled((values as Uint8Array).length);
    converted.set(values as Uint8Array);
    this.#passing.push(converted);
    return converted.byteOffset;
  }

  /** Byte offset of an int32 tensor's numbers in the shared memory. */
  ints({ dataId }: TensorInfo): number {
    return this.#inside(dataId, this.data.get(dataId).values as Int32Array);
  }

  /** A tensor's numbers as they lie: valid until it is disposed. */
  view({ dataId }: { readonly dataId: DataId }): Values {
    return this.data.get(dataId).values!;
  }

  /** Frees what `floats` had to convert; after each kernel. */
  sweep(): void {
    if (this.#passing.length === 0) return;
    this.kernels.release(...this.#passing);
    this.#passing = [];
  }

  /** A copy, since callers keep it past the tensor's end, when the memory is another's. */
  override readSync(dataId: DataId): Values {
    const values = super.readSync(dataId);
    return isNumbers(values) && this.kernels.holds(values) ? values.slice() : values;
  }

  override disposeData(dataId: DataId, force = false): boolean {
    const disposed = super.disposeData(dataId, force);
    const owned = disposed && this.#owned.get(dataId);
    if (owned) {
      this.kernels.release(owned);
      this.#owned.delete(dataId);
    }
    return disposed;
  }

  override dispose(): void {
    this.kernels.release(...this.#owned.values());
    this.#owned.clear();
  }

  #own(dataId: DataId, values: Numbers, dtype: DataType): void {
    this.#owned.set(dataId, values);
    this.data.set(dataId, { values, dtype, refCount: 1 });
  }

  #copy<A extends Numbers>(values: A): A {
    const { kernels } = this;
    const copy = values instanceof Float32Array ? kernels.unfilled(values.length) : kernels.ints(values.length);
    copy.set(values);
    return copy as A;
  }

  #inside(dataId: DataId, values: Numbers): number {
    if (this.kernels.holds(values)) return values.byteOffset;
    const moved = this.#copy(values);
    this.#owned.set(dataId, moved);
    this.data.get(dataId).values = moved;
    return moved.byteOffset;
  }
}

/** Typed arrays in shared memory: the elements that snapshots are made of. */
import type { SharedAllocator } from '../compute/csr.ts';

/** Element types of arrays, by the name that files and manifests use. All little-endian. */
export const elementTypes = {
  u8: Uint8Array,
  i32: Int32Array,
  u32: Uint32Array,
  f32: Float32Array,
  f64: Float64Array,
} as const;

interface ArrayTypes {
  readonly u8: Uint8Array;
  readonly i32: Int32Array;
  readonly u32: Uint32Array;
  readonly f32: Float32Array;
  readonly f64: Float64Array;
}

export type ElementType = keyof ArrayTypes;
export type ArrayOf<T extends ElementType> = ArrayTypes[T];
export type SharedArray = ArrayOf<ElementType>;

/** Memory of its own for each array: what snapshots use where no kernels' memory is given. */
export const ownMemory: SharedAllocator = {
  allocate: (bytes) => ({ buffer: new SharedArrayBuffer(bytes), byteOffset: 0 }),
};

/** A zeroed array of `length` elements in shared memory. */
export function sharedArray<T extends ElementType>(type: T, length: number, allocator: SharedAllocator): ArrayOf<T> {
  const make = elementTypes[type];
  const { buffer, byteOffset } = allocator.allocate(length * make.BYTES_PER_ELEMENT);
  return viewOf(type, buffer, byteOffset, length);
}

/** A typed array over `length` elements of a buffer from `byteOffset` on, without a copy. */
export function viewOf<T extends ElementType>(
  type: T,
  buffer: ArrayBufferLike,
  byteOffset: number,
  length: number,
): ArrayOf<T> {
  // The constructors are one family, which the compiler cannot see through the lookup.
  const make = elementTypes[type] as unknown as new (buffer: ArrayBufferLike, at: number, length: number) => ArrayOf<T>;
  return new make(buffer, byteOffset, length);
}

export function elementTypeOf(array: SharedArray): ElementType {
  for (const [name, make] of Object.entries(elementTypes)) if (array instanceof make) return name as ElementType;
  throw new RangeError('not an array of a snapshot');
}

/** The bytes of an array, without a copy. */
export function bytesOf(array: SharedArray): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

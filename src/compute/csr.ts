/** Compressed sparse rows. The only form in which topology leaves the graph. */
export interface Csr {
  readonly rows: number;
  readonly cols: number;
  readonly offsets: Int32Array; // [rows + 1]
  readonly indices: Int32Array; // [nnz], ascending within a row
  readonly weights?: Float32Array; // [nnz]
  readonly times?: Float64Array; // [nnz], ms since 1970
}

/** A place for arrays in shared memory; the kernels give one in WebAssembly's memory. */
export interface SharedAllocator {
  /** `bytes` zeroed bytes at an address that is a multiple of 64. */
  allocate(bytes: number): { readonly buffer: SharedArrayBuffer; readonly byteOffset: number };
}

/** Where a new matrix's arrays are to lie; zeroed. */
export interface CsrRoom {
  ints(length: number): Int32Array;
  floats(length: number): Float32Array;
}

const ownRoom: CsrRoom = { ints: (length) => new Int32Array(length), floats: (length) => new Float32Array(length) };

/** The same edges seen from the other side; rows ascend again. Without times. */
export function transposeCsr({ rows, cols, offsets, indices, weights }: Csr, room: CsrRoom = ownRoom): Csr {
  const turned = room.ints(cols + 1);
  for (let i = 0; i < indices.length; i++) turned[indices[i]! + 1]!++;
  for (let col = 0; col < cols; col++) turned[col + 1]! += turned[col]!;
  const next = turned.slice(0, cols);
  const turnedIndices = room.ints(indices.length);
  const turnedWeights = weights ? room.floats(indices.length) : undefined;
  for (let row = 0; row < rows; row++) {
    for (let i = offsets[row]!; i < offsets[row + 1]!; i++) {
      const at = next[indices[i]!]!++;
      turnedIndices[at] = row;
      if (turnedWeights) turnedWeights[at] = weights![i]!;
    }
  }
  const base = { rows: cols, cols: rows, offsets: turned, indices: turnedIndices };
  return turnedWeights ? { ...base, weights: turnedWeights } : base;
}

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

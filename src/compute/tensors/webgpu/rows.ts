import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { Operation } from './operation.ts';
import { type GpuBackend, run, sizeOf, zeros } from './program.ts';
import { multiplySparse, partsOf, type SparseRows } from './sparse.ts';

/**
 * Numbers of indices that have been uploaded since, after which the backend knows them no more: a gather's gradient needs them
 * again to sort by. They go when the tensor's data does.
 */
const uploaded = new WeakMap<object, Int32Array>();

/** A tensor's integers as they lie on this side, or undefined where the GPU made them. */
function valuesOf(backend: GpuBackend, { dataId }: TensorInfo): Int32Array | undefined {
  return (backend.tensorMap.get(dataId).values as Int32Array | null | undefined) ?? uploaded.get(dataId);
}

/** x[indices]: [..., row] of x [rows, ...row]. An index out of range gives zeros. */
function gather(backend: GpuBackend, x: TensorInfo, indices: TensorInfo): TensorInfo {
  const row = x.shape.slice(1);
  const shape = [...indices.shape, ...row];
  if (sizeOf(x.shape) === 0) return zeros(backend, shape);
  const ids = valuesOf(backend, indices);
  if (ids && !uploaded.has(indices.dataId)) uploaded.set(indices.dataId, ids.slice());
  const dim = sizeOf(row);
  const [components, type] = dim % 4 === 0 ? [4, 'vec4<f32>'] : [1, 'f32'];
  return run(backend, {
    name: 'gatherRows',
    inputs: { x, indices },
    fourfold: components === 4 ? ['x'] : [],
    shape,
    integers: { rows: x.shape[0]!, width: dim / components, count: sizeOf(shape) / components },
    code: `
      fn main(index : i32) {
        if (index >= uniforms.count) { return; }
        let place = index / uniforms.width;
        let row = indices[place];
        var value = ${type}(0.0);
        if (row >= 0 && row < uniforms.rows) {
          value = ${type}(x[row * uniforms.width + index - place * uniforms.width]);
        }
        result[index] = value;
      }`,
  });
}

/** Positions by id, as rows of a sparse matrix of ones; ids out of range are left out. */
function positionsById(ids: Int32Array, segments: number): { offsets: Int32Array; positions: Int32Array } {
  const offsets = new Int32Array(segments + 1);
  for (const id of ids) if (id >= 0 && id < segments) offsets[id + 1]!++;
  for (let s = 0; s < segments; s++) offsets[s + 1]! += offsets[s]!;
  const next = offsets.slice(0, segments);
  const positions = new Int32Array(offsets[segments]!);
  for (const [position, id] of ids.entries()) if (id >= 0 && id < segments) positions[next[id]!++] = position;
  return { offsets, positions };
}

/**
 * Sums of the rows of x that have one id: [segments, ...row]. WGSL has no atomic floats, and adding in whatever order they arrive in
 * would give other bits at every run; the ids came from this side, so they are sorted here and the rows summed in order.
 */
function segmentSum(backend: GpuBackend, x: TensorInfo, ids: Int32Array, segments: number): TensorInfo {
  const { offsets, positions } = positionsById(ids, segments);
  const matrix: SparseRows = {
    offsets: backend.makeTensorInfo([segments + 1], 'int32', offsets),
    indices: backend.makeTensorInfo([positions.length], 'int32', positions),
    parts: partsOf(backend, offsets),
  };
  const sums = multiplySparse(backend, matrix, x);
  for (const { dataId } of [matrix.offsets, matrix.indices, ...matrix.parts!]) backend.disposeData(dataId);
  return sums;
}

export const rows: readonly Operation[] = [
  {
    name: 'GatherV2',
    run({ inputs, attributes, backend }) {
      const { x, indices } = inputs as { x: TensorInfo; indices: TensorInfo };
      const [axis] = util.parseAxisParam(attributes.axis as number, x.shape);
      const isOurs = axis === 0 && !attributes.batchDims && x.dtype === 'float32' && indices.dtype === 'int32';
      return isOurs ? gather(backend, x, indices) : undefined;
    },
  },
  {
    name: 'UnsortedSegmentSum',
    run({ inputs, attributes, backend }) {
      const { x, segmentIds } = inputs as { x: TensorInfo; segmentIds: TensorInfo };
      const ids = valuesOf(backend, segmentIds);
      const isOurs = ids && x.dtype === 'float32' && segmentIds.shape.length === 1;
      return isOurs ? segmentSum(backend, x, ids, attributes.numSegments as number) : undefined;
    },
  },
];

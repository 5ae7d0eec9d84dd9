import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { Operation } from './operation.ts';
import { type GpuBackend, run, sizeOf } from './program.ts';
import { runRows } from './rowwise.ts';

const SEGMENT = 4096; // numbers of a row that are added up by themselves
const BLOCK = 32; // rows at least whose columns are

/** x seen as [outer, count, inner], of which the middle goes. */
interface Extent {
  readonly outer: number;
  readonly count: number;
  readonly inner: number;
}

/** The dimensions around those that go, which must be neighbours but for single ones; undefined where they are not. */
function extentOf(shape: readonly number[], axes: readonly number[]): Extent | undefined {
  const present = axes.filter((axis) => shape[axis] !== 1);
  const [first = 0, last = -1] = [present[0], present.at(-1)];
  for (let axis = first; axis <= last; axis++) if (shape[axis] !== 1 && !present.includes(axis)) return undefined;
  const [outer, count, inner] = [shape.slice(0, first), shape.slice(first, last + 1), shape.slice(last + 1)].map(
    sizeOf,
  ) as [number, number, number];
  return { outer, count, inner };
}

/** Sums or maxima, times `scale`, of each `size` numbers along the middle, the last ones maybe fewer: [outer, parts, inner]. */
function pass(
  backend: GpuBackend,
  x: TensorInfo,
  { outer, count, inner }: Extent,
  { size, scale, isMaximum }: { readonly size: number; readonly scale: number; readonly isMaximum: boolean },
): TensorInfo {
  const parts = Math.ceil(count / size);
  const integers = { whole: count, parts, size };
  const name = isMaximum ? 'Maxima' : 'Sums';
  const shape = [outer, parts, inner];
  const combine = (value: string) => (isMaximum ? `own = max(own, ${value});` : `own += ${value};`);
  if (inner === 1)
    return runRows(backend, {
      name: `row${name}`,
      inputs: { x },
      shape,
      rows: outer * parts,
      count: Math.min(count, size),
      integers,
      floats: { scale },
      body: `
        let block = row / uniforms.parts;
        let skipped = (row - block * uniforms.parts) * uniforms.size;
        let begin = block * uniforms.whole + skipped;
        let length = min(uniforms.size, uniforms.whole - skipped);
        var own = ${isMaximum ? 'f32(x[begin])' : '0.0'};
        for (var i = lane; i < length; i += LANES) { ${combine('f32(x[begin + i])')} }
        let together = ${isMaximum ? 'greatestOf' : 'sumOf'}(own);
        if (mayWrite && lane == 0) { result[row] = together * uniforms.scale; }`,
    });
  return run(backend, {
    name: `column${name}`,
    inputs: { x },
    shape,
    integers: { ...integers, inner, total: sizeOf(shape) },
    floats: { scale },
    code: `
      fn main(index : i32) {
        if (index >= uniforms.total) { return; }
        let group = index / uniforms.inner;
        let block = group / uniforms.parts;
        let skipped = (group - block * uniforms.parts) * uniforms.size;
        var at = (block * uniforms.whole + skipped) * uniforms.inner + index - group * uniforms.inner;
        let length = min(uniforms.size, uniforms.whole - skipped);
        var own = ${isMaximum ? 'f32(x[at])' : '0.0'};
        for (var i = 0; i < length; i++) {
          ${combine('f32(x[at])')}
          at += uniforms.inner;
        }
        result[index] = own * uniforms.scale;
      }`,
  });
}

/** Sums or maxima along the middle, times `scale`: in parts first where there is much of it. */
function reduce(
  backend: GpuBackend,
  x: TensorInfo,
  extent: Extent,
  how: { readonly scale: number; readonly isMaximum: boolean },
): TensorInfo {
  const { count, inner } = extent;
  const size = inner === 1 ? SEGMENT : Math.max(BLOCK, Math.ceil(Math.sqrt(count)));
  if (count <= 2 * size) return pass(backend, x, extent, { ...how, size: count });
  const parts = pass(backend, x, extent, { ...how, size, scale: 1 });
  const result = reduce(backend, parts, { ...extent, count: Math.ceil(count / size) }, how);
  backend.disposeData(parts.dataId);
  return result;
}

/**
 * The backend's own reductions give a workgroup of 64 to each number of the result, however few are added up, and transpose first
 * what is not added up along the last axis.
 */
function reduction(name: string, kind: 'sum' | 'mean' | 'maximum', attribute: string): Operation {
  return {
    name,
    run({ inputs, attributes, backend }) {
      const x = inputs.x!;
      const axes = util.parseAxisParam(attributes[attribute] as number | number[], x.shape);
      const extent = extentOf(
        x.shape,
        axes.toSorted((a, b) => a - b),
      );
      if (x.dtype !== 'float32' || sizeOf(x.shape) === 0 || !extent) return undefined;
      const keeps = Boolean(attributes.keepDims);
      const shape = x.shape.flatMap((size, axis) => (!axes.includes(axis) ? [size] : keeps ? [1] : []));
      const how = { scale: kind === 'mean' ? 1 / extent.count : 1, isMaximum: kind === 'maximum' };
      return { ...reduce(backend, x, extent, how), shape };
    },
  };
}

export const reductions: readonly Operation[] = [
  reduction('Sum', 'sum', 'axis'),
  reduction('Mean', 'mean', 'axis'),
  reduction('Max', 'maximum', 'reductionIndices'),
];

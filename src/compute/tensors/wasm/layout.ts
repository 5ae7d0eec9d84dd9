import { slice_util, type TensorInfo } from '@tensorflow/tfjs-core';
import type { SharedMemoryBackend } from './backend.ts';
import { areFloats, CHUNK, type Operation, rowsAChunk, sizeOf } from './operation.ts';

/** Shares of a segment sum, each with every so manieth segment: some for each thread, since each looks at every place. */
const sharesFor = (threads: number): number => (threads === 1 ? 1 : 2 ** Math.ceil(Math.log2(2 * threads)));

/** Copies `rows` rows of `width` numbers between two layouts whose rows lie `fromStep` and `toStep` numbers apart. */
function copyRows(
  backend: SharedMemoryBackend,
  rows: number,
  width: number,
  [from, fromStep]: readonly [number, number],
  [to, toStep]: readonly [number, number],
): void {
  if (width === 0) return;
  backend.kernels.run('copyRows', rows, rowsAChunk(width), from, fromStep * 4, to, toStep * 4, width * 4);
}

/** Tensors beside each other along `axis`. */
function concatenate(backend: SharedMemoryBackend, tensors: readonly TensorInfo[], axis: number): TensorInfo {
  const shape = [...tensors[0]!.shape];
  shape[axis] = tensors.reduce((size, tensor) => size + tensor.shape[axis]!, 0);
  const outer = sizeOf(shape.slice(0, axis));
  const inner = sizeOf(shape.slice(axis + 1));
  const { info, at } = backend.output(shape);
  let place = 0;
  for (const tensor of tensors) {
    const width = tensor.shape[axis]! * inner;
    copyRows(backend, outer, width, [backend.floats(tensor), width], [at + place * 4, shape[axis]! * inner]);
    place += width;
  }
  return info;
}

/** Part [begin, begin + size) of x along `axis`. */
function sliceAlong(
  backend: SharedMemoryBackend,
  x: TensorInfo,
  axis: number,
  begin: number,
  size: number,
): TensorInfo {
  const shape = [...x.shape];
  const inner = sizeOf(shape.slice(axis + 1));
  const outer = sizeOf(shape.slice(0, axis));
  const step = shape[axis]! * inner;
  shape[axis] = size;
  const { info, at } = backend.output(shape);
  copyRows(backend, outer, size * inner, [backend.floats(x) + begin * inner * 4, step], [at, size * inner]);
  return info;
}

/** Transposition; neighbouring dimensions that stay neighbours count as one, and up to four of those are left. */
function transpose(backend: SharedMemoryBackend, x: TensorInfo, order: readonly number[]): TensorInfo | undefined {
  const shape = order.map((axis) => x.shape[axis]!);
  const strides = x.shape.map((_, axis) => sizeOf(x.shape.slice(axis + 1)));
  const runs: { size: number; stride: number }[] = [];
  for (const axis of order) {
    const [size, stride] = [x.shape[axis]!, strides[axis]!];
    if (size === 1) continue;
    const last = runs.at(-1);
    if (last && last.stride === size * stride) {
      last.size *= size;
      last.stride = stride;
    } else runs.push({ size, stride });
  }
  if (runs.length <= 1) return backend.alias(x, shape);
  if (runs.length > 4) return undefined;
  while (runs.length < 4) runs.unshift({ size: 1, stride: 0 });
  // A chunk is one step of the two outer dimensions: where there is but one, the third takes the second's place.
  if (runs[0]!.size * runs[1]!.size === 1) runs.splice(1, 2, runs[2]!, { size: 1, stride: 0 });
  const [i, j, k, l] = runs as [Run, Run, Run, Run];
  const { info, at } = backend.output(shape);
  backend.kernels.run(
    'permute',
    sizeOf(shape) === 0 ? 0 : i.size * j.size,
    rowsAChunk(k.size * l.size),
    backend.floats(x),
    ...runs.map((run) => run.stride * 4),
    j.size,
    k.size,
    l.size,
    at,
  );
  return info;
}
type Run = { readonly size: number; readonly stride: number };

export const layout: readonly Operation[] = [
  {
    name: 'Transpose',
    run: ({ inputs, attributes, backend }) =>
      areFloats(inputs.x) ? transpose(backend, inputs.x!, attributes.perm as number[]) : undefined,
  },
  {
    name: 'Concat',
    run({ inputs, attributes, backend }) {
      const tensors = Object.values(inputs) as TensorInfo[];
      if (!areFloats(...tensors)) return undefined;
      const axis = attributes.axis as number;
      return concatenate(backend, tensors, axis < 0 ? axis + tensors[0]!.shape.length : axis);
    },
  },
  {
    name: 'Pack',
    run({ inputs, attributes, backend }) {
      const tensors = Object.values(inputs) as TensorInfo[];
      if (!areFloats(...tensors)) return undefined;
      const axis = attributes.axis as number;
      const at = axis < 0 ? axis + tensors[0]!.shape.length + 1 : axis;
      return concatenate(
        backend,
        tensors.map((tensor) => ({ ...tensor, shape: tensor.shape.toSpliced(at, 0, 1) })),
        at,
      );
    },
  },
  {
    name: 'Unpack',
    run({ inputs, attributes, backend }) {
      const x = inputs.value!;
      if (!areFloats(x)) return undefined;
      const axis = attributes.axis as number;
      const along = axis < 0 ? axis + x.shape.length : axis;
      const shape = x.shape.toSpliced(along, 1);
      return Array.from({ length: x.shape[along]! }, (_, i) => ({ ...sliceAlong(backend, x, along, i, 1), shape }));
    },
  },
  {
    name: 'Slice',
    run({ inputs, attributes, backend }) {
      const x = inputs.x!;
      if (!areFloats(x)) return undefined;
      const [begin, size] = slice_util.parseSliceParams(
        x,
        attributes.begin as number[],
        attributes.size as number[],
      ) as [number[], number[]];
      slice_util.assertParamsValid(x, begin, size);
      const cut = x.shape.flatMap((all, axis) => (size[axis] === all ? [] : [axis]));
      const [axis = 0] = cut;
      return cut.length > 1 || x.shape.length === 0
        ? undefined
        : sliceAlong(backend, x, axis, begin[axis]!, size[axis]!);
    },
  },
  {
    name: 'SplitV',
    run({ inputs, attributes, backend }) {
      const x = inputs.x!;
      const axis = attributes.axis as number;
      const along = axis < 0 ? axis + x.shape.length : axis;
      const sizes = attributes.numOrSizeSplits as number | number[];
      const each = typeof sizes === 'number' ? Array<number>(sizes).fill(Math.ceil(x.shape[along]! / sizes)) : sizes;
      if (!areFloats(x) || each.includes(-1) || each.reduce((a, b) => a + b, 0) !== x.shape[along]) return undefined;
      const begins = each.map((_, i) => each.slice(0, i).reduce((a, b) => a + b, 0));
      return each.map((size, i) => sliceAlong(backend, x, along, begins[i]!, size));
    },
  },
  {
    name: 'PadV2',
    run({ inputs, attributes, backend }) {
      const x = inputs.x!;
      const paddings = attributes.paddings as [number, number][];
      const padded = paddings.flatMap(([before, after], axis) => (before + after === 0 ? [] : [axis]));
      if (!areFloats(x) || padded.length > 1 || x.shape.length === 0) return undefined;
      const [axis = 0] = padded;
      const [before, after] = paddings[axis]!;
      const shape = x.shape.with(axis, x.shape[axis]! + before + after);
      const inner = sizeOf(shape.slice(axis + 1));
      const { info, at } = backend.output(shape);
      backend.kernels.run('fill', sizeOf(shape), CHUNK, at, attributes.constantValue as number);
      const width = x.shape[axis]! * inner;
      const rows = sizeOf(shape.slice(0, axis));
      copyRows(backend, rows, width, [backend.floats(x), width], [at + before * inner * 4, shape[axis]! * inner]);
      return info;
    },
  },
  {
    name: 'GatherV2',
    run({ inputs, attributes, backend }) {
      const { x, indices } = inputs as { x: TensorInfo; indices: TensorInfo };
      const isFirst = attributes.axis === 0 || attributes.axis === -x.shape.length;
      if (!isFirst || attributes.batchDims || !areFloats(x) || indices.dtype !== 'int32') return undefined;
      const ids = backend.view(indices) as Int32Array;
      const rows = x.shape[0]!;
      // The plain kernel says which index is out of range.
      for (let i = 0; i < ids.length; i++) if (ids[i]! < 0 || ids[i]! >= rows) return undefined;
      const row = x.shape.slice(1);
      const width = sizeOf(row);
      const { info, at } = backend.output([...indices.shape, ...row]);
      const places = backend.ints(indices);
      if (width > 0)
        backend.kernels.run('gather', ids.length, rowsAChunk(width), places, backend.floats(x), at, width * 4);
      return info;
    },
  },
  {
    name: 'UnsortedSegmentSum',
    run({ inputs, attributes, backend }) {
      const { x, segmentIds } = inputs as { x: TensorInfo; segmentIds: TensorInfo };
      const segments = attributes.numSegments as number;
      if (!areFloats(x) || segmentIds.dtype !== 'int32' || segmentIds.shape.length !== 1) return undefined;
      const row = x.shape.slice(1);
      const { info, at } = backend.output([segments, ...row]);
      const places = backend.ints(segmentIds);
      const count = x.shape[0]!;
      const from = backend.floats(x);
      const { kernels } = backend;
      const parts = sharesFor(kernels.threads);
      kernels.run('fill', sizeOf(info.shape), CHUNK, at, 0);
      kernels.run('segmentSum', parts, 1, places, count, from, segments, sizeOf(row) * 4, parts, at);
      return info;
    },
  },
];

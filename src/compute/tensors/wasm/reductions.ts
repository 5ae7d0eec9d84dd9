import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { SharedMemoryBackend } from './backend.ts';
import { areFloats, axesOf, type Operation, rowsAChunk, sizeOf } from './operation.ts';

const SEGMENT = 8192; // numbers of a row that are added up by themselves
const BLOCK = 256; // rows whose columns are added up by themselves

type Reduction = 'sum' | 'mean' | 'maximum';

/** Sum, mean or maximum over neighbouring axes, which are dropped; undefined where they are not neighbours. */
export function reduce(
  backend: SharedMemoryBackend,
  kind: Reduction,
  x: TensorInfo,
  axes: readonly number[],
): TensorInfo | undefined {
  const present = axes.filter((axis) => x.shape[axis] !== 1);
  const kept = x.shape.filter((_, axis) => !axes.includes(axis));
  if (present.length === 0) return backend.alias(x, kept);
  const [first, last] = [present[0]!, present.at(-1)!];
  for (let axis = first; axis <= last; axis++) if (x.shape[axis] !== 1 && !present.includes(axis)) return undefined;
  const outer = sizeOf(x.shape.slice(0, first));
  const count = sizeOf(x.shape.slice(first, last + 1));
  const inner = sizeOf(x.shape.slice(last + 1));
  const { info, at } = backend.output(kept);
  if (outer * inner === 0) return info;

  const { kernels } = backend;
  const isMaximum = kind === 'maximum' ? 1 : 0;
  const scale = kind === 'mean' ? 1 / count : 1;
  const from = backend.floats(x);
  const part = inner === 1 ? SEGMENT : BLOCK;
  const parts = Math.max(1, Math.ceil(count / part));
  const pass = (source: number, length: number, size: number, factor: number, to: number) => {
    const units = outer * Math.max(1, Math.ceil(length / size));
    const grain = rowsAChunk(Math.min(length, size) * inner);
    if (inner === 1) kernels.run('reduceLast', units, grain, isMaximum, source, length, size, factor, to);
    else kernels.run('reduceMiddle', units, grain, isMaximum, source, length, inner, size, factor, to);
  };
  if (parts === 1) {
    pass(from, count, part, scale, at);
  } else {
    const room = kernels.scratch('reduce', outer * parts * inner).byteOffset;
    pass(from, count, part, 1, room);
    pass(room, parts, parts, scale, at);
  }
  return info;
}

function reduction(name: string, kind: Reduction, attribute: string): Operation {
  return {
    name,
    run({ inputs, attributes, backend }) {
      const x = inputs.x!;
      if (!areFloats(x)) return undefined;
      const axes = axesOf(attributes[attribute], x.shape.length);
      const reduced = reduce(backend, kind, x, axes);
      if (!reduced || !attributes.keepDims) return reduced;
      return { ...reduced, shape: x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size)) };
    },
  };
}

export const reductions: readonly Operation[] = [
  reduction('Sum', 'sum', 'axis'),
  reduction('Mean', 'mean', 'axis'),
  reduction('Max', 'maximum', 'reductionIndices'),
];

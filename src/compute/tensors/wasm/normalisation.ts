import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { SharedMemoryBackend } from './backend.ts';
import { spansOf, strideOf } from './elementwise.ts';
import { areFloats, type Operation, rowsAChunk, sizeOf } from './operation.ts';

const BLOCK = 128; // rows whose parts of a layer norm's gradient are added up by themselves

interface Softmax {
  readonly x: TensorInfo; // [..., n]
  readonly scale?: number;
  readonly mask?: TensorInfo | undefined; // broadcast to x
  readonly isLogarithm?: boolean;
}

/** softmax(scale · x + mask) over the last axis; undefined where the mask's broadcasting takes more than two dimensions to say. */
function softmax(
  backend: SharedMemoryBackend,
  { x, scale = 1, mask, isLogarithm = false }: Softmax,
): TensorInfo | undefined {
  const count = x.shape.at(-1) ?? 1;
  const rows = sizeOf(x.shape.slice(0, -1));
  let [middle, maskOuter, maskMiddle] = [1, 0, 0];
  if (mask) {
    if (mask.shape.at(-1) !== count) return undefined;
    const outer = x.shape.slice(0, -1);
    const spans = spansOf(outer, mask.shape.slice(0, -1), outer);
    if (spans.length > 2) return undefined;
    if (spans.length === 2) middle = spans[1]!.size;
    maskOuter = strideOf(spans, 0, 'b') * count;
    maskMiddle = spans.length === 2 ? strideOf(spans, 1, 'b') * count : 0;
  }
  const { info, at } = backend.output(x.shape);
  backend.kernels.run(
    'softmaxRows',
    count === 0 ? 0 : rows,
    rowsAChunk(4 * count),
    isLogarithm ? 1 : 0,
    backend.floats(x),
    count,
    scale,
    mask ? backend.floats(mask) : 0,
    middle,
    maskOuter,
    maskMiddle,
    at,
  );
  return info;
}

export const normalisation: readonly Operation[] = [
  {
    name: 'Softmax',
    run({ inputs, attributes, backend }) {
      const x = inputs.logits!;
      const isLast = attributes.dim === x.shape.length - 1 || attributes.dim === -1;
      return areFloats(x) && isLast ? softmax(backend, { x }) : undefined;
    },
  },
  {
    name: 'LogSoftmax',
    run({ inputs, attributes, backend }) {
      const x = inputs.logits!;
      const isLast = attributes.axis === x.shape.length - 1 || attributes.axis === -1;
      return areFloats(x) && isLast ? softmax(backend, { x, isLogarithm: true }) : undefined;
    },
  },
  {
    name: 'MaskedSoftmax',
    run({ inputs, attributes, backend }) {
      return softmax(backend, { x: inputs.x!, mask: inputs.mask, scale: Number(attributes.scale) });
    },
  },
  {
    name: 'MaskedSoftmaxGradient',
    run({ inputs, attributes, backend }) {
      const { y, dy } = inputs as { y: TensorInfo; dy: TensorInfo };
      const count = y.shape.at(-1) ?? 1;
      const rows = sizeOf(y.shape.slice(0, -1));
      const { info, at } = backend.output(y.shape);
      const [left, right] = [backend.floats(y), backend.floats(dy)];
      const scale = Number(attributes.scale);
      backend.kernels.run('softmaxRowsGradient', rows, rowsAChunk(count), left, right, count, scale, at);
      return info;
    },
  },
  {
    name: 'LayerNorm',
    run({ inputs, attributes, backend }) {
      const { x, gamma, beta } = inputs as { x: TensorInfo; gamma: TensorInfo; beta: TensorInfo };
      const dim = x.shape.at(-1)!;
      const rows = dim === 0 ? 0 : sizeOf(x.shape) / dim;
      const y = backend.output(x.shape);
      const statistics = backend.output([rows, 2]);
      const [from, scale, shift] = [backend.floats(x), backend.floats(gamma), backend.floats(beta)];
      const epsilon = Number(attributes.epsilon);
      backend.kernels.run(
        'layerNormRows',
        rows,
        rowsAChunk(dim),
        from,
        scale,
        shift,
        dim,
        epsilon,
        y.at,
        statistics.at,
      );
      return [y.info, statistics.info];
    },
  },
  {
    name: 'LayerNormGradient',
    run({ inputs, backend }) {
      const { x, dy, gamma, statistics } = inputs as Record<'x' | 'dy' | 'gamma' | 'statistics', TensorInfo>;
      const dim = x.shape.at(-1)!;
      const rows = dim === 0 ? 0 : sizeOf(x.shape) / dim;
      const blocks = Math.ceil(rows / BLOCK);
      const dx = backend.output(x.shape);
      const dParameters = backend.output([2, dim]);
      const { kernels } = backend;
      const room = kernels.scratch('layerNorm', blocks * 2 * dim).byteOffset;
      const [from, d, scale, saved] = [x, dy, gamma, statistics].map((tensor) => backend.floats(tensor)) as [
        number,
        number,
        number,
        number,
      ];
      kernels.run('layerNormRowsGradient', blocks, 1, from, d, scale, saved, rows, dim, BLOCK, dx.at, room);
      kernels.run('reduceMiddle', 1, 1, 0, room, blocks, 2 * dim, Math.max(1, blocks), 1, dParameters.at);
      return [dx.info, dParameters.info];
    },
  },
];

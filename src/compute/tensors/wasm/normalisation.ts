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

/** softmax(scale · x + mask) over the last axis; undefined where the mask's broadcasting takes more than three dimensions to say. */
function softmax(backend: SharedMemoryBackend, options: Softmax): TensorInfo | undefined {
  const { x, scale = 1, mask, isLogarithm = false } = options;
  const count = x.shape.at(-1) ?? 1;
  const outer = x.shape.slice(0, -1);
  const rows = sizeOf(outer);
  const spans = mask ? spansOf(outer, mask.shape.slice(0, -1), outer) : [];
  if (spans.length > 3 || (mask && mask.shape.at(-1) !== count)) return undefined;
  while (spans.length < 3) spans.unshift({ size: 1, a: true, b: false });
  const steps = spans.map((_, place) => strideOf(spans, place, 'b') * count);
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
    spans[1]!.size,
    spans[2]!.size,
    ...steps,
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
  {
    name: 'CrossEntropy',
    run({ inputs, backend }) {
      const { logits, labels } = inputs as Record<'logits' | 'labels', TensorInfo>;
      const [rows, count] = logits.shape as [number, number];
      const [losses, totals] = [backend.output([rows]), backend.output([rows])];
      const [x, right] = [backend.floats(logits), backend.ints(labels)];
      backend.kernels.run('crossEntropyRows', rows, rowsAChunk(count), x, right, count, losses.at, totals.at);
      return [losses.info, totals.info];
    },
  },
  {
    name: 'CrossEntropyGradient',
    run({ inputs, backend }) {
      const { logits, labels, totals, dy } = inputs as Record<'logits' | 'labels' | 'totals' | 'dy', TensorInfo>;
      const [rows, count] = logits.shape as [number, number];
      const { info, at } = backend.output(logits.shape);
      const [x, right] = [backend.floats(logits), backend.ints(labels)];
      const [sums, d] = [backend.floats(totals), backend.floats(dy)];
      backend.kernels.run('crossEntropyRowsGradient', rows, rowsAChunk(count), x, right, count, sums, d, at);
      return info;
    },
  },
];

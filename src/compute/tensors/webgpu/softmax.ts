import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { Operation } from './operation.ts';
import { type GpuBackend, run, sizeOf } from './program.ts';
import { runRows } from './rowwise.ts';

const rowsOf = (shape: readonly number[], count: number): number => (count === 0 ? 0 : sizeOf(shape) / count);

interface Softmax {
  readonly x: TensorInfo; // [..., n], up to four dimensions where there is a mask
  readonly scale?: number;
  readonly mask?: TensorInfo | undefined; // broadcast to x, with its last dimension
  readonly isLogarithm?: boolean;
}

/** Steps from one row to the next of the mask along the three outer dimensions of x, 0 where it repeats. */
function maskSteps(mask: TensorInfo, x: TensorInfo): Record<string, number> {
  const ofX = [...Array<number>(4 - x.shape.length).fill(1), ...x.shape];
  const ofMask = [...Array<number>(4 - mask.shape.length).fill(1), ...mask.shape];
  const strides = [...util.computeStrides(ofMask), 1];
  const step = (axis: number) => (ofMask[axis] === 1 ? 0 : strides[axis]!);
  return { middle: ofX[1]!, inner: ofX[2]!, maskOuter: step(0), maskMiddle: step(1), maskInner: step(2) };
}

/** softmax(scale · x + mask) over the last dimension, or its logarithm. */
function softmax(backend: GpuBackend, { x, scale = 1, mask, isLogarithm = false }: Softmax): TensorInfo {
  const count = x.shape.at(-1) ?? 1;
  const rows = rowsOf(x.shape, count);
  const base = mask
    ? `let outermost = row / (uniforms.middle * uniforms.inner);
       let rest = row - outermost * uniforms.middle * uniforms.inner;
       let maskBegin = outermost * uniforms.maskOuter + rest / uniforms.inner * uniforms.maskMiddle
         + rest % uniforms.inner * uniforms.maskInner;`
    : '';
  const value = `uniforms.scale * x[begin + i]${mask ? ' + mask[maskBegin + i]' : ''}`;
  return runRows(backend, {
    name: `softmax${mask ? 'Masked' : ''}${isLogarithm ? 'Logarithm' : ''}`,
    inputs: { x, ...(mask ? { mask } : {}) },
    shape: x.shape,
    rows,
    count,
    integers: mask ? maskSteps(mask, x) : {},
    floats: { scale },
    body: `
      let begin = row * uniforms.count;
      ${base}
      var own = -3.4e38;
      for (var i = lane; i < uniforms.count; i += LANES) { own = max(own, ${value}); }
      let greatest = greatestOf(own);
      var total = 0.0;
      for (var i = lane; i < uniforms.count; i += LANES) { total += exp(${value} - greatest); }
      let sum = sumOf(total);
      if (mayWrite) {
        for (var i = lane; i < uniforms.count; i += LANES) {
          let above = ${value} - greatest;
          result[begin + i] = ${isLogarithm ? 'above - log(sum)' : 'exp(above) / sum'};
        }
      }`,
  });
}

/** Whether an operation goes over the last dimension of x, of floats. */
function isOverLast(x: TensorInfo, axis: unknown): boolean {
  const last = x.shape.length - 1;
  return x.dtype === 'float32' && (axis === undefined || axis === last || axis === -1);
}

export const softmaxes: readonly Operation[] = [
  {
    name: 'Softmax',
    run({ inputs, attributes, backend }) {
      const x = inputs.logits!;
      return isOverLast(x, attributes.dim) ? softmax(backend, { x }) : undefined;
    },
  },
  {
    name: 'LogSoftmax',
    run({ inputs, attributes, backend }) {
      const x = inputs.logits!;
      return isOverLast(x, attributes.axis) ? softmax(backend, { x, isLogarithm: true }) : undefined;
    },
  },
  {
    name: 'MaskedSoftmax',
    run: ({ inputs, attributes, backend }) =>
      softmax(backend, { x: inputs.x!, mask: inputs.mask, scale: Number(attributes.scale) }),
  },
  {
    name: 'MaskedSoftmaxGradient',
    run({ inputs, attributes, backend }) {
      const { y, dy } = inputs as { y: TensorInfo; dy: TensorInfo };
      const count = y.shape.at(-1) ?? 1;
      const rows = rowsOf(y.shape, count);
      return runRows(backend, {
        name: 'softmaxGradient',
        inputs: { y, dy },
        shape: y.shape,
        rows,
        count,
        floats: { scale: Number(attributes.scale) },
        body: `
          let begin = row * uniforms.count;
          var own = 0.0;
          for (var i = lane; i < uniforms.count; i += LANES) { own += y[begin + i] * dy[begin + i]; }
          let along = sumOf(own);
          if (mayWrite) {
            for (var i = lane; i < uniforms.count; i += LANES) {
              result[begin + i] = uniforms.scale * y[begin + i] * (dy[begin + i] - along);
            }
          }`,
      });
    },
  },
  {
    // The losses, and ln Σ e^logit of each row for the gradient.
    name: 'CrossEntropy',
    run({ inputs, backend }) {
      const { logits, labels } = inputs as Record<'logits' | 'labels', TensorInfo>;
      const [rows, count] = logits.shape as [number, number];
      const totals = runRows(backend, {
        name: 'logarithmOfSum',
        inputs: { logits },
        shape: [rows],
        rows,
        count,
        body: `
          let begin = row * uniforms.count;
          var own = -3.4e38;
          for (var i = lane; i < uniforms.count; i += LANES) { own = max(own, logits[begin + i]); }
          let greatest = greatestOf(own);
          var total = 0.0;
          for (var i = lane; i < uniforms.count; i += LANES) { total += exp(logits[begin + i] - greatest); }
          let sum = sumOf(total);
          if (mayWrite && lane == 0) { result[row] = greatest + log(sum); }`,
      });
      const losses = run(backend, {
        name: 'crossEntropy',
        inputs: { logits, labels, totals },
        shape: [rows],
        integers: { rows, count },
        code: `
          fn main(index : i32) {
            if (index >= uniforms.rows) { return; }
            let label = labels[index];
            var loss = 0.0;
            if (label >= 0) { loss = totals[index] - logits[index * uniforms.count + label]; }
            result[index] = loss;
          }`,
      });
      return [losses, totals];
    },
  },
  {
    name: 'CrossEntropyGradient',
    run({ inputs, backend }) {
      const { logits, labels, totals, dy } = inputs as Record<'logits' | 'labels' | 'totals' | 'dy', TensorInfo>;
      const [, count] = logits.shape as [number, number];
      return run(backend, {
        name: 'crossEntropyGradient',
        inputs: { logits, labels, totals, dy },
        shape: logits.shape,
        integers: { width: count, count: sizeOf(logits.shape) },
        code: `
          fn main(index : i32) {
            if (index >= uniforms.count) { return; }
            let row = index / uniforms.width;
            let label = labels[row];
            var slope = 0.0;
            if (label >= 0) {
              slope = exp(logits[index] - totals[row]) - select(0.0, 1.0, index - row * uniforms.width == label);
            }
            result[index] = dy[row] * slope;
          }`,
      });
    },
  },
];

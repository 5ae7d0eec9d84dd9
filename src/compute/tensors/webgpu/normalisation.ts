import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Operation } from './operation.ts';
import { type GpuBackend, run, sizeOf, zeros } from './program.ts';
import { runRows } from './rowwise.ts';

/** Rows of a matrix whose last dimension is `count`; 0 where that is 0. */
const rowsOf = (shape: readonly number[], count: number): number => (count === 0 ? 0 : sizeOf(shape) / count);

/** Mean and 1 / √(variance + ε) of each row: [rows, 2]. */
function statisticsOf(backend: GpuBackend, x: TensorInfo, rows: number, dim: number, epsilon: number): TensorInfo {
  return runRows(backend, {
    name: 'layerNormStatistics',
    inputs: { x },
    shape: [rows, 2],
    rows,
    count: dim,
    floats: { epsilon },
    body: `
      var own = 0.0;
      for (var d = lane; d < uniforms.count; d += LANES) { own += x[row * uniforms.count + d]; }
      let mean = sumOf(own) / f32(uniforms.count);
      var squares = 0.0;
      for (var d = lane; d < uniforms.count; d += LANES) {
        let distance = x[row * uniforms.count + d] - mean;
        squares += distance * distance;
      }
      let variance = sumOf(squares) / f32(uniforms.count);
      if (mayWrite && lane == 0) {
        result[2 * row] = mean;
        result[2 * row + 1] = 1.0 / sqrt(variance + uniforms.epsilon);
      }`,
  });
}

/** dx, from the means of γ dy and of γ dy x̂ over each row. */
function inputGradient(
  backend: GpuBackend,
  { x, dy, gamma, statistics }: NormGradient,
  rows: number,
  dim: number,
): TensorInfo {
  return runRows(backend, {
    name: 'layerNormGradient',
    inputs: { x, dy, gamma, statistics },
    shape: x.shape,
    rows,
    count: dim,
    body: `
      let mean = statistics[2 * row];
      let scale = statistics[2 * row + 1];
      var slopes = 0.0;
      var along = 0.0;
      for (var d = lane; d < uniforms.count; d += LANES) {
        let slope = dy[row * uniforms.count + d] * gamma[d];
        slopes += slope;
        along += slope * (x[row * uniforms.count + d] - mean) * scale;
      }
      let meanSlope = sumOf(slopes) / f32(uniforms.count);
      let meanAlong = sumOf(along) / f32(uniforms.count);
      if (mayWrite) {
        for (var d = lane; d < uniforms.count; d += LANES) {
          let place = row * uniforms.count + d;
          let unit = (x[place] - mean) * scale;
          result[place] = scale * (dy[place] * gamma[d] - meanSlope - unit * meanAlong);
        }
      }`,
  });
}

/** dγ = Σ dy x̂ and dβ = Σ dy over the rows, [2, dim]: blocks of about √rows rows first, then the blocks. */
function parameterGradients(
  backend: GpuBackend,
  { x, dy, statistics }: NormGradient,
  rows: number,
  dim: number,
): TensorInfo {
  const block = Math.max(16, Math.ceil(Math.sqrt(rows)));
  const blocks = Math.ceil(rows / block);
  const parts = run(backend, {
    name: 'layerNormBlocks',
    inputs: { x, dy, statistics },
    shape: [blocks, 2, dim],
    integers: { rows, dim, block, count: blocks * 2 * dim },
    code: `
      fn main(index : i32) {
        if (index >= uniforms.count) { return; }
        let part = index / (2 * uniforms.dim);
        let place = index - part * 2 * uniforms.dim;
        let d = place % uniforms.dim;
        let end = min(uniforms.rows, (part + 1) * uniforms.block);
        var sum = 0.0;
        for (var row = part * uniforms.block; row < end; row++) {
          let slope = dy[row * uniforms.dim + d];
          if (place < uniforms.dim) {
            sum += slope * (x[row * uniforms.dim + d] - statistics[2 * row]) * statistics[2 * row + 1];
          } else {
            sum += slope;
          }
        }
        result[index] = sum;
      }`,
  });
  const sums = run(backend, {
    name: 'sumOfBlocks',
    inputs: { parts },
    shape: [2, dim],
    integers: { blocks, count: 2 * dim },
    code: `
      fn main(index : i32) {
        if (index >= uniforms.count) { return; }
        var sum = 0.0;
        for (var part = 0; part < uniforms.blocks; part++) { sum += parts[part * uniforms.count + index]; }
        result[index] = sum;
      }`,
  });
  backend.disposeData(parts.dataId);
  return sums;
}

type NormGradient = Readonly<Record<'x' | 'dy' | 'gamma' | 'statistics', TensorInfo>>;

export const normalisation: readonly Operation[] = [
  {
    name: 'LayerNorm',
    run({ inputs, attributes, backend }) {
      const { x, gamma, beta } = inputs as Record<'x' | 'gamma' | 'beta', TensorInfo>;
      const dim = x.shape.at(-1)!;
      const rows = rowsOf(x.shape, dim);
      const statistics = statisticsOf(backend, x, rows, dim, Number(attributes.epsilon));
      const y = run(backend, {
        name: 'layerNorm',
        inputs: { x, gamma, beta, statistics },
        shape: x.shape,
        integers: { dim, count: sizeOf(x.shape) },
        code: `
          fn main(index : i32) {
            if (index >= uniforms.count) { return; }
            let row = index / uniforms.dim;
            let d = index - row * uniforms.dim;
            result[index] = (x[index] - statistics[2 * row]) * statistics[2 * row + 1] * gamma[d] + beta[d];
          }`,
      });
      return [y, statistics];
    },
  },
  {
    name: 'LayerNormGradient',
    run({ inputs, backend }) {
      const all = inputs as NormGradient;
      const dim = all.x.shape.at(-1)!;
      const rows = rowsOf(all.x.shape, dim);
      if (rows === 0) return [zeros(backend, all.x.shape), zeros(backend, [2, dim])];
      return [inputGradient(backend, all, rows, dim), parameterGradients(backend, all, rows, dim)];
    },
  },
];

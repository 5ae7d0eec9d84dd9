/** The kernels of tables and dense parameters once more, plain and in double precision: what tests hold the fast ones to. */
import { mix32 } from '../../random.ts';
import {
  adagradEpsilon,
  adamConstants,
  type DenseOptimizer,
  type OptimizerState,
  type OptimizerStep,
  type RowOptimizer,
} from '../optimizers.ts';
import type { DrawnShape, RowGradients, StreamKeys } from '../tables.ts';

export function distinctIds(ids: Int32Array): { rows: Int32Array; places: Int32Array } {
  const rows = Int32Array.from(new Set(ids)).sort();
  return { rows, places: ids.map((id) => rows.indexOf(id)) };
}

/** One number at `at`, with its gradient. */
function stepNumber(
  at: number,
  gradient: number,
  { parameters, first, second }: OptimizerState,
  optimizer: DenseOptimizer,
  learningRate: number,
  step: number,
): void {
  switch (optimizer.kind) {
    case 'adam':
    case 'adamw': {
      const { beta1, beta2, epsilon } = { ...adamConstants, ...optimizer };
      const m = beta1 * first![at]! + (1 - beta1) * gradient;
      const v = beta2 * second![at]! + (1 - beta2) * gradient ** 2;
      first![at] = m;
      second![at] = v;
      const change = (learningRate * (m / (1 - beta1 ** step))) / (Math.sqrt(v / (1 - beta2 ** step)) + epsilon);
      const decay = optimizer.kind === 'adamw' ? learningRate * optimizer.decay * parameters[at]! : 0;
      parameters[at]! -= change + decay;
      return;
    }
    case 'adagrad': {
      const sum = second![at]! + gradient ** 2;
      second![at] = sum;
      parameters[at]! -= (learningRate * gradient) / (Math.sqrt(sum) + (optimizer.epsilon ?? adagradEpsilon));
      return;
    }
    case 'sgd': {
      const velocity = optimizer.momentum ? optimizer.momentum * first![at]! + gradient : gradient;
      if (first) first[at] = velocity;
      parameters[at]! -= learningRate * velocity;
    }
  }
}

export function updateRows(
  { rows, gradients, starts, order }: RowGradients,
  table: OptimizerState,
  dim: number,
  optimizer: RowOptimizer,
  { learningRate, step, l2 = 0, scale = 1, clip = 0 }: OptimizerStep,
): void {
  for (const [o, row] of rows.entries()) {
    const positions = order ? order.subarray(starts![o], starts![o + 1]) : [o];
    const sums = Array.from({ length: dim }, (_, d) => {
      let sum = 0;
      for (const position of positions) sum += gradients[position * dim + d]!;
      return scale * sum;
    });
    const norm = Math.hypot(...sums);
    const shorten = clip > 0 && norm > clip ? clip / norm : 1;
    const own = table.steps ? ++table.steps[row * (table.stride ?? 1)]! : step;
    for (const [d, sum] of sums.entries()) {
      const at = row * (table.stride ?? dim) + d;
      stepNumber(at, shorten * sum + l2 * table.parameters[at]!, table, optimizer, learningRate, own);
    }
  }
}

export function updateDense(
  gradient: Float32Array,
  state: OptimizerState,
  optimizer: DenseOptimizer,
  { learningRate, step, l2 = 0, scale = 1 }: OptimizerStep,
): void {
  for (const [at, value] of gradient.entries()) {
    stepNumber(at, scale * value + l2 * state.parameters[at]!, state, optimizer, learningRate, step);
  }
}

export function squaredNorm(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value * value, 0);
}

/** Draw `counter` of the stream of `keys`, as `RandomStream.at` has it. */
const draw = ([first, second]: StreamKeys, counter: number): number => mix32(mix32(counter ^ first) + second);

export function drawUniform(
  keys: StreamKeys,
  from: number,
  bounds: Float64Array,
  out: Float32Array,
  { rows, dim, stride = dim }: DrawnShape,
): void {
  for (let n = 0; n < rows * dim; n++) {
    const [row, d] = [Math.floor(n / dim), n % dim];
    out[row * stride + d] = 2 * bounds[row]! * (draw(keys, from + n) * 2 ** -32 - 0.5);
  }
}

/** Φ(x) − ½ by its power series (Marsaglia, "Evaluating the Normal Distribution", 2004): another road than the kernel's. */
export function normalShare(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 3; Math.abs(term) > 1e-18 * Math.abs(sum) && n < 400; n += 2) {
    term *= (x * x) / n;
    sum += term;
  }
  return (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
}

export function drawNormal(
  keys: StreamKeys,
  from: number,
  { low, deviation }: { readonly low: number; readonly deviation: number },
  out: Float32Array,
  { rows, dim, stride = dim }: DrawnShape,
): void {
  for (let n = 0; n < rows * dim; n++) {
    const share = low + (1 - 2 * low) * ((draw(keys, from + n) + 0.5) * 2 ** -32) - 0.5;
    // Φ by bisection: slow and sure.
    let [least, most] = [-8, 8];
    while (most - least > 1e-12) {
      const middle = (least + most) / 2;
      if (normalShare(middle) < share) least = middle;
      else most = middle;
    }
    out[Math.floor(n / dim) * stride + (n % dim)] = deviation * least;
  }
}

import type { TensorInfo } from '@tensorflow/tfjs-core';
import { type AdamStep, adamArguments } from '../../kernels.ts';
import type { Operation } from './operation.ts';
import { type GpuBackend, run, sizeOf } from './program.ts';

const ROOT = Math.sqrt(2 / Math.PI);

/** Places of the flat arrays, one an invocation, four where they divide by four. `value` is WGSL for the place `index`. */
function each(
  backend: GpuBackend,
  name: string,
  inputs: Readonly<Record<string, TensorInfo>>,
  value: (type: string) => string,
  numbers: { readonly integers?: Record<string, number>; readonly floats?: Record<string, number> } = {},
): TensorInfo {
  const { shape } = Object.values(inputs)[0]!;
  const size = sizeOf(shape);
  const components = size % 4 === 0 ? 4 : 1;
  const type = components === 4 ? 'vec4<f32>' : 'f32';
  return run(backend, {
    name,
    inputs,
    fourfold: components === 4 ? Object.keys(inputs) : [],
    shape,
    integers: { ...numbers.integers, count: size / components },
    ...(numbers.floats ? { floats: numbers.floats } : {}),
    code: `
      fn main(index : i32) {
        if (index >= uniforms.count) { return; }
        ${Object.keys(inputs)
          .map((input) => `let ${input}Here = ${type}(${input}[index]);`)
          .join('\n')}
        ${value(type)}
      }`,
  });
}

/** Writes over a tensor's own numbers. `value` is WGSL for the new number at `index`, from the old one, `old`. */
function update(
  backend: GpuBackend,
  name: string,
  target: TensorInfo,
  inputs: Readonly<Record<string, TensorInfo>>,
  value: string,
  floats: Record<string, number>,
): void {
  const count = sizeOf(target.shape);
  run(backend, {
    name,
    inputs,
    output: target,
    shape: target.shape,
    integers: { count },
    floats,
    code: `
      fn main(index : i32) {
        if (index >= uniforms.count) { return; }
        let old = result[index];
        result[index] = ${value};
      }`,
  });
  // What was downloaded before is no longer so.
  const held = backend.tensorMap.get(target.dataId);
  if (held.resource) held.values = null;
}

export const elementwise: readonly Operation[] = [
  {
    // Wellons' "lowbias32" of place and seed, as in `operations.ts`, where unsigned numbers are what JavaScript calls >>>.
    name: 'Dropout',
    run({ inputs, attributes, backend }) {
      const x = inputs.x!;
      const { seed, threshold, scale } = attributes as { seed: number; threshold: number; scale: number };
      return run(backend, {
        name: 'dropout',
        inputs: { x },
        shape: x.shape,
        integers: { seed, threshold, count: sizeOf(x.shape) },
        floats: { scale },
        code: `
          fn main(index : i32) {
            if (index >= uniforms.count) { return; }
            var hash = (u32(index) * 0x9e3779b9u) ^ bitcast<u32>(uniforms.seed);
            hash ^= hash >> 16u;
            hash *= 0x7feb352du;
            hash ^= hash >> 15u;
            hash *= 0x846ca68bu;
            hash ^= hash >> 16u;
            result[index] = select(0.0, f32(x[index]) * uniforms.scale, bitcast<i32>(hash) >= uniforms.threshold);
          }`,
      });
    },
  },
  {
    name: 'RectifierGradient',
    run({ inputs, backend }) {
      const { a, b } = inputs as { a: TensorInfo; b: TensorInfo };
      return each(
        backend,
        'rectifierGradient',
        { a, b },
        (type) => `result[index] = select(${type}(0.0), aHere, bHere > ${type}(0.0));`,
      );
    },
  },
  {
    name: 'Gelu',
    run: ({ inputs, backend }) =>
      each(
        backend,
        'gelu',
        { x: inputs.x! },
        (type) => `
          let inner = ${ROOT} * (xHere + 0.044715 * xHere * xHere * xHere);
          // tanh of what is far out may overflow on the way to 1.
          result[index] = 0.5 * xHere * (1.0 + tanh(clamp(inner, ${type}(-15.0), ${type}(15.0))));`,
      ),
  },
  {
    name: 'GeluGradient',
    run({ inputs, backend }) {
      const { a, b } = inputs as { a: TensorInfo; b: TensorInfo };
      return each(
        backend,
        'geluGradient',
        { a, b },
        (type) => `
          let inner = ${ROOT} * (aHere + 0.044715 * aHere * aHere * aHere);
          let t = tanh(clamp(inner, ${type}(-15.0), ${type}(15.0)));
          let slope = ${ROOT} * (1.0 + 3.0 * 0.044715 * aHere * aHere);
          result[index] = bHere * (0.5 * (1.0 + t) + 0.5 * aHere * (1.0 - t * t) * slope);`,
      );
    },
  },
  {
    // Writes the parameter and its moments in place: only for data that no other tensor shares.
    name: 'AdamDense',
    run({ inputs, attributes, backend }) {
      const { parameter, first, second, gradient } = inputs as Record<
        'parameter' | 'first' | 'second' | 'gradient',
        TensorInfo
      >;
      const { decay, ...adam } = attributes as unknown as AdamStep & { readonly decay: number };
      if (sizeOf(parameter.shape) === 0) return [];
      const [step, beta1, beta2, epsilon] = adamArguments(adam);
      const d = '(gradient[index] + uniforms.decay * parameter[index])';
      const moment = { parameter, gradient };
      update(backend, 'adamFirst', first, moment, `mix(${d}, old, uniforms.beta)`, { decay, beta: beta1 });
      update(backend, 'adamSecond', second, moment, `mix(${d} * ${d}, old, uniforms.beta)`, { decay, beta: beta2 });
      const moved = 'old - uniforms.step * first[index] / (sqrt(second[index]) + uniforms.epsilon)';
      update(backend, 'adamParameter', parameter, { first, second }, moved, { step, epsilon });
      return [];
    },
  },
];

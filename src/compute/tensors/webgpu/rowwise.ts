/** Kernels that need sums over a row: some invocations of a workgroup work on a row together, and the workgroup on some rows. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { type GpuBackend, GROUP, type Program, run } from './program.ts';

export interface RowProgram extends Pick<Program, 'name' | 'inputs' | 'shape' | 'integers' | 'floats'> {
  readonly rows: number;
  /** Numbers of a row that the body goes over. */
  readonly count: number;
  /**
   * WGSL for one row, `row`, of `uniforms.count` numbers, of which an invocation takes those at `lane`, `lane + LANES`, and so on. It
   * may call `sumOf` and `greatestOf` with a number of each invocation's own, outside of branches, and must write only `if (mayWrite)`.
   */
  readonly body: string;
}

/** Invocations to a row: a power of two that leaves each about four numbers. */
function lanesFor(count: number): number {
  let lanes = 1;
  while (lanes < GROUP && lanes * 4 < count) lanes *= 2;
  return lanes;
}

/** What the invocations of a row make of one number from each, in the order of a tree: the same at every run. */
const reduction = (name: string, lanes: number, together: string): string =>
  lanes === 1
    ? `fn ${name}(own : f32) -> f32 { return own; }`
    : `fn ${name}(own : f32) -> f32 {
        let lane = localIndex % ${lanes}u;
        workgroupBarrier();
        shares[localIndex] = own;
        for (var half = ${lanes / 2}u; half > 0u; half = half >> 1u) {
          workgroupBarrier();
          if (lane < half) {
            let a = shares[localIndex];
            let b = shares[localIndex + half];
            shares[localIndex] = ${together};
          }
        }
        workgroupBarrier();
        return shares[localIndex - lane];
      }`;

/** Runs a kernel over rows; there is one at least. */
export function runRows(backend: GpuBackend, program: RowProgram): TensorInfo {
  const { rows, count, body, ...rest } = program;
  const lanes = lanesFor(count);
  const together = GROUP / lanes; // rows of a workgroup
  return run(backend, {
    ...rest,
    name: `${program.name} ${lanes}`,
    groups: Math.ceil(rows / together),
    integers: { ...program.integers, rows, count },
    code: `
      const LANES = ${lanes};
      ${lanes > 1 ? `var<workgroup> shares : array<f32, ${GROUP}>;` : ''}
      ${reduction('sumOf', lanes, 'a + b')}
      ${reduction('greatestOf', lanes, 'max(a, b)')}
      fn main(index : i32) {
        let wanted = index / LANES;
        let lane = index % LANES;
        // Past the last row it is read again: all of a workgroup must come to every barrier.
        let mayWrite = wanted < uniforms.rows;
        let row = min(wanted, uniforms.rows - 1);
        ${body}
      }`,
  });
}

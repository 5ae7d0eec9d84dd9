/** WGSL for kernels in which a workgroup of 64 works on one row: each invocation takes every 64th number of it. */
import { GROUP } from './program.ts';

/**
 * Functions that a row's kernel may call, all invocations alike: `sumOf` and `greatestOf` of one number from each. Their sums go in
 * the order of a tree, the same at every run.
 */
export const reductions = `
  var<workgroup> shares : array<f32, ${GROUP}>;

  fn sumOf(own : f32) -> f32 {
    workgroupBarrier();
    shares[localIndex] = own;
    for (var half = ${GROUP / 2}u; half > 0u; half = half >> 1u) {
      workgroupBarrier();
      if (localIndex < half) { shares[localIndex] += shares[localIndex + half]; }
    }
    workgroupBarrier();
    return shares[0];
  }

  fn greatestOf(own : f32) -> f32 {
    workgroupBarrier();
    shares[localIndex] = own;
    for (var half = ${GROUP / 2}u; half > 0u; half = half >> 1u) {
      workgroupBarrier();
      if (localIndex < half) { shares[localIndex] = max(shares[localIndex], shares[localIndex + half]); }
    }
    workgroupBarrier();
    return shares[0];
  }`;

/**
 * The kernel that does `body` for each row. In it, `row` is the row to read, `lane` the place of the invocation within the workgroup,
 * and `mayWrite` whether the row is one at all: where a GPU folds the groups into two dimensions some are left over, which read the
 * last row, since all of a workgroup must come to every barrier.
 */
export const perRow = (body: string): string => `
  ${reductions}
  fn main(index : i32) {
    let lane = i32(localIndex);
    let group = index / ${GROUP};
    let mayWrite = group < uniforms.rows;
    let row = min(group, uniforms.rows - 1);
    ${body}
  }`;

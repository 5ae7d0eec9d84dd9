// Ridge inverses of the bipartite graph, sixteen columns at a time; see lanes.ts.
import { LANES, LINE, sumLines } from './lanes';
import { multiplyAdd } from './math';

/**
 * Columns of the inverse of RᵀR + diag(λ) by conjugate gradients, preconditioned by the diagonal (Golub & Van Loan, 4th ed., algorithm
 * 11.5.1), sixteen columns a chunk, each with its own step lengths, until all have r·M⁻¹r below `tolerance` of what it was.
 *
 * R as in filterLanes; lambda: f32 [items]; inverse: f32 [items], 1 / (d_i + λ_i); base: the first column; x: lane blocks [·, pitch, 16]; columns past `items` are
 * zeros. taken: i32 [blocks], the steps. scratch: f32 [threads, 16 · (3 · items + users)].
 */
export function invertLanes(
  thread: i32, begin: i32, end: i32,
  userOffsets: usize, userItems: usize, users: i32, itemOffsets: usize, itemUsers: usize, items: i32,
  lambda: usize, inverse: usize, tolerance: f32, most: i32, base: i32, x: usize, pitch: i32, taken: usize, scratch: usize,
): void {
  const itemBytes = <usize>items << 6;
  const room = scratch + <usize>thread * (3 * itemBytes + (<usize>users << 6));
  const residual = room, direction = room + itemBytes, image = direction + itemBytes, middle = image + itemBytes;
  for (let block = begin; block < end; block++) {
    const solution = x + (<usize>block * <usize>pitch << 6);
    memory.fill(solution, 0, itemBytes);
    memory.fill(residual, 0, 2 * itemBytes);
    for (let lane = 0; lane < LANES; lane++) {
      const column = base + block * LANES + lane;
      if (column >= items) break;
      const at = (<usize>column << 6) + (<usize>lane << 2);
      store<f32>(residual + at, 1);
      store<f32>(direction + at, load<f32>(inverse + (<usize>column << 2)));
    }
    let z0 = diagonalNorm(residual, direction, items, 0), z1 = diagonalNorm(residual, direction, items, 16);
    let z2 = diagonalNorm(residual, direction, items, 32), z3 = diagonalNorm(residual, direction, items, 48);
    const goal = f32x4.splat(tolerance);
    const g0 = f32x4.mul(goal, z0), g1 = f32x4.mul(goal, z1), g2 = f32x4.mul(goal, z2), g3 = f32x4.mul(goal, z3);
    let step = 0;
    for (; step < most; step++) {
      sumLines(userOffsets, userItems, 0, users, direction, middle);
      sumLines(itemOffsets, itemUsers, 0, items, middle, image);
      let p0 = f32x4.splat(0), p1 = p0, p2 = p0, p3 = p0;
      for (let at: usize = 0; at < itemBytes; at += LINE) {
        const shift = v128.load32_splat(lambda + (at >> 4));
        const d0 = v128.load(direction + at), d1 = v128.load(direction + at, 16);
        const d2 = v128.load(direction + at, 32), d3 = v128.load(direction + at, 48);
        const q0 = multiplyAdd(shift, d0, v128.load(image + at)), q1 = multiplyAdd(shift, d1, v128.load(image + at, 16));
        const q2 = multiplyAdd(shift, d2, v128.load(image + at, 32)), q3 = multiplyAdd(shift, d3, v128.load(image + at, 48));
        v128.store(image + at, q0); v128.store(image + at, q1, 16); v128.store(image + at, q2, 32); v128.store(image + at, q3, 48);
        p0 = multiplyAdd(d0, q0, p0); p1 = multiplyAdd(d1, q1, p1); p2 = multiplyAdd(d2, q2, p2); p3 = multiplyAdd(d3, q3, p3);
      }
      const a0 = quotient(z0, p0), a1 = quotient(z1, p1), a2 = quotient(z2, p2), a3 = quotient(z3, p3);
      let n0 = f32x4.splat(0), n1 = n0, n2 = n0, n3 = n0;
      for (let at: usize = 0; at < itemBytes; at += LINE) {
        const m = v128.load32_splat(inverse + (at >> 4));
        v128.store(solution + at, multiplyAdd(a0, v128.load(direction + at), v128.load(solution + at)));
        v128.store(solution + at, multiplyAdd(a1, v128.load(direction + at, 16), v128.load(solution + at, 16)), 16);
        v128.store(solution + at, multiplyAdd(a2, v128.load(direction + at, 32), v128.load(solution + at, 32)), 32);
        v128.store(solution + at, multiplyAdd(a3, v128.load(direction + at, 48), v128.load(solution + at, 48)), 48);
        const r0 = f32x4.sub(v128.load(residual + at), f32x4.mul(a0, v128.load(image + at)));
        const r1 = f32x4.sub(v128.load(residual + at, 16), f32x4.mul(a1, v128.load(image + at, 16)));
        const r2 = f32x4.sub(v128.load(residual + at, 32), f32x4.mul(a2, v128.load(image + at, 32)));
        const r3 = f32x4.sub(v128.load(residual + at, 48), f32x4.mul(a3, v128.load(image + at, 48)));
        v128.store(residual + at, r0); v128.store(residual + at, r1, 16); v128.store(residual + at, r2, 32); v128.store(residual + at, r3, 48);
        n0 = multiplyAdd(f32x4.mul(m, r0), r0, n0); n1 = multiplyAdd(f32x4.mul(m, r1), r1, n1);
        n2 = multiplyAdd(f32x4.mul(m, r2), r2, n2); n3 = multiplyAdd(f32x4.mul(m, r3), r3, n3);
      }
      const left = v128.or(v128.or(f32x4.gt(n0, g0), f32x4.gt(n1, g1)), v128.or(f32x4.gt(n2, g2), f32x4.gt(n3, g3)));
      if (!v128.any_true(left)) {
        step++;
        break;
      }
      const b0 = quotient(n0, z0), b1 = quotient(n1, z1), b2 = quotient(n2, z2), b3 = quotient(n3, z3);
      for (let at: usize = 0; at < itemBytes; at += LINE) {
        const m = v128.load32_splat(inverse + (at >> 4));
        v128.store(direction + at, multiplyAdd(b0, v128.load(direction + at), f32x4.mul(m, v128.load(residual + at))));
        v128.store(direction + at, multiplyAdd(b1, v128.load(direction + at, 16), f32x4.mul(m, v128.load(residual + at, 16))), 16);
        v128.store(direction + at, multiplyAdd(b2, v128.load(direction + at, 32), f32x4.mul(m, v128.load(residual + at, 32))), 32);
        v128.store(direction + at, multiplyAdd(b3, v128.load(direction + at, 48), f32x4.mul(m, v128.load(residual + at, 48))), 48);
      }
      z0 = n0; z1 = n1; z2 = n2; z3 = n3;
    }
    store<i32>(taken + (<usize>block << 2), step);
  }
}

/** Σ r · z of four lanes. */
// @ts-ignore: decorator
@inline
function diagonalNorm(residual: usize, scaled: usize, items: i32, lane: usize): v128 {
  let sum = f32x4.splat(0);
  for (let at = lane; at < <usize>items << 6; at += LINE) sum = multiplyAdd(v128.load(residual + at), v128.load(scaled + at), sum);
  return sum;
}

/** a / b, and 0 where b is 0: a lane that has nothing left to do. */
// @ts-ignore: decorator
@inline
function quotient(a: v128, b: v128): v128 {
  return v128.andnot(f32x4.div(a, b), f32x4.eq(b, f32x4.splat(0)));
}

// Dense products over packed panels: eight columns of the right side lie together, so that each step of the inner loop reads
// two vectors of it and four numbers of the left side, and keeps 4 × 8 sums in registers.
import { multiplyAdd } from './math';

/**
 * Panel p of the transposed selection: packed[p, k, j] = x[ids[8p + j], k], zeros past `count`.
 * ids: i32 [count] or 0 for the identity; x: f32 [rows, dim]; packed: f32 [panels, dim, 8].
 */
export function packTransposed(thread: i32, begin: i32, end: i32, ids: usize, count: i32, x: usize, dim: i32, packed: usize): void {
  const width = <usize>dim << 2;
  for (let p = begin; p < end; p++) {
    const panel = packed + (<usize>p * <usize>dim << 5);
    for (let j = 0; j < 8; j++) {
      const o = (p << 3) + j;
      const to = panel + (<usize>j << 2);
      if (o >= count) {
        for (let k = 0; k < dim; k++) store<f32>(to + (<usize>k << 5), 0);
        continue;
      }
      const row = x + <usize>(ids ? load<i32>(ids + (<usize>o << 2)) : o) * width;
      for (let k = 0; k < dim; k++) store<f32>(to + (<usize>k << 5), load<f32>(row + (<usize>k << 2)));
    }
  }
}

/**
 * Rows of a selection, in panels of eight columns: packed[group, d / 8, o, d % 8] = x[ids[group · size + o], d], zeros past `count`.
 * One chunk is one selected row. packed: f32 [groups, dim / 8, size, 8].
 */
export function packColumns(thread: i32, begin: i32, end: i32, ids: usize, count: i32, x: usize, dim: i32, size: i32, packed: usize): void {
  const width = <usize>dim << 2;
  const panelBytes = <usize>size << 5;
  for (let o = begin; o < end; o++) {
    const group = o / size;
    let to = packed + <usize>group * panelBytes * <usize>(dim >> 3) + (<usize>(o - group * size) << 5);
    const row = x + (o < count ? <usize>load<i32>(ids + (<usize>o << 2)) : 0) * width;
    for (let at: usize = 0; at < width; at += 32) {
      if (o < count) {
        v128.store(to, v128.load(row + at));
        v128.store(to, v128.load(row + at, 16), 16);
      } else {
        v128.store(to, f32x4.splat(0));
        v128.store(to, f32x4.splat(0), 16);
      }
      to += panelBytes;
    }
  }
}

/**
 * c[i, 0..8) = scale · Σ_k a[i, k] · panel[k, 0..8) for four rows i; element (i, k) of a lies at a + i · aRow + k · aStep
 * bytes, so a may be transposed. panel: f32 [depth, 8]; row i of c at c + i · cRow bytes.
 */
// @ts-ignore: decorator
@inline
export function multiplyTile(a: usize, aRow: usize, aStep: usize, panel: usize, depth: i32, c: usize, cRow: usize, scale: f32): void {
  let s00 = f32x4.splat(0), s01 = s00, s10 = s00, s11 = s00, s20 = s00, s21 = s00, s30 = s00, s31 = s00;
  let a0 = a, a1 = a + aRow, a2 = a1 + aRow, a3 = a2 + aRow;
  const end = panel + (<usize>depth << 5);
  for (; panel < end; panel += 32) {
    const b0 = v128.load(panel), b1 = v128.load(panel, 16);
    let x = v128.load32_splat(a0);
    s00 = multiplyAdd(x, b0, s00); s01 = multiplyAdd(x, b1, s01);
    x = v128.load32_splat(a1);
    s10 = multiplyAdd(x, b0, s10); s11 = multiplyAdd(x, b1, s11);
    x = v128.load32_splat(a2);
    s20 = multiplyAdd(x, b0, s20); s21 = multiplyAdd(x, b1, s21);
    x = v128.load32_splat(a3);
    s30 = multiplyAdd(x, b0, s30); s31 = multiplyAdd(x, b1, s31);
    a0 += aStep; a1 += aStep; a2 += aStep; a3 += aStep;
  }
  const f = f32x4.splat(scale);
  v128.store(c, f32x4.mul(f, s00)); v128.store(c, f32x4.mul(f, s01), 16);
  c += cRow;
  v128.store(c, f32x4.mul(f, s10)); v128.store(c, f32x4.mul(f, s11), 16);
  c += cRow;
  v128.store(c, f32x4.mul(f, s20)); v128.store(c, f32x4.mul(f, s21), 16);
  c += cRow;
  v128.store(c, f32x4.mul(f, s30)); v128.store(c, f32x4.mul(f, s31), 16);
}

/**
 * c[j] = Σ_k a[k] · panels[p, k, j % 8] for one row and all columns of `count` panels: to the last bit what multiplyTile gives, at a
 * third of its time. Four panels at once keep the adders busy while each waits for its own last sum. panels: f32 [count, depth, 8].
 */
export function multiplyRow(a: usize, panels: usize, depth: i32, count: i32, c: usize): void {
  const bytes = <usize>depth << 5;
  let p = 0;
  for (; p + 4 <= count; p += 4) {
    let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
    let p0 = panels, p1 = p0 + bytes, p2 = p1 + bytes, p3 = p2 + bytes;
    for (let k = a, end = a + (<usize>depth << 2); k < end; k += 4) {
      const x = v128.load32_splat(k);
      s0 = multiplyAdd(x, v128.load(p0), s0); s1 = multiplyAdd(x, v128.load(p0, 16), s1);
      s2 = multiplyAdd(x, v128.load(p1), s2); s3 = multiplyAdd(x, v128.load(p1, 16), s3);
      s4 = multiplyAdd(x, v128.load(p2), s4); s5 = multiplyAdd(x, v128.load(p2, 16), s5);
      s6 = multiplyAdd(x, v128.load(p3), s6); s7 = multiplyAdd(x, v128.load(p3, 16), s7);
      p0 += 32; p1 += 32; p2 += 32; p3 += 32;
    }
    v128.store(c, s0); v128.store(c, s1, 16); v128.store(c, s2, 32); v128.store(c, s3, 48);
    v128.store(c, s4, 64); v128.store(c, s5, 80); v128.store(c, s6, 96); v128.store(c, s7, 112);
    c += 128;
    panels += bytes << 2;
  }
  for (; p < count; p++) {
    let s0 = f32x4.splat(0), s1 = s0;
    let at = panels;
    for (let k = a, end = a + (<usize>depth << 2); k < end; k += 4) {
      const x = v128.load32_splat(k);
      s0 = multiplyAdd(x, v128.load(at), s0); s1 = multiplyAdd(x, v128.load(at, 16), s1);
      at += 32;
    }
    v128.store(c, s0); v128.store(c, s1, 16);
    c += 32;
    panels += bytes;
  }
}

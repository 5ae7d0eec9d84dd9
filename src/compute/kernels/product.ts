// Dense products of any shape and orientation: c = op(a) × op(b) + bias. The right side is packed once into panels of eight
// columns; each block of rows of the left side then meets all panels, four rows and eight columns at a time: the
// tile's sums, two vectors of the panel and one number stay in registers (five rows already do not, in V8).
import { multiplyAdd } from './math';

/** Depth of a pass: a panel's part of it, 512 × 8 floats, stays in the first cache. */
const DEPTH: i32 = 512;
/** Rows of a tile. */
const TILE: i32 = 4;
/** A tile's sums, for tiles that reach over the edge of c. */
const TILE_BYTES: usize = 128;

// @ts-ignore: decorator
@inline
function storeTransposed4(x0: v128, x1: v128, x2: v128, x3: v128, to: usize): void {
  const lo = i32x4.shuffle(x0, x1, 0, 4, 1, 5), hi = i32x4.shuffle(x0, x1, 2, 6, 3, 7);
  const lo2 = i32x4.shuffle(x2, x3, 0, 4, 1, 5), hi2 = i32x4.shuffle(x2, x3, 2, 6, 3, 7);
  v128.store(to, i64x2.shuffle(lo, lo2, 0, 2));
  v128.store(to, i64x2.shuffle(lo, lo2, 1, 3), 32);
  v128.store(to, i64x2.shuffle(hi, hi2, 0, 2), 64);
  v128.store(to, i64x2.shuffle(hi, hi2, 1, 3), 96);
}

/**
 * Panel p of matrix m: packed[m, p, k, j] = b[m, k, 8p + j], zeros past the last column. One chunk is one panel.
 * Element (k, j) of a matrix lies at k · depthStep + j · columnStep bytes; one of the two steps is 4. packed: f32 [matrices, panels, depth, 8].
 */
export function packRight(
  thread: i32, begin: i32, end: i32,
  b: usize, matrixStep: usize, depthStep: usize, columnStep: usize, depth: i32, columns: i32, packed: usize,
): void {
  const panels = (columns + 7) >> 3;
  const panelBytes = <usize>depth << 5;
  for (let unit = begin; unit < end; unit++) {
    const matrix = unit / panels;
    const first = (unit - matrix * panels) << 3;
    const live = min(8, columns - first);
    const from = b + <usize>matrix * matrixStep + <usize>first * columnStep;
    let to = packed + <usize>unit * panelBytes;
    if (live == 8 && columnStep == 4) {
      let at = from;
      for (let k = 0; k < depth; k++) {
        v128.store(to, v128.load(at));
        v128.store(to, v128.load(at, 16), 16);
        at += depthStep;
        to += 32;
      }
    } else if (live == 8 && depthStep == 4) {
      let k = 0;
      for (; k + 4 <= depth; k += 4) {
        let at = from + (<usize>k << 2);
        for (let half: usize = 0; half < 32; half += 16) {
          const x0 = v128.load(at), x1 = v128.load(at + columnStep);
          at += columnStep << 1;
          const x2 = v128.load(at), x3 = v128.load(at + columnStep);
          at += columnStep << 1;
          storeTransposed4(x0, x1, x2, x3, to + half);
        }
        to += 128;
      }
      for (; k < depth; k++) {
        for (let j: usize = 0; j < 8; j++) store<f32>(to + (j << 2), load<f32>(from + (<usize>k << 2) + j * columnStep));
        to += 32;
      }
    } else {
      for (let k = 0; k < depth; k++) {
        v128.store(to, f32x4.splat(0));
        v128.store(to, f32x4.splat(0), 16);
        const at = from + <usize>k * depthStep;
        for (let j = 0; j < live; j++) store<f32>(to + (<usize>j << 2), load<f32>(at + <usize>j * columnStep));
        to += 32;
      }
    }
  }
}

/** packed[tile, k, i] = a[4 · tile + i, k] for `live` rows of a transposed left side; rows past the last repeat it. */
function packLeft(a: usize, step: usize, live: i32, depth: i32, packed: usize): void {
  for (let i = 0; i < live; i += TILE) {
    let at = a + (<usize>i << 2);
    let to = packed + <usize>i * (<usize>depth << 2);
    const end = to + <usize>depth * (<usize>TILE << 2);
    if (i + TILE <= live) {
      for (; to < end; to += <usize>TILE << 2, at += step) {
        v128.store(to, v128.load(at));
      }
    } else {
      const last = <usize>(live - 1 - i) << 2;
      for (; to < end; to += <usize>TILE << 2, at += step) {
        for (let j: usize = 0; j < <usize>TILE << 2; j += 4) store<f32>(to + j, load<f32>(at + min(j, last)));
      }
    }
  }
}

/** Copies a tile's first `height` rows and `width` columns. */
// @ts-ignore: decorator
@inline
function copyTile(from: usize, fromRow: usize, to: usize, toRow: usize, height: i32, width: i32): void {
  for (let r = 0; r < height; r++) {
    for (let j: usize = 0; j < <usize>width << 2; j += 4) store<f32>(to + j, load<f32>(from + j));
    from += fromRow;
    to += toRow;
  }
}

/** c[i, 0..8) = initial[i, 0..8) + Σ_k a[i, k] · panel[k, 0..8) for four rows i; rectified where asked. */
// @ts-ignore: decorator
@inline
function addTile(
  a0: usize, a1: usize, a2: usize, a3: usize, step: usize, panel: usize, depth: i32,
  initial: usize, initialRow: usize, c: usize, cRow: usize, rectify: bool,
): void {
  let s00 = v128.load(initial), s01 = v128.load(initial, 16);
  initial += initialRow;
  let s10 = v128.load(initial), s11 = v128.load(initial, 16);
  initial += initialRow;
  let s20 = v128.load(initial), s21 = v128.load(initial, 16);
  initial += initialRow;
  let s30 = v128.load(initial), s31 = v128.load(initial, 16);
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
    a0 += step; a1 += step; a2 += step; a3 += step;
  }
  if (rectify) {
    // The pseudo-maximum is one instruction, and in this order keeps a NaN of its first argument.
    const zero = f32x4.splat(0);
    s00 = f32x4.pmax(s00, zero); s01 = f32x4.pmax(s01, zero); s10 = f32x4.pmax(s10, zero); s11 = f32x4.pmax(s11, zero);
    s20 = f32x4.pmax(s20, zero); s21 = f32x4.pmax(s21, zero); s30 = f32x4.pmax(s30, zero); s31 = f32x4.pmax(s31, zero);
  }
  v128.store(c, s00); v128.store(c, s01, 16);
  c += cRow;
  v128.store(c, s10); v128.store(c, s11, 16);
  c += cRow;
  v128.store(c, s20); v128.store(c, s21, 16);
  c += cRow;
  v128.store(c, s30); v128.store(c, s31, 16);
}

/**
 * c[m] = a[m] × b[m] + bias, rectified where asked. One chunk is a block of `block` rows (a multiple of 4) of one matrix.
 *
 * Element (i, k) of a matrix of a lies at i · aRow + k · aStep bytes; one of the two is 4. packed: as packRight gives it, matrices
 * packedStep bytes apart (0: one for all). bias: f32, eight a panel biasStep bytes apart (0: the same eight for all).
 * c: f32 [matrices, rows, columns]. scratch: f32 [threads, 32 + block · 512].
 */
export function multiplyDense(
  thread: i32, begin: i32, end: i32,
  a: usize, aMatrix: usize, aRow: usize, aStep: usize, packed: usize, packedStep: usize, bias: usize, biasStep: usize,
  c: usize, rows: i32, columns: i32, depth: i32, block: i32, rectify: i32, scratch: usize,
): void {
  const blocks = (rows + block - 1) / block;
  const panels = (columns + 7) >> 3;
  const cRow = <usize>columns << 2;
  const edge = scratch + <usize>thread * (TILE_BYTES + (<usize>block * <usize>DEPTH << 2));
  const transposed = edge + TILE_BYTES;
  for (let unit = begin; unit < end; unit++) {
    const matrix = unit / blocks;
    const first = (unit - matrix * blocks) * block;
    const live = min(block, rows - first);
    const left = a + <usize>matrix * aMatrix + <usize>first * aRow;
    const right = packed + <usize>matrix * packedStep;
    const out = c + (<usize>matrix * <usize>rows + <usize>first) * cRow;
    // A depth of zero still writes the bias, in one pass over nothing.
    for (let k = 0; k < max(depth, 1); k += DEPTH) {
      const part = min(DEPTH, depth - k);
      const isLast = k + DEPTH >= depth;
      let from = left + <usize>k * aStep, step = aStep;
      if (aStep != 4) {
        packLeft(from, aStep, live, part, transposed);
        from = transposed;
        step = TILE << 2;
      }
      for (let p = 0; p < panels; p++) {
        const panel = right + (<usize>p * <usize>depth << 5) + (<usize>k << 5);
        const width = min(8, columns - (p << 3));
        const biasAt = bias + <usize>p * biasStep;
        for (let i = 0; i < live; i += TILE) {
          const height = min(TILE, live - i);
          let a0: usize, a1: usize, a2: usize, a3: usize;
          if (aStep != 4) {
            a0 = from + <usize>i * (<usize>part << 2);
            a1 = a0 + 4; a2 = a0 + 8; a3 = a0 + 12;
          } else {
            // Rows past the last repeat it: their sums are thrown away.
            a0 = from + <usize>i * aRow;
            a1 = a0 + <usize>min(1, height - 1) * aRow;
            a2 = a0 + <usize>min(2, height - 1) * aRow;
            a3 = a0 + <usize>min(3, height - 1) * aRow;
          }
          const to = out + <usize>i * cRow + (<usize>p << 5);
          const isWhole = height == TILE && width == 8;
          const tile = isWhole ? to : edge;
          const tileRow: usize = isWhole ? cRow : 32;
          if (!isWhole && k > 0) copyTile(to, cRow, edge, 32, height, width);
          addTile(a0, a1, a2, a3, step, panel, part, k == 0 ? biasAt : tile, k == 0 ? 0 : tileRow, tile, tileRow, <bool>(rectify && isLast));
          if (!isWhole) copyTile(edge, 32, to, cRow, height, width);
        }
      }
    }
  }
}

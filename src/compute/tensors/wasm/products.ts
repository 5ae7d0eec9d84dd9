import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { SharedMemoryBackend } from './backend.ts';
import { binary } from './elementwise.ts';
import { areFloats, type Operation, sizeOf } from './operation.ts';

const TILE = 4; // rows, as in kernels/product.ts
const DEPTH = 512; // of a pass, as there
const ROWS = 64; // of a chunk at most: with the depth of one pass they fill a quarter of the second cache
const LONG = 4 * DEPTH; // depth from which a small product is cut into parts
const SMALL = 128 * 128; // numbers of its result
const CHUNKS_A_THREAD = 4; // at least, where there are rows enough

export interface Product {
  readonly a: TensorInfo; // [..., m, k], or [..., k, m] where transposed
  readonly b: TensorInfo; // [..., k, n], or [..., n, k] where transposed
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly bias?: TensorInfo | undefined; // [n]
  readonly rectify?: boolean;
}

/** Sizes of a product; undefined where the outer dimensions differ otherwise than by one of them being single. */
export function sizesOf({ a, b, transposeA, transposeB }: Product) {
  const [outerA, outerB] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  const [matricesA, matricesB] = [sizeOf(outerA), sizeOf(outerB)];
  if (matricesA !== matricesB && matricesA !== 1 && matricesB !== 1) return undefined;
  if (matricesA === matricesB && `${outerA}` !== `${outerB}` && matricesA !== 1) return undefined;
  const [rows, depth] = lastTwo(a.shape, transposeA);
  const [, columns] = lastTwo(b.shape, transposeB);
  const longer = (matricesA === matricesB ? outerA.length >= outerB.length : matricesB === 1) ? outerA : outerB;
  return { rows, depth, columns, matricesA, matricesB, shape: [...longer, rows, columns] };
}

/** op(a) × op(b) + bias: [..., m, n]; undefined where `sizesOf` is. */
export function multiply(backend: SharedMemoryBackend, product: Product): TensorInfo | undefined {
  const { a, b, transposeA, transposeB, bias, rectify = false } = product;
  const sizes = sizesOf(product);
  if (!sizes) return undefined;
  const { rows, depth, columns, matricesA, matricesB, shape } = sizes;
  const matrices = matricesA === 1 ? matricesB : matricesA;
  // Of a depth of one, as the gradient through a layer of one unit: each number by each, with nothing to add up.
  if (depth === 1 && matrices === 1 && !bias && !rectify)
    return binary(backend, 'Multiply', { ...a, shape: [rows, 1] }, { ...b, shape: [1, columns] }, shape);
  const { info, at: c } = backend.output(shape);
  if (rows * columns * matrices === 0) return info;

  const bytes = (numbers: number) => numbers * 4;
  const left = { at: backend.floats(a), matrix: matricesA === 1 ? 0 : bytes(rows * depth) };
  const right = { at: backend.floats(b), matrix: bytes(depth * columns), matrices: matricesB };
  const steps = {
    aRow: bytes(transposeA ? 1 : depth),
    aStep: bytes(transposeA ? rows : 1),
    bStep: bytes(transposeB ? 1 : columns),
    bColumn: bytes(transposeB ? depth : 1),
  };
  const biases = backend.kernels.scratch('product.bias', Math.ceil(columns / 8) * 8).fill(0);
  if (bias) biases.set(backend.view(bias) as Float32Array);
  const whole = { ...steps, rows, columns, depth, matrices, left, right, bias: biases.byteOffset, rectify };
  const isTall = matrices === 1 && depth >= LONG && rows * columns <= SMALL;
  if (isTall && !bias && !rectify) runInParts(backend, whole, c);
  else run(backend, whole, c);
  return info;
}

/** A product as the kernels see it; places and steps in bytes. */
interface Geometry {
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  readonly matrices: number;
  readonly left: { readonly at: number; readonly matrix: number };
  readonly right: { readonly at: number; readonly matrix: number; readonly matrices: number };
  readonly aRow: number;
  readonly aStep: number;
  readonly bStep: number;
  readonly bColumn: number;
  readonly bias: number;
  readonly rectify: boolean;
}

function run({ kernels }: SharedMemoryBackend, product: Geometry, c: number): void {
  const { rows, columns, depth, matrices, left, right } = product;
  const panels = Math.ceil(columns / 8);
  const packed = kernels.scratch('product.packed', right.matrices * panels * depth * 8);
  const share = Math.ceil((matrices * rows) / (CHUNKS_A_THREAD * kernels.threads));
  const block = Math.min(ROWS, TILE * Math.ceil(Math.min(share, rows) / TILE));
  const room = kernels.scratch('product.tiles', kernels.threads * (8 * TILE + ROWS * DEPTH));
  kernels.run(
    'packRight',
    right.matrices * panels,
    Math.max(1, Math.ceil(2048 / Math.max(1, depth))),
    right.at,
    right.matrix,
    product.bStep,
    product.bColumn,
    depth,
    columns,
    packed.byteOffset,
  );
  kernels.run(
    'multiplyDense',
    matrices * Math.ceil(rows / block),
    Math.max(1, Math.floor(500_000 / (block * columns * Math.max(1, depth)))),
    left.at,
    left.matrix,
    product.aRow,
    product.aStep,
    packed.byteOffset,
    right.matrices === 1 ? 0 : panels * depth * 32,
    product.bias,
    32,
    c,
    rows,
    columns,
    depth,
    block,
    product.rectify ? 1 : 0,
    room.byteOffset,
  );
}

/**
 * A small product of great depth, as a weight's gradient over all rows of a batch is: the depth is cut into parts of a fixed length,
 * each a product of its own, whose results are then added up.
 */
function runInParts(backend: SharedMemoryBackend, product: Geometry, c: number): void {
  const { rows, columns, depth, left, right, aStep, bStep } = product;
  const whole = Math.floor(depth / DEPTH);
  const rest = depth - whole * DEPTH;
  const parts = whole + (rest > 0 ? 1 : 0);
  const { kernels } = backend;
  const size = rows * columns;
  const room = kernels.scratch('product.parts', (parts + 1) * size).byteOffset;
  run(
    backend,
    {
      ...product,
      depth: DEPTH,
      matrices: whole,
      left: { at: left.at, matrix: DEPTH * aStep },
      right: { at: right.at, matrix: DEPTH * bStep, matrices: whole },
    },
    room,
  );
  if (rest > 0) {
    const [a, b] = [left.at + whole * DEPTH * aStep, right.at + whole * DEPTH * bStep];
    const last = { depth: rest, left: { at: a, matrix: 0 }, right: { at: b, matrix: 0, matrices: 1 } };
    run(backend, { ...product, ...last }, room + whole * size * 4);
  }
  kernels.run('reduceMiddle', 1, 1, 0, room, parts, size, parts, 1, c);
}

function lastTwo(shape: readonly number[], transposed: boolean): [number, number] {
  const [first, second] = [shape.at(-2)!, shape.at(-1)!];
  return transposed ? [second, first] : [first, second];
}

interface ProductAttributes {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly activation?: string;
}

/** The kernels of matrix products, each by `multiply`, which may leave a case undone. */
export const productsBy = (multiply: (backend: SharedMemoryBackend, product: Product) => TensorInfo | undefined) =>
  [
    {
      name: 'BatchMatMul',
      run({ inputs, attributes, backend }) {
        const { a, b } = inputs as { a: TensorInfo; b: TensorInfo };
        if (!areFloats(a, b)) return undefined;
        const { transposeA, transposeB } = attributes as unknown as ProductAttributes;
        return multiply(backend, { a, b, transposeA, transposeB });
      },
    },
    {
      name: '_FusedMatMul',
      run({ inputs, attributes, backend }) {
        const { a, b, bias } = inputs as { a: TensorInfo; b: TensorInfo; bias?: TensorInfo };
        const { transposeA, transposeB, activation } = attributes as unknown as ProductAttributes;
        if (!areFloats(a, b, bias) || (activation !== 'linear' && activation !== 'relu')) return undefined;
        const columns = lastTwo(b.shape, transposeB)[1];
        if (bias && (sizeOf(bias.shape) !== columns || bias.shape.at(-1) !== columns)) return undefined;
        return multiply(backend, { a, b, transposeA, transposeB, bias, rectify: activation === 'relu' });
      },
    },
  ] satisfies readonly Operation[];

export const products: readonly Operation[] = productsBy(multiply);

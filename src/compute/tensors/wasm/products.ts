import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { SharedMemoryBackend } from './backend.ts';
import { areFloats, type Operation, sizeOf } from './operation.ts';

const ROWS = 64; // of a chunk: with the depth of one pass they fill a quarter of the second cache
const DEPTH = 512; // of a pass, as in kernels/product.ts
const LEAST_CHUNKS = 8;

interface Product {
  readonly a: TensorInfo; // [..., m, k], or [..., k, m] where transposed
  readonly b: TensorInfo; // [..., k, n], or [..., n, k] where transposed
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly bias?: TensorInfo | undefined; // [n]
  readonly rectify?: boolean;
}

/** op(a) × op(b) + bias: [..., m, n]; undefined where the outer dimensions differ otherwise than by one of them being single. */
export function multiply(backend: SharedMemoryBackend, product: Product): TensorInfo | undefined {
  const { a, b, transposeA, transposeB, bias, rectify = false } = product;
  const outerA = a.shape.slice(0, -2);
  const outerB = b.shape.slice(0, -2);
  const [matricesA, matricesB] = [sizeOf(outerA), sizeOf(outerB)];
  if (matricesA !== matricesB && matricesA !== 1 && matricesB !== 1) return undefined;
  if (matricesA === matricesB && `${outerA}` !== `${outerB}` && matricesA !== 1) return undefined;
  const [rows, depth] = lastTwo(a.shape, transposeA);
  const [, columns] = lastTwo(b.shape, transposeB);
  const matrices = matricesA === 1 ? matricesB : matricesA;
  const longer = (matricesA === matricesB ? outerA.length >= outerB.length : matricesB === 1) ? outerA : outerB;
  const { info, at: c } = backend.output([...longer, rows, columns]);
  if (rows * columns * matrices === 0) return info;

  const { kernels } = backend;
  const panels = Math.ceil(columns / 8);
  const packed = kernels.scratch('product.packed', matricesB * panels * depth * 8);
  const biases = kernels.scratch('product.bias', panels * 8).fill(0);
  if (bias) biases.set(backend.view(bias) as Float32Array);
  let block = ROWS;
  while (block > 8 && matrices * Math.ceil(rows / block) < LEAST_CHUNKS) block /= 2;
  const room = kernels.scratch('product.tiles', kernels.threads * (32 + ROWS * DEPTH));
  const [left, right] = [backend.floats(a), backend.floats(b)];
  const bytes = (numbers: number) => numbers * 4;
  kernels.run(
    'packRight',
    matricesB * panels,
    Math.max(1, Math.ceil(2048 / Math.max(1, depth))),
    right,
    bytes(depth * columns),
    bytes(transposeB ? 1 : columns),
    bytes(transposeB ? depth : 1),
    depth,
    columns,
    packed.byteOffset,
  );
  kernels.run(
    'multiplyDense',
    matrices * Math.ceil(rows / block),
    Math.max(1, Math.floor(500_000 / (block * columns * Math.max(1, depth)))),
    left,
    matricesA === 1 ? 0 : bytes(rows * depth),
    bytes(transposeA ? 1 : depth),
    bytes(transposeA ? rows : 1),
    packed.byteOffset,
    matricesB === 1 ? 0 : bytes(panels * depth * 8),
    biases.byteOffset,
    32,
    c,
    rows,
    columns,
    depth,
    block,
    rectify ? 1 : 0,
    room.byteOffset,
  );
  return info;
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

export const products: readonly Operation[] = [
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
      if (bias && (sizeOf(bias.shape) !== lastTwo(b.shape, transposeB)[1] || bias.shape.at(-1) !== sizeOf(bias.shape)))
        return undefined;
      return multiply(backend, { a, b, transposeA, transposeB, bias, rectify: activation === 'relu' });
    },
  },
];

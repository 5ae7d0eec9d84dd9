/**
 * Single operations of the wasm backend at the shapes that DeepFM (4,096 rows, 160-400-400-1) and SASRec (128 × 50 × 64) give
 * them, beside PyTorch's on the same threads: products in GFLOPS, the others in GB/s of what they must read and write.
 */
import * as tf from '@tensorflow/tfjs-core';
import { openKernels } from '../../src/compute/open.ts';
import { layerNorm } from '../../src/compute/tensors/operations.ts';
import { openWasm } from '../../src/compute/tensors/wasm.ts';
import { RandomStream } from '../../src/random.ts';
import type { Bench } from './table.ts';

const REPEATS = 21;

type Shape = readonly number[];
interface ProductCase {
  readonly name: string;
  readonly kind: 'product';
  readonly a: Shape;
  readonly b: Shape;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}
interface RowsCase {
  readonly name: string;
  readonly kind: 'softmax' | 'sigmoid' | 'sumColumns' | 'transposeHeads' | 'layerNorm';
  readonly x: Shape;
}
interface AddCase {
  readonly name: string;
  readonly kind: 'add';
  readonly a: Shape;
  readonly b: Shape;
}
interface TableCase {
  readonly name: string;
  readonly kind: 'gather' | 'scatter';
  readonly x: Shape;
  readonly count: number;
}
type Case = ProductCase | RowsCase | AddCase | TableCase;

const product = (name: string, a: Shape, b: Shape, transposeA = false, transposeB = false): ProductCase => ({
  name: `${name}: [${a}]${transposeA ? 'ᵀ' : ''} × [${b}]${transposeB ? 'ᵀ' : ''}`,
  kind: 'product',
  a,
  b,
  transposeA,
  transposeB,
});

const cases: readonly Case[] = [
  product('DeepFM, forward', [4096, 160], [160, 400]),
  product('DeepFM, forward', [4096, 400], [400, 400]),
  product('DeepFM, input gradient', [4096, 400], [400, 400], false, true),
  product('DeepFM, weight gradient', [4096, 400], [4096, 400], true, false),
  product('SASRec, forward', [6400, 64], [64, 64]),
  product('SASRec, input gradient', [6400, 64], [64, 64], false, true),
  product('SASRec, weight gradient', [6400, 64], [6400, 64], true, false),
  product('attention, scores', [128, 50, 64], [128, 50, 64], false, true),
  product('attention, values', [128, 50, 50], [128, 50, 64]),
  product('both transposed', [400, 1024], [400, 400], true, true),
  { name: 'softmax [6400, 50]', kind: 'softmax', x: [6400, 50] },
  { name: 'layer norm [6400, 64]', kind: 'layerNorm', x: [6400, 64] },
  { name: 'sigmoid [6400, 64]', kind: 'sigmoid', x: [6400, 64] },
  { name: 'sum [4096, 400], [4096, 400]', kind: 'add', a: [4096, 400], b: [4096, 400] },
  { name: 'sum [4096, 400], [400]', kind: 'add', a: [4096, 400], b: [400] },
  { name: 'column sums of [4096, 400]', kind: 'sumColumns', x: [4096, 400] },
  { name: 'transposition of heads [128, 50, 2, 32]', kind: 'transposeHeads', x: [128, 50, 2, 32] },
  { name: 'gather 40960 of [5382, 16]', kind: 'gather', x: [5382, 16], count: 40_960 },
  { name: 'scatter-add 40960 to [5382, 16]', kind: 'scatter', x: [5382, 16], count: 40_960 },
  { name: 'gather 19200 of [12101, 64]', kind: 'gather', x: [12_101, 64], count: 19_200 },
  { name: 'scatter-add 19200 to [12101, 64]', kind: 'scatter', x: [12_101, 64], count: 19_200 },
];

const sizeOf = (shape: Shape) => shape.reduce((size, dimension) => size * dimension, 1);

/** The operation on drawn inputs, and its work: floating-point operations of a product, else bytes read and written. */
function prepare(test: Case, stream: RandomStream): { readonly run: () => tf.Tensor; readonly work: number } {
  const draw = (shape: Shape) =>
    tf.tensor(
      Float32Array.from({ length: sizeOf(shape) }, () => stream.normal()),
      [...shape],
    );
  switch (test.kind) {
    case 'product': {
      const [a, b] = [draw(test.a), draw(test.b)];
      const columns = test.b.at(test.transposeB ? -2 : -1)!;
      return { run: () => tf.matMul(a, b, test.transposeA, test.transposeB), work: 2 * sizeOf(test.a) * columns };
    }
    case 'add': {
      const [a, b] = [draw(test.a), draw(test.b)];
      return { run: () => tf.add(a, b), work: 4 * (2 * sizeOf(test.a) + sizeOf(test.b)) };
    }
    case 'gather':
    case 'scatter': {
      const width = test.x[1]!;
      const ids = tf.tensor1d(
        Int32Array.from({ length: test.count }, () => stream.integer(test.x[0]!)),
        'int32',
      );
      const isGather = test.kind === 'gather';
      const x = draw(isGather ? test.x : [test.count, width]);
      const run = () => (isGather ? tf.gather(x, ids) : tf.unsortedSegmentSum(x, ids, test.x[0]!));
      return { run, work: 4 * width * (isGather ? 2 * test.count : test.count + test.x[0]!) };
    }
    default: {
      const x = draw(test.x);
      const [gamma, beta] = [tf.ones([test.x.at(-1)!]), tf.zeros([test.x.at(-1)!])];
      const runs = {
        softmax: () => tf.softmax(x),
        sigmoid: () => tf.sigmoid(x),
        sumColumns: () => tf.sum(x, 0),
        transposeHeads: () => tf.transpose(x, [0, 2, 1, 3]),
        layerNorm: () => layerNorm(x, gamma, beta),
      };
      return { run: runs[test.kind], work: (test.kind === 'sumColumns' ? 4 : 8) * sizeOf(test.x) };
    }
  }
}

function medianSeconds(run: () => tf.Tensor): number {
  for (let warm = 0; warm < 5; warm++) run().dispose();
  const taken = Array.from({ length: REPEATS }, () => {
    const started = performance.now();
    run().dispose();
    return (performance.now() - started) / 1000;
  });
  return taken.sort((a, b) => a - b)[REPEATS >> 1]!;
}

const bench: Bench = async ({ peer, runPeer, log }) => {
  const kernels = openKernels();
  const tensors = await openWasm(kernels);
  try {
    const stream = new RandomStream(2026, 'kernels');
    const ours = new Map<string, { readonly seconds: number; readonly work: number }>();
    log('wasm');
    for (const test of cases) {
      tf.engine().startScope();
      const { run, work } = prepare(test, stream);
      ours.set(test.name, { seconds: medianSeconds(run), work });
      tf.engine().endScope();
    }
    if (peer) log(`PyTorch ${peer.torchVersion}`);
    const theirs = peer
      ? await runPeer('kernels.py', [JSON.stringify(cases), String(kernels.threads), String(REPEATS)])
      : undefined;
    const cell = ({ kind }: Case, seconds: number, work: number) =>
      `${(1000 * seconds).toFixed(2)} ms, ${(work / seconds / 1e9).toFixed(1)} ${kind === 'product' ? 'GFLOPS' : 'GB/s'}`;
    return {
      title: 'Operations at the shapes of DeepFM and SASRec',
      columns: ['what', 'wasm', peer ? `PyTorch ${peer.torchVersion}` : 'PyTorch', 'wasm takes'],
      rows: cases.map((test) => {
        const { seconds, work } = ours.get(test.name)!;
        const other = theirs && Number(theirs[test.name]);
        const mine = cell(test, seconds, work);
        if (other === undefined) return [test.name, mine, 'absent', ''];
        return [test.name, mine, cell(test, other, work), `${(seconds / other).toFixed(2)} ×`];
      }),
      notes: [
        `${kernels.threads} threads, kernels ${kernels.variant}; medians of ${REPEATS}; GB/s of what must be read and written once`,
        peer
          ? `Python ${peer.pythonVersion}, same shapes and threads`
          : 'PyTorch is absent: no Python with torch was found (set TASTEGRAPH_PYTHON)',
      ],
      figures: Object.fromEntries([...ours].map(([name, { seconds }]) => [name, seconds])),
    };
  } finally {
    tensors.close();
    await kernels.close();
  }
};

export default bench;

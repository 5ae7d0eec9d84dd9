/**
 * The product of a sparse matrix with rows of 64 floats, forward and with its gradient, on every device that is on this machine, beside
 * PyTorch on the same threads: the normalised adjacency of a drawn graph of the size of Gowalla. Software adapters
 * of WebGPU are left out.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { Csr } from '../../src/compute/csr.ts';
import { openKernels } from '../../src/compute/open.ts';
import { type SparseMatrix, sparseMatrix, sparseProduct } from '../../src/compute/tensors/sparse.ts';
import { normalisedAdjacency } from '../../src/models/propagation.ts';
import { RandomStream } from '../../src/random.ts';
import { type Contender, openContenders } from './contenders.ts';
import type { Bench } from './table.ts';

const REPEATS = 11;
const WARM = 3;
const DIM = 64;

/** As many users, items and pairs as Gowalla's training part, items by a power of their rank. */
function drawnPairs(): Csr {
  const [rows, cols, count] = [29_858, 40_981, 810_128];
  const stream = new RandomStream(2026, 'sparse');
  const columns = Array.from({ length: rows }, () => new Set<number>());
  for (let e = 0; e < count; e++) columns[stream.integer(rows)]!.add(Math.floor(cols * stream.uniform() ** 2.5));
  const indices = Int32Array.from(columns.flatMap((row) => [...row].sort((a, b) => a - b)));
  const offsets = new Int32Array(rows + 1);
  for (const [r, row] of columns.entries()) offsets[r + 1] = offsets[r]! + row.size;
  return { rows, cols, offsets, indices };
}

interface Operands {
  readonly matrix: SparseMatrix;
  readonly x: tf.Tensor;
}

/** Seconds until the result's first number could be read. */
async function seconds({ x, matrix }: Operands, withGradient: boolean): Promise<number> {
  const started = performance.now();
  const last = tf.tidy(() => {
    const result = withGradient ? tf.grad((x) => tf.sum(sparseProduct(matrix, x)))(x) : sparseProduct(matrix, x);
    return tf.slice(result, [0, 0], [1, 1]);
  });
  await last.data();
  last.dispose();
  return (performance.now() - started) / 1000;
}

const bench: Bench = async ({ peer, runPeer, log }) => {
  const kernels = openKernels();
  const adjacency = normalisedAdjacency(drawnPairs(), kernels);
  const values = Float32Array.from({ length: adjacency.cols * DIM }, (_, i) => Math.sin(i));
  const contenders: Contender[] = [];
  const operands = new Map<Contender, Operands>();
  const absent: string[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'tastegraph-sparse-'));
  try {
    const opened = await openContenders(kernels);
    absent.push(...opened.absent);
    for (const contender of opened.contenders) {
      contenders.push(contender);
      await tf.setBackend(contender.backend);
      const matrix = sparseMatrix(contender.tensors, adjacency, adjacency);
      operands.set(contender, { matrix, x: tf.tensor(values, [adjacency.cols, DIM]) });
    }
    const taken = new Map<string, number[]>();
    for (const [name, withGradient] of [
      ['forward', false],
      ['gradient', true],
    ] as const) {
      log(`${name} on ${contenders.map(({ device }) => device).join(', ')}`);
      for (let round = 0; round < WARM + REPEATS; round++) {
        for (const contender of contenders) {
          await tf.setBackend(contender.backend);
          const spent = await seconds(operands.get(contender)!, withGradient);
          const key = `${name} ${contender.device}`;
          if (round >= WARM) taken.set(key, [...(taken.get(key) ?? []), spent]);
        }
      }
    }
    const ours = Object.fromEntries([...taken].map(([key, all]) => [key, all.sort((a, b) => a - b)[REPEATS >> 1]!]));
    if (peer) log(`PyTorch ${peer.torchVersion}`);
    for (const name of ['offsets', 'indices', 'weights'] as const) writeFileSync(join(folder, name), adjacency[name]);
    const theirs = peer
      ? await runPeer('sparse.py', [folder, String(DIM), String(kernels.threads), String(REPEATS)])
      : undefined;
    const time = (spent: unknown) => (spent === undefined ? 'absent' : `${(1000 * Number(spent)).toFixed(1)} ms`);
    const labels = { forward: 'A x', gradient: 'A x and its gradient' };
    return {
      title: `A sparse matrix of ${adjacency.rows} rows and ${adjacency.indices.length} entries times rows of ${DIM}`,
      columns: ['what', ...contenders.map(({ device }) => device), 'PyTorch, CSR', 'PyTorch, COO'],
      rows: Object.entries(labels).map(([name, label]) => [
        label,
        ...contenders.map(({ device }) => time(ours[`${name} ${device}`])),
        time(theirs?.[`${name} csr`]),
        time(theirs?.[`${name} coo`]),
      ]),
      notes: [
        `${kernels.threads} threads; medians of ${REPEATS}, the devices taking turns; the matrix is symmetric`,
        ...contenders.map(({ device, tensors }) => `${device}: ${tensors.reason}`),
        ...absent,
        peer
          ? `Python ${peer.pythonVersion} with torch ${peer.torchVersion}`
          : 'PyTorch is absent (set TASTEGRAPH_PYTHON)',
      ],
      figures: ours,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
    for (const { tensors } of contenders) tensors.close();
    await kernels.close();
  }
};

export default bench;

/**
 * Where LightGCN's time goes, beside the same algorithm in PyTorch over CSR on the same data, threads and machine: a sparse
 * product, scoring of all items with the best 20, a training step, and the epoch that follows from it.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openKernels } from '../../src/compute/open.ts';
import { demoWorld, generateWorld } from '../../src/data/world.ts';
import { lightgcn } from '../../src/models/graph/lightgcn.ts';
import { steady } from '../../src/models/model.ts';
import { normalisedAdjacency } from '../../src/models/propagation.ts';
import { optionGroups } from '../../src/options.ts';
import { BatchFeed } from '../../src/sampling/feed.ts';
import { snapshotFromFiles, snapshotFromSource } from '../../src/sampling/fromFiles.ts';
import { splitSnapshot } from '../../src/sampling/split.ts';
import { DenseParameters } from '../../src/training/parameters.ts';
import { EmbeddingStore } from '../../src/training/store.ts';
import type { Bench } from './table.ts';

const STEPS = 60;
const seed = 2026;

const bench: Bench = async ({ data, peer, runPeer, log }) => {
  const kernels = openKernels();
  const folder = mkdtempSync(join(tmpdir(), 'tastegraph-bench-'));
  try {
    log(data ? 'reading Gowalla' : 'generating a world');
    const snapshot = data
      ? await snapshotFromFiles(join(data, 'gowalla'), optionGroups.files.parse({}))
      : await snapshotFromSource(generateWorld({ ...demoWorld, seed }), { maxBadPercent: 0 });
    const { train } = splitSnapshot(snapshot, optionGroups.splitting.parse({ seed }));
    const options = lightgcn.options.parse({});
    const { dim, batchSize } = options;
    const adjacency = normalisedAdjacency(train, kernels);
    const nodes = adjacency.rows;
    const x = kernels.floats(nodes * dim);
    for (let n = 0; n < x.length; n++) x[n] = Math.sin(n);
    const y = kernels.floats(nodes * dim);

    log('ours');
    const spmm = median(15, () => kernels.multiplySparse(adjacency, x, y, dim));
    const packed = kernels.packRows(x.subarray(train.rows * dim), dim);
    const queries = x.subarray(0, Math.min(2048, train.rows) * dim);
    const scoring = median(5, () => kernels.topK(queries, packed, 20));
    const store = new EmbeddingStore(kernels, seed);
    const feed = new BatchFeed({ snapshot, train, workers: 1 });
    const model = lightgcn.create({
      snapshot,
      train,
      options,
      seed,
      kernels,
      store,
      parameters: new DenseParameters(kernels, seed),
      pace: steady,
      feed,
    });
    const trained = model.trained!;
    const steps = Math.min(STEPS, trained.stepsPerEpoch - 3);
    for (let s = 0; s < 3; s++) await trained.step(0, s);
    const started = performance.now();
    for (let s = 3; s < 3 + steps; s++) await trained.step(0, s);
    const step = (performance.now() - started) / steps / 1000;
    await feed.close();
    const ours = { spmm, scoring, step };

    let theirs: Readonly<Record<string, unknown>> | undefined;
    if (peer) {
      log(`PyTorch ${peer.torchVersion}`);
      const { users, items } = pairsOf(train);
      const meta = { ...options, nodes, users: train.rows, threads: kernels.threads, seed };
      writeFileSync(join(folder, 'meta.json'), JSON.stringify(meta));
      const arrays = {
        'offsets.i32': adjacency.offsets,
        'indices.i32': adjacency.indices,
        'weights.f32': adjacency.weights,
        'users.i32': users,
        'items.i32': items,
      };
      for (const [name, array] of Object.entries(arrays)) {
        writeFileSync(join(folder, name), new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
      }
      theirs = await runPeer('lightgcn.py', [folder, String(steps)]);
    }
    const epoch = trained.stepsPerEpoch;
    const rows = [
      row(`sparse product, ${adjacency.indices.length} × ${dim}`, spmm, theirs?.spmm),
      row(`scoring ${queries.length / dim} users × ${packed.count} items, best 20`, scoring, theirs?.scoring),
      row(`training step of ${batchSize}`, step, theirs?.step),
      row(`epoch, ${epoch} steps`, step * epoch, theirs && Number(theirs.step) * epoch),
    ];
    return {
      title: `LightGCN, softmax loss, ${options.layers} layer, dim ${dim}, ${data ? 'Gowalla' : 'generated data'}`,
      columns: ['what', 'tastegraph', peer ? `PyTorch ${peer.torchVersion} (CSR)` : 'PyTorch', 'ratio'],
      rows,
      notes: [
        `${kernels.threads} threads, kernels ${kernels.variant}; medians; the epoch is the mean of ${steps} steps times their number`,
        peer
          ? `Python ${peer.pythonVersion}, same pairs, options and threads`
          : 'PyTorch is absent: no Python with torch was found (set TASTEGRAPH_PYTHON)',
      ],
      figures: { ...ours, epoch: step * epoch },
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await kernels.close();
  }
};

export default bench;

function median(repeats: number, run: () => void): number {
  run();
  const taken = Array.from({ length: repeats }, () => {
    const started = performance.now();
    run();
    return (performance.now() - started) / 1000;
  });
  return taken.sort((a, b) => a - b)[repeats >> 1]!;
}

function row(what: string, ours: number, theirs: unknown): string[] {
  const time = (seconds: number) => (seconds < 1 ? `${(seconds * 1000).toFixed(1)} ms` : `${seconds.toFixed(1)} s`);
  if (theirs === undefined) return [what, time(ours), 'absent', ''];
  return [what, time(ours), time(Number(theirs)), `${(Number(theirs) / ours).toFixed(1)} × as fast`];
}

/** Every training pair: the batches of both sides are drawn from these. */
function pairsOf(train: { rows: number; offsets: Int32Array; indices: Int32Array }): {
  users: Int32Array;
  items: Int32Array;
} {
  const users = new Int32Array(train.indices.length);
  for (let u = 0; u < train.rows; u++) users.fill(u, train.offsets[u], train.offsets[u + 1]);
  return { users, items: train.indices };
}

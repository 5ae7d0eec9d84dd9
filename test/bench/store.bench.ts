/**
 * What a step on an embedding table costs: gather of 4,096 × 10 rows, then Adam with their gradients, repeated ids summed. Beside
 * it the same in PyTorch (sparse embedding, SparseAdam). A step must cost what its batch touches: a table of ten million rows is
 * held against one of a hundred thousand, a step on one and a step on the other in turn.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openKernels } from '../../src/compute/open.ts';
import type { Table } from '../../src/models/model.ts';
import { RandomStream } from '../../src/random.ts';
import { EmbeddingStore } from '../../src/training/store.ts';
import type { Bench } from './table.ts';

const BATCH = 4096 * 10;
const STEPS = 21;
/** Of the tables on disk, whose steps are long. */
const DISK_STEPS = 7;
const DIM = 16;
const SMALL = 100_000;
const LARGE = 10_000_000;
const CACHE = 256 * 2 ** 20;
const seed = 2026;

/** A row of a batch from a draw in [0, 1). */
type Draw = (u: number) => number;
const evenly =
  (rows: number): Draw =>
  (u) =>
    Math.floor(u * rows);
/** Row r in proportion to about 1 / (r + 1), as words and items are. */
const skewed =
  (rows: number): Draw =>
  (u) =>
    Math.min(rows - 1, Math.floor((rows + 1) ** u - 1));

interface Case {
  readonly name: string;
  readonly place: 'small' | 'large' | 'disk';
  readonly rows: number;
  readonly draw: Draw;
}
const cases: readonly Case[] = [
  { name: '100,000 rows', place: 'small', rows: SMALL, draw: evenly(SMALL) },
  { name: '10 million rows, the same ids', place: 'large', rows: LARGE, draw: evenly(SMALL) },
  { name: '10 million rows, ids from all of them', place: 'large', rows: LARGE, draw: evenly(LARGE) },
  { name: '100,000 rows, skewed', place: 'small', rows: SMALL, draw: skewed(SMALL) },
  { name: '10 million rows, skewed', place: 'large', rows: LARGE, draw: skewed(LARGE) },
  { name: '10 million rows on disk, skewed', place: 'disk', rows: LARGE, draw: skewed(LARGE) },
  { name: '10 million rows on disk, ids from all of them', place: 'disk', rows: LARGE, draw: evenly(LARGE) },
];

const bench: Bench = async ({ peer, runPeer, log }) => {
  const kernels = openKernels();
  const folder = mkdtempSync(join(tmpdir(), 'tastegraph-bench-'));
  try {
    const memory = new EmbeddingStore(kernels, seed);
    const disk = new EmbeddingStore(kernels, seed, { embeddings: 'disk', folder, cacheBytes: CACHE });
    const initial = { kind: 'normal', deviation: 0.01 } as const;
    log('ours: first values');
    const small = memory.table('small', { rows: SMALL, dim: DIM }, initial);
    const started = performance.now();
    const large = memory.table('large', { rows: LARGE, dim: DIM }, initial);
    const drawn = (performance.now() - started) / 1000;
    const tables: Record<Case['place'], Table> = {
      small,
      large,
      disk: disk.table('disk', { rows: LARGE, dim: DIM }, initial),
    };

    log('ours: steps');
    const stream = new RandomStream(seed, 'ids');
    const batches = cases.map(() => new Int32Array(STEPS * BATCH));
    for (let n = 0; n < STEPS * BATCH; n++) {
      const u = stream.uniform();
      for (const [c, { draw }] of cases.entries()) batches[c]![n] = draw(u);
    }
    const out = kernels.floats(BATCH * DIM);
    const gradients = kernels.floats(BATCH * DIM).fill(0.01);
    const taken = cases.map(() => [] as number[]);
    for (let step = 1; step <= STEPS; step++) {
      for (const [c, { place }] of cases.entries()) {
        if (place === 'disk' && step > DISK_STEPS) continue;
        const ids = batches[c]!.subarray((step - 1) * BATCH, step * BATCH);
        const began = performance.now();
        tables[place].gather(ids, out);
        tables[place].apply(ids, gradients, { learningRate: 1e-3, step });
        taken[c]!.push((performance.now() - began) / 1000);
      }
    }
    const ours = taken.map((times) => median(times.slice(2)));
    /** The median of the ratios of steps that followed each other: what else the machine does meets both. */
    const ratio = (c: number, to: number) => median(taken[c]!.slice(2).map((time, n) => time / taken[to]![n + 2]!));
    const ratios = { sameIds: ratio(1, 0), allIds: ratio(2, 0), skewed: ratio(4, 3) };
    memory.dispose();
    disk.dispose();

    let theirs: Readonly<Record<string, unknown>> | undefined;
    if (peer) {
      log(`PyTorch ${peer.torchVersion}`);
      const inPeer = cases.flatMap(({ name, place, rows }, c) => {
        if (place === 'disk') return [];
        writeFileSync(join(folder, `${c}.i32`), new Uint8Array(batches[c]!.buffer));
        return [{ name, rows, file: `${c}.i32` }];
      });
      const meta = { dim: DIM, batch: BATCH, steps: STEPS, rows: [SMALL, LARGE], threads: kernels.threads };
      writeFileSync(join(folder, 'meta.json'), JSON.stringify({ ...meta, cases: inPeer }));
      theirs = await runPeer('store.py', [folder]);
    }
    const rows = cases.map(({ name }, c) => row(`step, ${name}`, ours[c]!, theirs?.[name]));
    return {
      title: `Embedding store: ${BATCH.toLocaleString('en')} ids a step, dim ${DIM}, Adam`,
      columns: ['what', 'tastegraph', peer ? `PyTorch ${peer.torchVersion} (SparseAdam)` : 'PyTorch', 'ratio'],
      rows: [...rows, row('first values of 10 million rows', drawn, theirs?.[`initial ${LARGE}`])],
      notes: [
        `${kernels.threads} threads, kernels ${kernels.variant}; gather and update, medians of ${STEPS - 2} steps taken in turn (on disk ${DISK_STEPS - 2})`,
        `10 million rows against 100,000, step by step: ${ratios.sameIds.toFixed(2)} × with the same ids, ` +
          `${ratios.skewed.toFixed(2)} × skewed (each over all its rows), ${ratios.allIds.toFixed(2)} × with ids from all rows, where nearly every row is a cache miss`,
        `on disk: 1.92 GB of rows, ${CACHE / 2 ** 20} MiB of them cached; the file is new, so its system still has it in memory`,
        peer
          ? `Python ${peer.pythonVersion}, same ids and threads`
          : 'PyTorch is absent: no Python with torch was found (set TASTEGRAPH_PYTHON)',
      ],
      figures: { ...Object.fromEntries(cases.map(({ name }, c) => [name, ours[c]!])), ...ratios, initial: drawn },
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await kernels.close();
  }
};

export default bench;

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

function row(what: string, ours: number, theirs: unknown): string[] {
  const time = (seconds: number) => (seconds < 1 ? `${(seconds * 1000).toFixed(1)} ms` : `${seconds.toFixed(1)} s`);
  if (theirs === undefined) return [what, time(ours), '', ''];
  return [what, time(ours), time(Number(theirs)), `${(Number(theirs) / ours).toFixed(1)} × as fast`];
}

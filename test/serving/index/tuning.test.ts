/** How broadly a graph is walked is chosen by trying it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openKernels } from '../../../src/compute/open.ts';
import { exactIndex } from '../../../src/serving/index/exact.ts';
import { openHnswIndex } from '../../../src/serving/index/hnsw.ts';
import { hasHnsw } from '../../../src/serving/index/hnswLibrary.ts';
import { readTuning, sampleRows, tuningFile } from '../../../src/serving/index/hnswTuning.ts';
import { clusteredRows } from '../../clustered.ts';

const kernels = openKernels({ threads: 1 });
const folder = mkdtempSync(join(tmpdir(), 'tastegraph-tuning-'));
afterAll(async () => {
  await kernels.close();
  rmSync(folder, { recursive: true, force: true });
});

it('takes rows evenly as samples, and all where there are few', () => {
  const rows = Float32Array.from({ length: 1000 }, (_, n) => n);
  expect(sampleRows(rows, 2).subarray(0, 4)).toEqual(Float32Array.of(0, 1, 10, 11));
  expect(sampleRows(rows, 2)).toHaveLength(200);
  expect(sampleRows(rows.subarray(0, 6), 2)).toEqual(rows.subarray(0, 6));
});

describe.runIf(hasHnsw())('a graph', () => {
  const dim = 48;
  const table = { rows: clusteredRows(4000, dim, 7, 'rows', 1), dim, metric: 'dot' } as const;
  const scan = exactIndex(table, kernels);
  const file = join(folder, 'graph.hnsw');
  afterAll(() => scan.dispose());

  it('of rows in no groups is walked as broadly as its samples need, and says how much it finds', async () => {
    const samples = clusteredRows(100, dim, 7, 'samples', 1);
    const sparse = { m: 8, efConstruction: 40, seed: 1 };
    const index = await openHnswIndex(table, { file, scan, samples, parameters: sparse });
    const { ef, recall } = readTuning(file)!;
    expect(ef).toBeGreaterThan(128);
    expect(recall).toBeGreaterThanOrEqual(0.97);
    expect(index.recall).toBe(recall);
    const queries = clusteredRows(200, dim, 7, 'queries', 1);
    const [found, truth] = [index.search(queries, 10), scan.search(queries, 10)];
    let hits = 0;
    for (let q = 0; q < 200; q++) {
      const best = new Set(truth.ids.subarray(10 * q, 10 * q + 10));
      for (const id of found.ids.subarray(10 * q, 10 * q + 10)) if (best.has(id)) hits++;
    }
    expect(hits / 2000).toBeGreaterThan(0.93);
  });

  it('whose tuning cannot be read is walked as usual', async () => {
    const tuning = readFileSync(tuningFile(file), 'utf8');
    writeFileSync(tuningFile(file), '{');
    const index = await openHnswIndex(table, { file, scan });
    expect(index.recall).toBeUndefined();
    expect(index.search(table.rows.subarray(0, dim), 3).ids).toHaveLength(3);
    writeFileSync(tuningFile(file), tuning);
  });
});

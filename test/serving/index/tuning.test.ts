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
import { bitmapOf, type VectorIndex } from '../../../src/serving/index/vectorIndex.ts';
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

  it('is walked where most rows are allowed, and left to the scan where few are', async () => {
    const [count, width] = [20_000, 8];
    const large = { rows: clusteredRows(count, width, 7, 'rows'), dim: width, metric: 'dot' } as const;
    const exact = exactIndex(large, kernels);
    let scans = 0;
    const scan: VectorIndex = {
      ...exact,
      search(...asked) {
        scans++;
        return exact.search(...asked);
      },
    };
    const options = { file: join(folder, 'large.hnsw'), scan, parameters: { m: 16, efConstruction: 80, seed: 1 } };
    await openHnswIndex(large, options);
    writeFileSync(tuningFile(options.file), JSON.stringify({ ef: 64, recall: 1 }));
    const index = await openHnswIndex(large, options);
    const allIds = Array.from({ length: count }, (_, id) => id);
    for (const [every, scanned] of [
      [20, 0],
      [2, 1],
    ] as const) {
      const isAllowed = (id: number) => id % every > 0;
      const limits = { allowed: bitmapOf(allIds.filter(isAllowed), count) };
      const found = index.search(large.rows.subarray(0, width), 10, limits).ids;
      const best = new Set(exact.search(large.rows.subarray(0, width), 10, limits).ids);
      expect([...found].every(isAllowed)).toBe(true);
      expect(found.filter((id) => best.has(id)).length).toBeGreaterThanOrEqual(8);
      expect(scans).toBe(scanned);
    }
    exact.dispose();
  });
});

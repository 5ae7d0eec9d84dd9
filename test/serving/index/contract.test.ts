/** Every vector index on the shared suite; and that each gives back what it holds. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openKernels } from '../../../src/compute/open.ts';
import type { Graph } from '../../../src/graph/driver.ts';
import { exactIndex } from '../../../src/serving/index/exact.ts';
import { openHnswIndex } from '../../../src/serving/index/hnsw.ts';
import { hasHnsw } from '../../../src/serving/index/hnswLibrary.ts';
import { int8Index } from '../../../src/serving/index/int8.ts';
import { clusteredRows } from '../../clustered.ts';
import { vectorIndexContract } from '../../contracts/vectorIndex.ts';
import { testGraph } from '../../neo4j.ts';
import { indexInGraph } from './inGraph.ts';

const kernels = openKernels({ threads: 2 });
const folder = mkdtempSync(join(tmpdir(), 'tastegraph-index-'));
let graph: Graph;
beforeAll(async () => {
  graph = await testGraph();
});
afterAll(async () => {
  await graph.close();
  await kernels.close();
  rmSync(folder, { recursive: true, force: true });
});

const both = ['dot', 'cosine'] as const;

vectorIndexContract(
  'exact',
  async (table) => {
    const index = exactIndex(table, kernels);
    return { index, close: () => index.dispose() };
  },
  { metrics: both, recall: 1 },
);

vectorIndexContract(
  'int8',
  async (table) => {
    const index = int8Index(table, kernels);
    return { index, close: () => index.dispose() };
  },
  { metrics: both, recall: 0.99 },
);

if (hasHnsw()) {
  vectorIndexContract(
    'hnsw',
    async (table) => {
      const scan = exactIndex(table, kernels);
      const index = await openHnswIndex(table, { file: join(folder, `${table.metric}.hnsw`), scan });
      return {
        index,
        close() {
          index.dispose();
          scan.dispose();
        },
      };
    },
    { metrics: both, recall: 0.95 },
  );
} else console.log('hnswlib-node is not here: its index is not tested');

vectorIndexContract(
  'neo4j',
  async (table) => {
    const { index } = await indexInGraph(graph, table);
    return { index, close: () => index.dispose() };
  },
  { metrics: ['cosine'], recall: 0.95 },
);

it('gives the kernels their memory back', () => {
  const table = { rows: clusteredRows(3000, 24, 5, 'rows'), dim: 24, metric: 'dot' } as const;
  const query = table.rows.subarray(0, 24);
  for (const open of [exactIndex, int8Index]) {
    open(table, kernels).search(query, 1); // scratch room is kept
    const before = kernels.used;
    const index = open(table, kernels);
    index.search(query, 5);
    // Within what allocations are rounded up to.
    expect(Math.abs(kernels.used - before - index.bytes)).toBeLessThan(1000);
    index.dispose();
    expect(kernels.used).toBe(before);
  }
});

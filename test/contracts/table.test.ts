import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { EmbeddingStore } from '../../src/training/store.ts';
import { tableContract } from './table.ts';

const home = mkdtempSync(join(tmpdir(), 'tastegraph-table-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

tableContract('memory', (kernels, seed) => new EmbeddingStore(kernels, seed));

// Caches of a single block, of some, and of all that there are.
for (const blocks of [1, 5, 1000]) {
  const cacheBytes = blocks * 4096;
  tableContract(`disk, ${blocks} blocks cached`, (kernels, seed, number) => {
    const folder = join(home, `${blocks}-${number}`);
    return new EmbeddingStore(kernels, seed, { embeddings: 'disk', folder, cacheBytes });
  });
}

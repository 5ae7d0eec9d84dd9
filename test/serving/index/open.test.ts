/** Which index is picked, how one takes over from the scan that stands in for it, and lists by each kind. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { openKernels } from '../../../src/compute/open.ts';
import { exactIndex } from '../../../src/serving/index/exact.ts';
import { growingIndex } from '../../../src/serving/index/growing.ts';
import { hnswParameters, openHnswIndex } from '../../../src/serving/index/hnsw.ts';
import { hasHnsw } from '../../../src/serving/index/hnswLibrary.ts';
import { int8Index } from '../../../src/serving/index/int8.ts';
import { graphsFolder } from '../../../src/serving/index/ofVersion.ts';
import { chooseIndex } from '../../../src/serving/index/open.ts';
import type { VectorIndex } from '../../../src/serving/index/vectorIndex.ts';
import { openRecommender } from '../../../src/serving/recommender.ts';
import { publish } from '../../../src/serving/versions.ts';
import { clusteredRows } from '../../clustered.ts';
import { plantedHome, plantedResult } from '../home.ts';

/** A promise that is kept or broken from outside. */
function deferred<T>() {
  let resolve!: (value: T) => void;
  let reject!: (cause: unknown) => void;
  const promise = new Promise<T>((keep, refuse) => {
    resolve = keep;
    reject = refuse;
  });
  return { promise, resolve, reject };
}

const kernels = openKernels({ threads: 1 });
afterAll(() => kernels.close());

describe('the index that is picked', () => {
  /** Of which nothing but the length is looked at. */
  const table = (count: number, dim = 64) => ({ rows: { length: count * dim } as Float32Array, dim });

  it('goes by size, and says so', () => {
    const kindOf = (count: number, hasGraphs = true) => chooseIndex('auto', table(count), () => hasGraphs).kind;
    expect([1, 100_000, 100_001, 2_000_000, 2_000_001].map((count) => kindOf(count))).toEqual([
      'exact',
      'exact',
      'int8',
      'int8',
      'hnsw',
    ]);
    expect(kindOf(5_000_000, false)).toBe('int8');
    expect(chooseIndex('auto', table(1000)).because).toBe('1,000 vectors of 64 are few enough to score them all');
    expect(chooseIndex('auto', table(5_000_000), () => false).because).toContain('hnswlib-node is not here');
  });

  it('is the one that was asked for; where that is the one in the graph, lists go by size', () => {
    for (const kind of ['exact', 'int8', 'hnsw'] as const) expect(chooseIndex(kind, table(9)).kind).toBe(kind);
    const { kind, because } = chooseIndex('neo4j', table(9));
    expect(kind).toBe('exact');
    expect(because).toContain('knows no inner products');
  });
});

describe('an index that is still being made', () => {
  const table = { rows: clusteredRows(300, 8, 3, 'rows'), dim: 8, metric: 'dot' } as const;
  const query = table.rows.subarray(0, 8);

  it('has a scan answer until it is there, and is given back with it', async () => {
    for (const open of [exactIndex, int8Index]) open(table, kernels).search(query, 3); // scratch room is kept
    const before = kernels.used;
    const made = deferred<VectorIndex>();
    const ready: string[] = [];
    const index = growingIndex(exactIndex(table, kernels), {
      make: () => made.promise,
      onReady: ({ kind }) => ready.push(kind),
    });
    const first = index.search(query, 3);
    expect(index.kind).toBe('exact');
    made.resolve(int8Index(table, kernels));
    await sleep(0);
    expect(index.kind).toBe('int8');
    expect(ready).toEqual(['int8']);
    expect(index.search(query, 3).ids).toEqual(first.ids);
    index.dispose();
    expect(kernels.used).toBe(before);
  });

  it('leaves the scan at work where it cannot be made, and tells why', async () => {
    const failures: unknown[] = [];
    const make = () => Promise.reject(new Error('no room'));
    const index = growingIndex(exactIndex(table, kernels), { make, onFailure: (cause) => failures.push(cause) });
    await sleep(0);
    expect(failures).toEqual([new Error('no room')]);
    expect(index.search(query, 1).ids[0]).toBeGreaterThanOrEqual(0);
    index.dispose();
  });

  it('is not waited for where nobody wants it any more', async () => {
    const before = kernels.used;
    const made = deferred<VectorIndex>();
    let isUnwanted: AbortSignal | undefined;
    const index = growingIndex(exactIndex(table, kernels), {
      make(signal) {
        isUnwanted = signal;
        return made.promise;
      },
      onReady: () => expect.fail('nobody waits for it'),
    });
    index.dispose();
    expect(isUnwanted?.aborted).toBe(true);
    made.resolve(int8Index(table, kernels));
    await sleep(0);
    expect(kernels.used).toBe(before);
  });
});

describe('lists by each kind of index', () => {
  const listsOf = async (home: string, kind: 'auto' | 'exact' | 'int8' | 'hnsw') => {
    const ready = deferred<string[]>();
    const kinds: string[] = [];
    const recommender = openRecommender(home, kernels, {
      pollMs: 0,
      index: {
        kind,
        // One graph ranks, another says what is alike.
        onReady: (index) => kinds.push(index.kind) === 2 && ready.resolve(kinds),
        onFailure: (cause) => ready.reject(cause),
      },
    });
    if (kind === 'hnsw') expect(await ready.promise).toEqual(['hnsw', 'hnsw']);
    const { served, release } = recommender.acquire();
    const lists = {
      best: recommender.recommend('ann', { limit: 5 }).items.map(({ id }) => id),
      alike: recommender.similar('c1', { limit: 3 }).map(({ id }) => id),
      near: served.near(served.vector('d1')!, { limit: 4 }).map(({ id }) => id),
    };
    const { index } = served;
    release();
    recommender.close();
    return { lists, index };
  };

  it('are the same where vectors are few', async () => {
    const at = plantedHome();
    try {
      await publish(at.home, plantedResult(at.snapshot));
      const exact = await listsOf(at.home, 'exact');
      expect(exact.index).toEqual({ kind: 'exact', because: 'it was asked for' });
      expect((await listsOf(at.home, 'auto')).index?.kind).toBe('exact');
      expect(await listsOf(at.home, 'int8')).toEqual({
        ...exact,
        index: { kind: 'int8', because: 'it was asked for' },
      });
      if (!hasHnsw()) return console.log('hnswlib-node is not here: lists by its index are not tested');
      mkdirSync(graphsFolder(at.home));
      writeFileSync(join(graphsFolder(at.home), 'of-no-version.hnsw'), '');
      expect((await listsOf(at.home, 'hnsw')).lists).toEqual(exact.lists);
      const names = readdirSync(graphsFolder(at.home));
      expect(names.filter((name) => name.endsWith('.hnsw'))).toHaveLength(2);
      expect(names.filter((name) => name.endsWith('.hnsw.json'))).toHaveLength(2);
      expect(names).not.toContain('of-no-version.hnsw');
      const stamps = () => names.map((name) => statSync(join(graphsFolder(at.home), name)).mtimeMs);
      const made = stamps();
      expect((await listsOf(at.home, 'hnsw')).lists).toEqual(exact.lists);
      expect(stamps()).toEqual(made); // read, not made again
    } finally {
      at.remove();
    }
  });
});

if (hasHnsw()) {
  it('makes a graph anew that is cut off or of other rows, and leaves nothing of one that was not wanted', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tastegraph-index-'));
    const table = { rows: clusteredRows(500, 8, 3, 'rows'), dim: 8, metric: 'dot' } as const;
    const scan = exactIndex(table, kernels);
    const file = join(folder, 'graph.hnsw');
    const query = table.rows.subarray(8, 16);
    try {
      writeFileSync(file, 'not a graph');
      const first = await openHnswIndex(table, { file, scan });
      const found = first.search(query, 5);
      const fewer = { ...table, rows: table.rows.subarray(0, 400 * 8) };
      expect((await openHnswIndex(fewer, { file, scan })).count).toBe(400);
      // The same rows and seed give the same graph.
      expect((await openHnswIndex(table, { file, scan })).search(query, 5)).toEqual(found);

      const unwanted = join(folder, 'unwanted.hnsw');
      const made = openHnswIndex(table, {
        file: unwanted,
        scan,
        parameters: { ...hnswParameters, efConstruction: 1000 },
        signal: AbortSignal.abort(new Error('not wanted')),
      });
      await expect(made).rejects.toThrow('not wanted');
      expect(existsSync(unwanted)).toBe(false);
    } finally {
      scan.dispose();
      rmSync(folder, { recursive: true, force: true });
    }
  });
}

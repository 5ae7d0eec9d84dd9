import { afterAll, describe, expect, it } from 'vitest';
import { openKernels } from '../../src/compute/open.ts';
import { memoryLimits, memoryNeed, requireMemory } from '../../src/training/memory.ts';
import { EmbeddingStore } from '../../src/training/store.ts';

const kernels = openKernels({ threads: 1 });
afterAll(() => kernels.close());

const nothing = { batchBytes: 0, snapshotBytes: 0, keepsBest: false };
const GiB = 2 ** 30;

describe('memory that a training needs', () => {
  it.each([
    { kind: 'adam' } as const,
    { kind: 'adam', rowSteps: true } as const,
    { kind: 'adagrad' } as const,
    { kind: 'sgd' } as const,
    { kind: 'sgd', momentum: 0.9 } as const,
  ])('is what the tables then take: %o', (optimizer) => {
    const shape = { rows: 1600, dim: 5, optimizer };
    const before = kernels.used;
    const store = new EmbeddingStore(kernels, 1);
    store.table('t', shape, { kind: 'zeros' });
    expect(memoryNeed({ ...nothing, tables: [shape] }).tables).toBe(kernels.used - before);
    store.dispose();
  });

  it('counts the copy of the best epoch, and of tables in files their caches alone', () => {
    const table = { rows: 1000, dim: 10 };
    const bytes = 1000 * 30 * 4;
    const dense = [{ length: 100, optimizer: { kind: 'sgd' } as const }];
    expect(memoryNeed({ ...nothing, tables: [table], dense })).toMatchObject({
      tables: bytes + 400,
      copies: 0,
    });
    expect(memoryNeed({ ...nothing, tables: [table], keepsBest: true }).copies).toBe(bytes);
    const plan = { tables: [{ ...table, cacheBytes: 4096 }], batchBytes: 7, snapshotBytes: 11, keepsBest: true };
    expect(memoryNeed(plan)).toEqual({
      tables: 4096,
      batch: 7,
      snapshot: 11,
      copies: 0,
      inKernels: 4103,
      total: 4114,
    });
  });

  it('is refused where the machine or the kernels have less, with what to change', () => {
    const limits = { machine: 8 * GiB, kernels: 4 * GiB };
    const need = (rows: number, batchBytes = 0) => memoryNeed({ ...nothing, tables: [{ rows, dim: 64 }], batchBytes });
    expect(() => requireMemory(need(1_000_000), limits)).not.toThrow();
    expect(() => requireMemory(need(10_000_000), limits)).toThrow(
      /needs 7325 MiB .*4096 MiB are left of the kernels' 4,096 MiB\. Use a smaller --dim, or --embeddings disk/,
    );
    expect(() => requireMemory(need(5_000_000), { ...limits, machine: GiB })).toThrow(
      /1024 MiB are left on this machine\. Use a smaller --dim, or --embeddings disk/,
    );
    expect(() => requireMemory(need(10, 5 * GiB), limits)).toThrow('Use a smaller --batch-size');
  });

  it('is held against what is left here', () => {
    const held = kernels.floats(1000);
    const limits = memoryLimits(kernels);
    kernels.release(held);
    expect(limits.machine).toBeGreaterThan(0);
    expect(limits.kernels).toBeLessThan(4 * GiB);
    expect(() => requireMemory(memoryNeed({ ...nothing, tables: [] }), limits)).not.toThrow();
  });
});

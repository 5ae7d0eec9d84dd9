/** Greedy choice by kernels beside the plain loops of the re-rankers: the same to the last digit, at any shape. */
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { openKernels } from '../../src/compute/open.ts';
import { bestVariant, type KernelVariant } from '../../src/compute/pool.ts';
import { rerankerSchema } from '../../src/options.ts';
import { RandomStream } from '../../src/random.ts';
import { rerankerOf } from '../../src/serving/reranking/rerankers.ts';
import { contextOf, listOf } from '../serving/reranking/lists.ts';

const variants: KernelVariant[] = bestVariant() === 'relaxed' ? ['baseline', 'relaxed'] : ['baseline'];
const pools = variants.flatMap((variant) => [1, 3].map((threads) => openKernels({ threads, variant })));
afterAll(() => Promise.all(pools.map((kernels) => kernels.close())));

describe.each(['mmr', 'dpp'])('%s', (kind) => {
  it('chooses the same with kernels and without, with ties, rows of zeros and more wanted than there are', () => {
    const shapes = fc.record({
      count: fc.integer({ min: 0, max: 60 }),
      dim: fc.integer({ min: 1, max: 40 }),
      wanted: fc.integer({ min: 1, max: 70 }),
      strength: fc.constantFrom(0, 0.1, 0.5, 1),
      seed: fc.nat(),
    });
    fc.assert(
      fc.property(shapes, ({ count, dim, wanted, strength, seed }) => {
        const stream = new RandomStream(seed, 'rows');
        const row = () => Array.from({ length: dim }, () => stream.normal());
        const few = Array.from({ length: 5 }, row);
        // Some the same as others, some of nothing.
        const vectors = Array.from({ length: Math.max(1, count) }, (_, item) =>
          item % 7 === 3 ? row().map(() => 0) : item % 3 === 0 ? few[item % 5]! : row(),
        );
        const scores = Array.from({ length: count }, (_, item) => 1 / (1 + Math.floor(item / 3)));
        const context = { ...contextOf(vectors.map((vector) => ({ vector }))), wanted };
        const { apply } = rerankerOf(rerankerSchema.parse({ kind, strength }));
        const plain = apply(listOf(...scores), context);
        for (const kernels of pools) expect(apply(listOf(...scores), { ...context, kernels })).toEqual(plain);
      }),
      { numRuns: 60 },
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AliasTable } from '../../src/sampling/aliasTable.ts';
import { hardestNegatives } from '../../src/sampling/hardNegatives.ts';
import { InBatchNegatives } from '../../src/sampling/inBatch.ts';
import { ownMemory } from '../../src/sampling/memory.ts';
import { NegativeSampler, negativeKinds } from '../../src/sampling/negatives.ts';
import { PairSource } from '../../src/sampling/pairSource.ts';
import { relationOf } from '../../src/sampling/relations.ts';
import { drawOne } from '../../src/sampling/source.ts';
import { chiSquared, chiSquaredBound } from './graphs.ts';

const matrix = (rows: number, cols: number, pairs: readonly (readonly [number, number])[]) =>
  relationOf(rows, cols, { from: pairs.map(([row]) => row), to: pairs.map(([, col]) => col) }, ownMemory);
const pairsOf = (rows: number, cols: number, least = 0) =>
  fc.array(fc.tuple(fc.integer({ min: 0, max: rows - 1 }), fc.integer({ min: 0, max: cols - 1 })), {
    minLength: least,
    maxLength: 120,
  });

describe('alias table', () => {
  it('draws in proportion to any weights', () => {
    const weights = [0, 1, 5, 0.5, 3.5];
    const table = new AliasTable(weights);
    const counts = weights.map(() => 0);
    // Every cell and coin of a fine grid, so the counts are the shares themselves.
    const fine = 400;
    for (let cell = 0; cell < fine; cell++) {
      for (let coin = 0; coin < fine; coin++) counts[table.pick((cell + 0.5) / fine, (coin + 0.5) / fine)]!++;
    }
    for (const [i, count] of counts.entries()) expect(count / fine ** 2).toBeCloseTo(weights[i]! / 10, 2);
    expect(counts[0]).toBe(0);
    expect(() => new AliasTable([0, 0])).toThrow(RangeError);
  });
});

describe('negatives', () => {
  it('are never training edges, whatever the kind and the pool', () => {
    fc.assert(
      fc.property(
        pairsOf(6, 9),
        pairsOf(6, 9),
        fc.constantFrom(...negativeKinds),
        fc.boolean(),
        fc.nat(5),
        (edges, others, kind, pooled, epoch) => {
          const train = matrix(6, 9, edges);
          const known = new Set(edges.map(String));
          const pool = new Set(others.map(String).filter((pair) => !known.has(pair)));
          const sampler = new NegativeSampler(train, { kind, seed: 4, ...(pooled && { pool: matrix(6, 9, others) }) });
          for (let row = 0; row < 6; row++) {
            const isFull = train.offsets[row + 1]! - train.offsets[row]! === 9;
            const hasPool = pooled && [...pool].some((pair) => pair.startsWith(`${row},`));
            for (let counter = 0; counter < 10; counter++) {
              const column = sampler.draw(row, -7, epoch, counter);
              if (column === -7) {
                // Nothing is left, or nothing that anyone has an edge to.
                const left = Array.from({ length: 9 }, (_, c) => c).filter((c) => !known.has(`${row},${c}`));
                const isUnknown = left.every((c) => !edges.some(([, other]) => other === c));
                expect(isFull || (kind === 'popularity' && isUnknown)).toBe(true);
                continue;
              }
              expect(known.has(`${row},${column}`)).toBe(false);
              expect(column).toBeGreaterThanOrEqual(0);
              expect(column).toBeLessThan(9);
              if (hasPool) expect(pool.has(`${row},${column}`)).toBe(true);
            }
          }
        },
      ),
    );
  });

  // Row 0 has column 0, the most popular by far; the others have 8, 4 and 1 edges.
  const rows = 13;
  const train = matrix(rows, 4, [
    ...Array.from({ length: rows }, (_, row) => [row, 0] as const),
    ...Array.from({ length: 8 }, (_, k) => [k + 1, 1] as const),
    ...Array.from({ length: 4 }, (_, k) => [k + 1, 2] as const),
    [1, 3],
  ]);

  it.each([0, 0.5, 1])('follow popularity to the power of %d over what is left', (alpha) => {
    const sampler = new NegativeSampler(train, { kind: 'popularity', alpha, seed: 8 });
    const counts = [0, 0, 0, 0];
    for (let counter = 0; counter < 6000; counter++) counts[sampler.draw(0, 0, counter % 3, counter)]!++;
    const weights = [0, 8 ** alpha, 4 ** alpha, 1];
    const total = weights.reduce((a, b) => a + b, 0);
    expect(
      chiSquared(
        counts,
        weights.map((weight) => weight / total),
      ),
    ).toBeLessThan(chiSquaredBound(2));
  });

  it('keep to their distribution where nearly all that is popular is a training edge', () => {
    // 10,000 edges to column 0, which row 0 has too: rejection alone would go on for long.
    const many = 10_000;
    const skewed = matrix(many, 3, [
      ...Array.from({ length: many }, (_, row) => [row, 0] as const),
      [1, 1],
      [2, 1],
      [3, 1],
      [4, 2],
    ]);
    const sampler = new NegativeSampler(skewed, { kind: 'popularity', alpha: 1, seed: 2 });
    const counts = [0, 0, 0];
    for (let counter = 0; counter < 2000; counter++) counts[sampler.draw(0, 0, 0, counter)]!++;
    expect(chiSquared(counts, [0, 0.75, 0.25])).toBeLessThan(chiSquaredBound(1));
  });

  it('may be the hardest of several candidates', () => {
    const batch = { users: Int32Array.of(0, 1), negatives: Int32Array.of(3, 9, 4, 7, 2, 7) };
    const hardest = hardestNegatives(batch, (users, candidates, scores) => {
      expect(users).toBe(batch.users);
      for (const [i, candidate] of candidates.entries()) scores[i] = candidate;
    });
    expect([...hardest]).toEqual([9, 7]);
  });
});

describe('in-batch negatives', () => {
  it('know every training edge of the batch, and how likely each item came into it', () => {
    fc.assert(
      fc.property(pairsOf(5, 6, 1), fc.integer({ min: 1, max: 30 }), (edges, seed) => {
        const train = matrix(5, 6, edges);
        const inBatch = new InBatchNegatives(train);
        const source = new PairSource(train, { kind: 'uniform', seed, batchSize: 16, perPair: 0 });
        const known = new Set(edges.map(String));
        for (let step = 0; step < source.batchesPerEpoch; step++) {
          const { users, positives } = drawOne(source, 0, step);
          const size = users.length;
          const found = inBatch.of(users, positives, size);
          for (let p = 0; p < size; p++) {
            const count = [...known].filter((pair) => pair.endsWith(`,${positives[p]}`)).length;
            expect(found.logQ[p]).toBeCloseTo(Math.log(count / known.size), 5);
            for (let q = 0; q < size; q++) {
              expect(found.known[p * size + q]).toBe(p !== q && known.has(`${users[p]},${positives[q]}`) ? 1 : 0);
            }
          }
        }
      }),
    );
  });
});

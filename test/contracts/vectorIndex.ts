/** What every vector index must give, against scores computed here. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Csr } from '../../src/compute/csr.ts';
import type { TopK } from '../../src/compute/kernels.ts';
import { bitmapOf, type IndexedRows, type Metric, type VectorIndex } from '../../src/serving/index/vectorIndex.ts';
import { clusteredRows } from '../clustered.ts';

export interface OpenedIndex {
  readonly index: VectorIndex<TopK | Promise<TopK>>;
  close(): Promise<void> | void;
}

export interface IndexPromise {
  readonly metrics: readonly Metric[];
  /** Least share of the best that it finds; 1 for one that is exact. */
  readonly recall: number;
}

const count = 1500;
const dim = 16;
const queryCount = 25;
const k = 10;

export function vectorIndexContract(
  name: string,
  open: (table: IndexedRows) => Promise<OpenedIndex>,
  { metrics, recall }: IndexPromise,
): void {
  describe.each(metrics)(`vector index: ${name}, by %s`, (metric) => {
    const rows = clusteredRows(count, dim, 17, 'rows', 40);
    const before = rows.slice();
    const queries = clusteredRows(queryCount, dim, 17, 'queries', 40);
    let opened: OpenedIndex;
    beforeAll(async () => {
      opened = await open({ rows, dim, metric });
    });
    afterAll(() => opened.close());

    const row = (table: Float32Array, n: number) => table.subarray(n * dim, (n + 1) * dim);
    const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, d) => sum + value * b[d]!, 0);
    const length = (id: number) => (metric === 'cosine' ? Math.sqrt(dot(row(rows, id), row(rows, id))) : 1);
    const scores = Array.from({ length: queryCount }, (_, q) =>
      Float64Array.from({ length: count }, (_, id) => dot(row(queries, q), row(rows, id)) / length(id)),
    );
    const scoreOf = (q: number, id: number) => scores[q]![id]!;
    const bestOf = (q: number, isIn: (id: number) => boolean, wanted = k) =>
      [...Array(count).keys()]
        .filter(isIn)
        .sort((a, b) => scoreOf(q, b) - scoreOf(q, a) || a - b)
        .slice(0, wanted);
    const idsOf = ({ ids, k: wanted }: TopK, q: number) => [...ids.subarray(q * wanted, (q + 1) * wanted)];

    /** Holds what was found for each query against the best of what may be found. */
    function holds(found: TopK, isIn: (q: number, id: number) => boolean, wanted = k): void {
      let [hits, possible] = [0, 0];
      expect(found.k).toBe(wanted);
      expect(found.ids).toHaveLength(queryCount * wanted);
      for (let q = 0; q < queryCount; q++) {
        const best = bestOf(q, (id) => isIn(q, id), wanted);
        const all = idsOf(found, q);
        const ids = all.slice(0, best.length);
        expect(new Set(ids).size).toBe(best.length);
        expect(ids.every((id) => id >= 0 && isIn(q, id))).toBe(true);
        expect(all.slice(best.length).every((id) => id === -1)).toBe(true);
        const own = found.scores.subarray(q * wanted, (q + 1) * wanted);
        expect(ids.every((id, place) => Math.abs(own[place]! - scoreOf(q, id)) < 1e-3)).toBe(true);
        expect(own.every((score, place) => place === 0 || own[place - 1]! >= score)).toBe(true);
        expect(own.subarray(best.length).every((score) => score === -Infinity)).toBe(true);
        hits += best.filter((id) => ids.includes(id)).length;
        possible += best.length;
        if (recall === 1) expect(ids).toEqual(best);
      }
      expect(hits / Math.max(1, possible)).toBeGreaterThanOrEqual(possible === 0 ? 0 : recall);
    }

    const excluding = (isOut: (q: number, id: number) => boolean): Csr => {
      const lists = Array.from({ length: queryCount }, (_, q) => [...Array(count).keys()].filter((id) => isOut(q, id)));
      const offsets = Int32Array.from([0, ...lists]);
      lists.forEach((list, q) => {
        offsets[q + 1] = offsets[q]! + list.length;
      });
      return { rows: queryCount, cols: count, offsets, indices: Int32Array.from(lists.flat()) };
    };

    it('finds the best, with their scores, in order', async () => {
      holds(await opened.index.search(queries, k), () => true);
      holds(await opened.index.search(queries, 1), () => true, 1);
      expect(opened.index.count).toBe(count);
      expect(opened.index.bytes).toBeGreaterThan(0);
    });

    it('finds others for what a query must not get', async () => {
      const best = Array.from({ length: queryCount }, (_, q) => new Set(bestOf(q, () => true, 7)));
      const isOut = (q: number, id: number) => q !== 3 && (best[q]!.has(id) || id % 11 === q % 11);
      const found = await opened.index.search(queries, k, { exclude: excluding(isOut) });
      holds(found, (q, id) => !isOut(q, id));
    });

    it('finds only what is allowed, be it half of all or a few', async () => {
      for (const isIn of [(id: number) => id % 2 === 1, (id: number) => id % 97 === 5]) {
        const allowed = bitmapOf([...Array(count).keys()].filter(isIn), count);
        holds(await opened.index.search(queries, k, { allowed }), (_, id) => isIn(id));
        const isOut = (q: number, id: number) => id % 3 === q % 3;
        const found = await opened.index.search(queries, k, { allowed, exclude: excluding(isOut) });
        holds(found, (q, id) => isIn(id) && !isOut(q, id));
      }
    });

    it('finds fewer where no more may be found', async () => {
      const few = [4, 700, 1499];
      holds(await opened.index.search(queries, k, { allowed: bitmapOf(few, count) }), (_, id) => few.includes(id));
      holds(await opened.index.search(queries, k, { allowed: bitmapOf([], count) }), () => false);
      const exclude = excluding((q, id) => id !== q);
      holds(await opened.index.search(queries, k, { exclude }), (q, id) => id === q);
    });

    it('answers no questions with nothing, and leaves the rows as they are', async () => {
      expect(await opened.index.search(new Float32Array(0), k)).toEqual({
        k,
        ids: new Int32Array(0),
        scores: new Float32Array(0),
      });
      expect(rows).toEqual(before);
    });
  });
}

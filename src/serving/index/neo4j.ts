/**
 * The vector index in the graph. It goes by cosines of vectors that it keeps as bytes, so what it finds is scored anew; and it knows
 * no limits, so that more is asked for until enough is left. It answers over a network, and what is alike only: see
 * `graph/vectorIndexes.ts`.
 */
import type { TopK } from '../../compute/kernels.ts';
import type { Graph } from '../../graph/driver.ts';
import { itemsNearVectors } from '../../graph/near.ts';
import type { SlotContent } from '../../graph/versions.ts';
import { nothingFound, Scores } from './scores.ts';
import { excludedOf, type IndexedRows, isAllowed, type VectorIndex } from './vectorIndex.ts';

/** Candidates for each row wanted, and some more: the index finds better, the more it is asked for. */
const factor = 2;
const more = 20;
/** How many times as many are asked for where too few were left. */
const growth = 8;

export interface GraphIndexOptions {
  readonly graph: Graph;
  /** That holds the rows' version. */
  readonly slot: Pick<SlotContent, 'slot'>;
  /** Dense index of an item by its outside id. */
  readonly indexOf: (id: string) => number | undefined;
  /** Longest time for one question, ms. */
  readonly timeoutMs?: number | undefined;
}

/** Rows are the item vectors of the version, by cosine. Errors of its searches: neo4j/*. */
export function neo4jIndex(
  { rows, dim }: Omit<IndexedRows, 'metric'>,
  { graph, slot, indexOf, timeoutMs }: GraphIndexOptions,
): VectorIndex<Promise<TopK>> {
  const scores = new Scores({ rows, dim, metric: 'cosine' });
  const { count } = scores;
  return {
    kind: 'neo4j',
    count,
    bytes: scores.bytes,
    async search(queries, k, { exclude, allowed } = {}) {
      const found = nothingFound(queries.length / dim, k);
      let open = [...Array(queries.length / dim).keys()].filter((q) => hasDirection(row(q)));
      const outOf = (q: number) => (exclude ? excludedOf(exclude, q) : new Int32Array(0));
      for (let wanted = factor * k + more; open.length > 0; wanted *= growth) {
        const candidates = Math.min(count, wanted);
        const vectors = open.map((q) => Array.from(row(q)));
        const near = await itemsNearVectors(graph, vectors, slot, candidates, timeoutMs);
        open = open.filter((q, place) => {
          const out = new Set(outOf(q));
          const left = near[place]!.map(indexOf).filter(
            (id): id is number => id !== undefined && !out.has(id) && (!allowed || isAllowed(allowed, id)),
          );
          if (left.length < k && candidates < count) return true;
          scores.best(row(q), left, found, q);
          return false;
        });
      }
      return found;
      function row(q: number): Float32Array {
        return queries.subarray(q * dim, (q + 1) * dim);
      }
    },
    dispose() {},
  };
}

/** A vector of zeros has no cosine with any. */
const hasDirection = (vector: Float32Array): boolean => vector.some((x) => x !== 0);

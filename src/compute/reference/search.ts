/** The scans once more, in plain TypeScript: see `search.ts`. */
import type { Csr } from '../csr.ts';
import type { TopK } from '../search.ts';

export function topK(
  queries: Float32Array,
  rows: Float32Array,
  dim: number,
  k: number,
  exclude?: Csr,
  allowed?: Int32Array,
): TopK {
  return bestOf(queries.length / dim, rows.length / dim, k, exclude, allowed, (q) => {
    const query = queries.subarray(q * dim, (q + 1) * dim);
    return (id) => dot(query, rows.subarray(id * dim, (id + 1) * dim));
  });
}

export function topAmong(query: Float32Array, rows: Float32Array, dim: number, among: Int32Array, k: number): TopK {
  const named = new Int32Array(Math.ceil(rows.length / dim / 32));
  for (const id of among) if (id >= 0) named[id >>> 5]! |= 1 << (id & 31);
  return topK(query, rows, dim, k, undefined, named);
}

export function topBytes(
  queries: Float32Array,
  rows: Float32Array,
  dim: number,
  k: number,
  exclude?: Csr,
  allowed?: Int32Array,
): TopK {
  const table = Array.from({ length: rows.length / dim }, (_, id) =>
    quantised(rows.subarray(id * dim, (id + 1) * dim), 127),
  );
  const found = bestOf(queries.length / dim, table.length, k, exclude, allowed, (q) => {
    const { levels } = quantised(queries.subarray(q * dim, (q + 1) * dim), 63);
    return (id) => Math.fround(dot(levels, table[id]!.levels)) * table[id]!.scale;
  });
  const scores = found.scores.map((score, place) => {
    const q = Math.floor(place / k);
    return found.ids[place]! < 0 ? score : score * quantised(queries.subarray(q * dim, (q + 1) * dim), 63).scale;
  });
  return { ...found, scores };
}

/** Numbers as whole multiples of a scale, −most to most. */
function quantised(x: Float32Array, most: number): { readonly levels: Int32Array; readonly scale: number } {
  const greatest = x.reduce((so, value) => Math.max(so, Math.abs(value)), 0);
  const inverse = greatest > 0 ? Math.fround(most / greatest) : 0;
  return {
    levels: Int32Array.from(x, (value) => nearestEven(Math.fround(value * inverse))),
    scale: Math.fround(greatest / most),
  };
}

/** The nearest whole number, of two the even one. */
function nearestEven(x: number): number {
  const rounded = Math.round(x);
  return rounded - x === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let d = 0; d < a.length; d++) sum += a[d]! * b[d]!;
  return sum;
}

/** By scores in single precision, ties by the lower id. */
function bestOf(
  queries: number,
  rows: number,
  k: number,
  exclude: Csr | undefined,
  allowed: Int32Array | undefined,
  scoresOf: (query: number) => (id: number) => number,
): TopK {
  const ids = new Int32Array(queries * k).fill(-1);
  const scores = new Float32Array(queries * k).fill(-Infinity);
  for (let q = 0; q < queries; q++) {
    const out = new Set(exclude?.indices.subarray(exclude.offsets[q]!, exclude.offsets[q + 1]!));
    const score = scoresOf(q);
    const ranked = Array.from({ length: rows }, (_, id) => ({ id, score: Math.fround(score(id)) }))
      .filter(({ id }) => !out.has(id) && (!allowed || ((allowed[id >>> 5]! >>> (id & 31)) & 1) === 1))
      .sort((a, b) => b.score - a.score || a.id - b.id)
      .slice(0, k);
    for (const [place, { id, score }] of ranked.entries()) {
      ids[q * k + place] = id;
      scores[q * k + place] = score;
    }
  }
  return { k, ids, scores };
}

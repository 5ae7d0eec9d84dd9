/**
 * The vector indexes beside each other and beside hnswlib's own Python binding: recall@10, queries/s, time to make and memory, also with
 * exclusions and filters. `--sizes 40k,1m,5m`; `--kinds exact,int8,hnsw,neo4j`. Graphs are made up to `--most-hnsw` (1m, since one
 * of five million takes the better part of an hour), and kept in the folder `--graphs` where one is named; Neo4j is asked up to
 * `--most-neo4j` (40k). hnswlib is asked of the Python that TASTEGRAPH_PYTHON names.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { TopK } from '../../src/compute/kernels.ts';
import { hnswParameters } from '../../src/serving/index/hnsw.ts';
import { hasHnsw } from '../../src/serving/index/hnswLibrary.ts';
import { sampleCount } from '../../src/serving/index/hnswTuning.ts';
import type { IndexedRows } from '../../src/serving/index/vectorIndex.ts';
import { clusteredRows } from '../clustered.ts';
import { casesOf, dim, type Kind, k, kinds, measured, queryCount } from './index/measured.ts';
import type { Bench, BenchContext } from './table.ts';

const bench: Bench = async (context) => {
  const { values } = parseArgs({
    args: [...context.args],
    options: {
      sizes: { type: 'string', default: '40k,1m' },
      kinds: { type: 'string', default: kinds.join(',') },
      'most-hnsw': { type: 'string', default: '1m' },
      'most-neo4j': { type: 'string', default: '40k' },
      graphs: { type: 'string' },
    },
  });
  const sizes = values.sizes.split(',').map(sizeOf);
  const wanted = new Set(values.kinds.split(',') as Kind[]);
  const most: Record<string, number> = { hnsw: sizeOf(values['most-hnsw']), neo4j: sizeOf(values['most-neo4j']) };
  const threads = availableParallelism();
  const notes = [
    `Vectors of ${dim} in clusters of about 500, lengths 0.5 to 1.5, seed 2026; ${queryCount} queries drawn likewise, one after another; scores are inner products, in Neo4j cosines; rates on one thread, and the time to make an index, by the time of the processor; rates in Neo4j by the clock`,
    `hnsw keeps ef rows in sight, chosen as it is made by ${sampleCount} other queries; hnswlib in Python gets the same`,
    'Excluded: a query’s own 20 best and 80 others. Allowed: every tenth row, every hundredth. Rates as recall@10 / queries/s',
  ];
  const rows: string[][] = [];
  const figures: Record<string, number> = {};
  /** Rows/s at the last size that an index was made of. */
  const made = new Map<Kind, number>();
  const leftOut = (kind: Kind, size: number): string => {
    const speed = made.get(kind);
    const time =
      speed &&
      `: at the ${rate(speed)} rows/s of the size before it would take ${Math.ceil(size / speed / 60)} min or more`;
    return `${kind} was left out at ${labelOf(size)}${time ?? ''}; see --most-${kind}`;
  };
  for (const size of sizes) {
    const label = labelOf(size);
    context.log(`${label}: vectors`);
    const table: IndexedRows = { rows: clusteredRows(size, dim, 2026, 'rows'), dim, metric: 'dot' };
    const drawn = (name: string, count: number) => clusteredRows(count, dim, 2026, name, Math.ceil(size / 500));
    const queries = drawn('queries', queryCount);
    const kept = values.graphs && join(values.graphs, String(size));
    const graph = { samples: drawn('samples', sampleCount), kept };
    let ef: number | undefined;
    for (const metric of ['dot', 'cosine'] as const) {
      const asked = kinds.filter((kind) => wanted.has(kind) && (kind === 'neo4j') === (metric === 'cosine'));
      const todo = asked.filter((kind) => size <= (most[kind] ?? Number.POSITIVE_INFINITY));
      for (const kind of asked) if (!todo.includes(kind)) notes.push(leftOut(kind, size));
      if (todo.length === 0) continue;
      const cases = await casesOf({ ...table, metric }, queries, threads);
      for (const kind of todo) {
        if (kind === 'hnsw' && !hasHnsw()) {
          notes.push('hnswlib-node is absent here');
          continue;
        }
        context.log(`${label}: ${kind}`);
        const one = await measured(kind, { ...table, metric }, queries, cases, 1, graph);
        ef ??= one.ef;
        made.set(kind, size / one.build);
        const all =
          kind === 'exact' || kind === 'int8'
            ? await measured(kind, { ...table, metric }, queries, cases, threads, graph)
            : undefined;
        rows.push([
          label,
          one.ef ? `${kind}, ef ${one.ef}` : kind,
          one.build.toFixed(1),
          (one.bytes / 2 ** 20).toFixed(0),
          ...one.recall.map((recall, n) => `${recall.toFixed(3)} / ${rate(one.rate[n]!)}`),
          all ? rate(all.rate[0]!) : '–',
        ]);
        context.log(rows.at(-1)!.join('  '));
        Object.assign(figures, {
          [`${label}.${kind}.build`]: one.build,
          [`${label}.${kind}.mib`]: one.bytes / 2 ** 20,
          ...Object.fromEntries(
            cases.flatMap(({ name }, n) => [
              [`${label}.${kind}.${name}.recall`, one.recall[n]!],
              [`${label}.${kind}.${name}.rate`, one.rate[n]!],
            ]),
          ),
          ...(all && { [`${label}.${kind}.rateAll`]: all.rate[0]! }),
        });
      }
      if (metric === 'dot' && ef !== undefined) {
        context.log(`${label}: hnswlib in Python`);
        const file = kept && `${kept}.hnswlib`;
        const peer = await peerOf(context, table, queries, cases[0]!.truth, threads, ef, file);
        if (typeof peer === 'string') notes.push(peer);
        else {
          rows.push([
            label,
            'hnswlib, Python',
            peer.build.toFixed(1),
            '–',
            `${peer.recall.toFixed(3)} / ${rate(peer.one)}`,
            '–',
            '–',
            '–',
            rate(peer.all),
          ]);
          notes.push(
            `hnswlib ${peer.version} in Python makes its graph on ${threads} threads, whose times are summed, and is asked ${queryCount} at once`,
          );
        }
      }
    }
  }
  const columns = [
    'vectors',
    'index',
    'made in s',
    'MiB',
    'all',
    '100 excluded',
    '10 % allowed',
    '1 % allowed',
    `queries/s on ${threads} threads`,
  ];
  return {
    title: `Vector indexes, recall@${k} and queries/s on one thread`,
    columns,
    rows,
    notes: [...new Set(notes)],
    figures,
  };
};

export default bench;

/** '40k' → 40,000. */
function sizeOf(text: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)([km]?)$/i.exec(text.trim()) ?? [];
  if (number === undefined) throw new Error(`not a size: '${text}'. Say 40k or 1m`);
  return Math.round(Number(number) * { '': 1, k: 1e3, m: 1e6 }[unit.toLowerCase()]!);
}
const labelOf = (size: number): string => (size >= 1e6 ? `${size / 1e6} M` : `${size / 1e3} k`);
const rate = (value: number): string => Math.round(value).toLocaleString('en');

async function peerOf(
  { runPeer }: BenchContext,
  table: IndexedRows,
  queries: Float32Array,
  truth: TopK,
  threads: number,
  ef: number,
  kept = '',
) {
  const folder = mkdtempSync(join(tmpdir(), 'tastegraph-bench-'));
  const file = (name: string, values: Float32Array | Int32Array) => {
    writeFileSync(join(folder, name), values);
    return join(folder, name);
  };
  try {
    const files = [file('rows', table.rows), file('queries', queries), file('truth', truth.ids)];
    const { m, efConstruction } = hnswParameters;
    const answer = await runPeer('index.py', [...files, kept, ...[dim, m, efConstruction, ef, k, threads].map(String)]);
    if (answer.absent !== undefined) return `hnswlib is absent from this Python: ${String(answer.absent)}`;
    return answer as { version: string; build: number; recall: number; one: number; all: number };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

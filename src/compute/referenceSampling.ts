/** The sampling kernels once more, in plain TypeScript: what tests hold the fast ones to. Nothing here is used at run time. */
import type { RandomStream } from '../random.ts';
import type { Csr } from './csr.ts';

/** Nodes [first, first + csr.rows) have neighbours in it, numbered from `base` on. */
export interface ReferenceRelation {
  readonly first: number;
  readonly base: number;
  readonly fanout: number;
  readonly csr: Csr;
  readonly how: 'uniform' | 'weighted' | 'recent';
  readonly replace: boolean;
}

export interface ReferenceHop {
  readonly relations: readonly ReferenceRelation[];
  readonly stream: RandomStream;
}

export interface ReferenceBlock {
  readonly offsets: number[];
  readonly columns: number[];
  readonly kinds: number[];
}

/** A whole batch; `untils` gives each seed nodes of its own. */
export function sampleSubgraph(
  seeds: readonly number[],
  hops: readonly ReferenceHop[],
  { isNewOnly = false, untils }: { readonly isNewOnly?: boolean; readonly untils?: readonly number[] | undefined },
): { readonly nodes: number[]; readonly roots: number[]; readonly blocks: ReferenceBlock[] } {
  const nodes: number[] = [];
  const roots: number[] = [];
  const places = new Map<string, number>();
  const placeOf = (node: number, root: number): number => {
    const key = untils ? `${node} of ${root}` : `${node}`;
    const known = places.get(key);
    if (known !== undefined) return known;
    places.set(key, nodes.length);
    nodes.push(node);
    roots.push(untils ? root : 0);
    return nodes.length - 1;
  };
  for (const [root, seed] of seeds.entries()) placeOf(seed, root);
  let expanded = 0;
  const blocks = hops.map(({ relations, stream }, h) => {
    const rows = nodes.length;
    const block: ReferenceBlock = { offsets: [0], columns: [], kinds: [] };
    const stride = relations.reduce((sum, { fanout }) => sum + fanout, 0);
    for (let place = 0; place < rows; place++) {
      let counter = place * stride;
      for (const [kind, relation] of relations.entries()) {
        const row = nodes[place]! - relation.first;
        const isOld = isNewOnly && h > 0 && place < expanded;
        if (!isOld && row >= 0 && row < relation.csr.rows) {
          const until = untils ? untils[roots[place]!]! : undefined;
          for (const entry of pickEntries(relation, row, until, stream, counter)) {
            block.columns.push(placeOf(relation.csr.indices[entry]! + relation.base, roots[place]!));
            block.kinds.push(kind);
          }
        }
        counter += relation.fanout;
      }
      block.offsets.push(block.columns.length);
    }
    expanded = rows;
    return block;
  });
  return { nodes, roots, blocks };
}

function pickEntries(
  { csr, fanout, how, replace }: ReferenceRelation,
  row: number,
  until: number | undefined,
  stream: RandomStream,
  counter: number,
): number[] {
  const entries: number[] = [];
  for (let entry = csr.offsets[row]!; entry < csr.offsets[row + 1]!; entry++) {
    if (until === undefined || !csr.times || csr.times[entry]! <= until) entries.push(entry);
  }
  const n = entries.length;
  if (n === 0) return [];
  if (how === 'recent') return entries.reverse().slice(0, fanout);
  if (how === 'uniform') {
    if (replace) return Array.from({ length: fanout }, (_, j) => entries[stream.integerAt(counter + j, n)]!);
    if (n <= fanout) return entries;
    const chosen: number[] = [];
    for (let j = 0; j < fanout; j++) {
      const last = n - fanout + j;
      const drawn = stream.integerAt(counter + j, last + 1);
      chosen.push(chosen.includes(drawn) ? last : drawn);
    }
    return chosen.map((place) => entries[place]!);
  }
  const weight = (entry: number): number => Math.max(0, csr.weights![entry]!);
  const picked: number[] = [];
  for (let j = 0; j < fanout; j++) {
    const left = entries.filter((entry) => weight(entry) > 0 && (replace || !picked.includes(entry)));
    const total = left.reduce((sum, entry) => sum + weight(entry), 0);
    let at = (stream.at(counter + j) / 2 ** 32) * total;
    const found = left.find((entry) => {
      at -= weight(entry);
      return at < 0;
    });
    if (found === undefined) break;
    picked.push(found);
  }
  return replace ? picked : picked.sort((a, b) => a - b);
}

/** See `visitNeighbours` in `kernels/walks.ts`; returns [node, visits] for each seed, best first. */
export function visitNeighbours(
  seeds: readonly number[],
  out: Csr,
  back: Csr,
  { steps, restart, top }: { readonly steps: number; readonly restart: number; readonly top: number },
  stream: RandomStream,
): [number, number][][] {
  return seeds.map((seed, s) => {
    const visits = new Map<number, number>();
    let node = seed;
    for (let step = 0; step < steps; step++) {
      const counter = (s * steps + step) * 3;
      const middle = neighbour(out, node, stream, counter);
      const next = middle === undefined ? undefined : neighbour(back, middle, stream, counter + 1);
      if (next === undefined) {
        node = seed;
        continue;
      }
      visits.set(next, (visits.get(next) ?? 0) + 1);
      node = stream.at(counter + 2) / 2 ** 32 < restart ? seed : next;
    }
    visits.delete(seed);
    return [...visits].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, top);
  });
}

/** See `biasedWalks` in `kernels/walks.ts`. */
export function biasedWalks(
  starts: readonly number[],
  graph: Csr,
  length: number,
  { back, away }: { readonly back: number; readonly away: number },
  stream: RandomStream,
): number[][] {
  const rowOf = (node: number) => graph.indices.subarray(graph.offsets[node], graph.offsets[node + 1]);
  return starts.map((start, w) => {
    const walk = [start];
    for (let step = 1; step < length; step++) {
      const [before, node] = [walk[step - 2], walk[step - 1]!];
      let next: number | undefined;
      for (let tried = 0; tried < 64 && node >= 0; tried++) {
        const counter = (w * length + step) * 128 + 2 * tried;
        next = neighbour(graph, node, stream, counter);
        if (next === undefined || before === undefined) break;
        const bias = next === before ? back : rowOf(before).includes(next) ? 1 : away;
        if ((stream.at(counter + 1) / 2 ** 32) * Math.max(back, away, 1) < bias) break;
      }
      walk.push(next ?? -1);
    }
    return walk;
  });
}

function neighbour({ offsets, indices }: Csr, node: number, stream: RandomStream, counter: number): number | undefined {
  const from = offsets[node]!;
  const n = offsets[node + 1]! - from;
  return n === 0 ? undefined : indices[from + stream.integerAt(counter, n)];
}

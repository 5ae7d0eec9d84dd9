/** Which nodes of a snapshot were removed from the graph, of which only hashes are left: see `removed.ts`. */
import { setImmediate } from 'node:timers/promises';
import { removedKey } from './removed.ts';

/** Outside ids by dense index. */
export interface Ids {
  readonly count: number;
  id(index: number): string;
}

type Kind = 'user' | 'item';

/** Hashes that are made at a time: a few ms. */
const slice = 2000;
/** Of each node the first 32 bits of its hash: made once, since that takes a µs a node and more. */
const startsOf = new WeakMap<Ids, Promise<Uint32Array>>();

/** Outside ids of the nodes whose `removedKey` is among these. */
export async function removedAmong(kind: Kind, nodes: Ids, keys: ReadonlySet<string>): Promise<readonly string[]> {
  if (keys.size === 0) return [];
  const making = startsOf.get(nodes) ?? makeStarts(kind, nodes);
  startsOf.set(nodes, making);
  const starts = await making;
  const wanted = new Set(Array.from(keys, startOf));
  const found: string[] = [];
  for (let node = 0; node < nodes.count; node++) {
    if (!wanted.has(starts[node]!)) continue;
    const id = nodes.id(node);
    if (keys.has(removedKey(kind, id))) found.push(id);
  }
  return found;
}

async function makeStarts(kind: Kind, nodes: Ids): Promise<Uint32Array> {
  const starts = new Uint32Array(nodes.count);
  for (let node = 0; node < nodes.count; node++) {
    starts[node] = startOf(removedKey(kind, nodes.id(node)));
    if (node % slice === slice - 1) await setImmediate(); // requests are answered in between
  }
  return starts;
}

const startOf = (key: string): number => Number.parseInt(key.slice(0, 8), 16);

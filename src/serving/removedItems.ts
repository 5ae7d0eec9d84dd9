/** Which items of a snapshot were removed from the graph, of which only hashes are left: see `graph/removed.ts`. */
import { setImmediate } from 'node:timers/promises';
import { removedKey } from '../graph/removed.ts';
import type { NodeTable } from '../sampling/snapshot.ts';

/** Hashes that are made at a time: a few ms. */
const slice = 2000;
/** Of each item the first 32 bits of its hash: made once, since that takes a µs an item and more. */
const startsOf = new WeakMap<NodeTable, Promise<Uint32Array>>();

/** Outside ids of the items whose `removedKey` is among these. */
export async function removedAmong(items: NodeTable, keys: ReadonlySet<string>): Promise<readonly string[]> {
  if (keys.size === 0) return [];
  const making = startsOf.get(items) ?? makeStarts(items);
  startsOf.set(items, making);
  const starts = await making;
  const wanted = new Set(Array.from(keys, startOf));
  const found: string[] = [];
  for (let item = 0; item < items.count; item++)
    if (wanted.has(starts[item]!) && keys.has(keyOf(items, item))) found.push(items.id(item));
  return found;
}

async function makeStarts(items: NodeTable): Promise<Uint32Array> {
  const starts = new Uint32Array(items.count);
  for (let item = 0; item < items.count; item++) {
    starts[item] = startOf(keyOf(items, item));
    if (item % slice === slice - 1) await setImmediate(); // requests are answered in between
  }
  return starts;
}

const keyOf = (items: NodeTable, item: number): string => removedKey('item', items.id(item));
const startOf = (key: string): number => Number.parseInt(key.slice(0, 8), 16);

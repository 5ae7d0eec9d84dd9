/** Tombstones: what is left in the graph of a node that was removed. */
import { sha256 } from '../durable.ts';

/** Key of a tombstone: the id cannot be read from it, only looked for by whoever knows it already. */
export const removedKey = (kind: 'user' | 'item', id: string): string => sha256(`${kind}\n${id}`);

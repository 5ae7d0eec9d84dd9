/**
 * Fold-in of users for versions whose model reads what they did in its order: her vector is one pass of the model over her sequence as it
 * is now, the newest items where it is longer than the model reads. Where nothing has changed, it is her published vector.
 * Weights of a history tell it nothing: the model has its own of what is newer.
 */
import { LRUCache } from 'lru-cache';
import type { SequenceReader } from '../../models/model.ts';
import { meant } from '../../sampling/meanings.ts';
import { type Sequences, userSequences } from '../../sampling/sequences.ts';
import { likedPairs } from '../../sampling/split.ts';
import type { PublishedVersion } from '../published.ts';
import type { History } from './taste.ts';
import type { UserFolder } from './users.ts';

/** Vectors that are kept, by sequence: a user asks again and again before she does something else. Some 1 MB. */
const mostVectors = 2000;

export function bySequence({ length, read }: SequenceReader, published: PublishedVersion): UserFolder {
  const vectors = new LRUCache<string, Float32Array>({ max: mostVectors });
  let known: Sequences | undefined;
  const knownOf = (user: number): Int32Array => {
    known ??= likedSequences(published);
    return known.items.subarray(known.offsets[user], known.offsets[user + 1]);
  };
  return (history, user) => {
    const items = inOrder(history, () => (user === undefined ? [] : knownOf(user))).slice(-length);
    if (items.length === 0) return undefined;
    const key = items.join();
    let vector = vectors.get(key);
    if (!vector) {
      vector = read(items);
      vectors.set(key, vector);
    }
    return { how: 'sequence', vector };
  };
}

/** What the snapshot has comes before what has come since, and last what nobody knows the time of. */
function inOrder({ items, sequence = new Int32Array(0) }: History, before: () => Iterable<number>): Int32Array {
  if (sequence.length === items.length) return sequence;
  const rest = new Set(items);
  for (const item of sequence) rest.delete(item);
  const first: number[] = [];
  for (const item of before()) if (rest.delete(item)) first.push(item);
  return Int32Array.from([...first, ...sequence, ...rest]);
}

/** What each user liked, as the snapshot has it. */
function likedSequences({ snapshot, manifest }: PublishedVersion): Sequences {
  const { offsets, items: indices } = likedPairs(snapshot, meant(snapshot, manifest));
  return userSequences(snapshot, { rows: snapshot.users.count, cols: snapshot.items.count, offsets, indices });
}

/** A home folder with one small world and versions over it, whose right answers are known. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Csr } from '../../src/compute/csr.ts';
import type { DataRecord } from '../../src/data/records.ts';
import { SnapshotBuilder } from '../../src/sampling/builder.ts';
import type { Snapshot } from '../../src/sampling/snapshot.ts';
import { writeSnapshot } from '../../src/sampling/store.ts';
import type { TrainingResult } from '../../src/training/result.ts';

export interface PlantedHome {
  readonly home: string;
  readonly snapshot: Snapshot;
  remove(): void;
}

/** Interactions of the planted world: two tastes, drama (d…) and comedy (c…), and a film everybody saw. */
export const planted: readonly (readonly [user: string, items: readonly string[]])[] = [
  ['ann', ['d1', 'd2', 'all']],
  ['bob', ['d1', 'd2', 'd3', 'all']],
  ['cat', ['c1', 'c2', 'all']],
  ['dan', ['c1', 'c2', 'c3', 'all']],
  ['eve', ['d1', 'd3', 'all']],
];

/** `more` comes on top of the world. */
export function plantedRecords(more: readonly DataRecord[] = []): DataRecord[] {
  const items = ['d1', 'd2', 'd3', 'd4', 'c1', 'c2', 'c3', 'c4', 'all'];
  return [
    ...items.map(
      (id): DataRecord => ({
        kind: 'item',
        id,
        title: `Film ${id}`,
        features: id === 'all' ? [] : [{ kind: 'genre', value: id.startsWith('d') ? 'Drama' : 'Comedy' }],
      }),
    ),
    ...planted.flatMap(([user, liked]) =>
      liked.map(
        (item, place): DataRecord => ({ kind: 'interaction', user, item, type: 'rating', at: 1000 + place, value: 5 }),
      ),
    ),
    { kind: 'user', id: 'new', features: [] },
    { kind: 'trust', user: 'ann', trusted: 'bob' },
    { kind: 'trust', user: 'ann', trusted: 'eve' },
    ...more,
  ];
}

export function plantedSnapshot(asOf = 5000, more: readonly DataRecord[] = []): Snapshot {
  const builder = new SnapshotBuilder();
  for (const record of plantedRecords(more)) builder.add(record);
  const unavailable = builder.item('gone');
  builder.describeItem(unavailable, { title: 'Film gone', available: false });
  return builder.build({ asOf, source: 'generated' });
}

export function plantedHome(more: readonly DataRecord[] = []): PlantedHome {
  const home = mkdtempSync(join(tmpdir(), 'tastegraph-serving-'));
  const snapshot = plantedSnapshot(undefined, more);
  writeSnapshot(home, snapshot);
  return { home, snapshot, remove: () => rmSync(home, { recursive: true, force: true }) };
}

/** A generator of numbers in [−1, 1), the same for the same seed. */
export function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

/**
 * What training would hand over: taste in columns 0 (drama) and 1 (comedy), `strength` in front, small noise elsewhere.
 * Its contributions are those of one propagation layer with weights 1/√(|N(u)| |N(i)|), computed here in float64.
 */
export function plantedResult(
  snapshot: Snapshot,
  { strength = 1, dim = 8, seed = 7, bias = 0 } = {},
): TrainingResult & Required<Pick<TrainingResult, 'vectors'>> {
  const { users, items } = snapshot;
  const train: Csr = snapshot.relation('user-item');
  const draw = numbers(seed);
  const own = Float32Array.from({ length: users.count * dim }, () => draw() * 0.05);
  const messages = Float32Array.from({ length: items.count * dim }, () => draw() * 0.05);
  const itemVectors = Float32Array.from({ length: items.count * dim }, () => draw() * 0.01);
  for (let i = 0; i < items.count; i++) {
    const taste = items.id(i).startsWith('d') ? 0 : items.id(i).startsWith('c') ? 1 : 2;
    messages[i * dim + taste]! += strength;
    itemVectors[i * dim + taste]! += strength;
  }
  const degrees = new Int32Array(items.count);
  for (const item of train.indices) degrees[item]!++;
  const weights = new Float32Array(train.indices.length);
  const userVectors = new Float32Array(users.count * dim);
  for (let u = 0; u < users.count; u++) {
    const [from, to] = [train.offsets[u]!, train.offsets[u + 1]!];
    for (let e = from; e < to; e++) weights[e] = 1 / Math.sqrt((to - from) * degrees[train.indices[e]!]!);
    for (let d = 0; d < dim; d++) {
      let sum = own[u * dim + d]!;
      for (let e = from; e < to; e++) sum += weights[e]! * messages[train.indices[e]! * dim + d]!;
      userVectors[u * dim + d] = sum;
    }
  }
  return {
    model: 'planted',
    options: { dim, strength },
    seed,
    snapshot: snapshot.digest,
    split: 'ratio',
    epochs: 1,
    seconds: { fit: 0.1, evaluate: 0.1 },
    valid: { 'recall@20': 0.5 },
    test: { 'recall@20': 0.4 },
    popularity: { 'recall@20': 0.1 },
    sampling: { batches: 0, waited: 0, idle: 0, drew: 0 },
    curve: [{ epoch: 1, loss: 0.3, seconds: 0.1 }],
    vectors: {
      dim,
      users: userVectors,
      items: itemVectors,
      // The greater, the more people chose the item.
      ...(bias > 0 && { itemBias: Float32Array.from(degrees, (degree) => degree * bias) }),
    },
    contributions: { dim, own, messages, weights },
    train,
  };
}

/** Small worlds whose items have genres, ages and vectors, and lists of candidates over them. */
import type { FeatureValue } from '../../../src/data/records.ts';
import type { Vectors } from '../../../src/models/model.ts';
import { SnapshotBuilder } from '../../../src/sampling/builder.ts';
import type { VersionManifest } from '../../../src/serving/manifest.ts';
import type { Asker, Candidate, StageContext } from '../../../src/serving/stages/candidate.ts';

export const day = 86_400_000;
export const now = Date.UTC(2026, 0, 1);

export interface PlantedItem {
  readonly genres?: readonly string[];
  readonly features?: readonly FeatureValue[];
  readonly available?: boolean;
  /** ms since 1970. */
  readonly at?: number;
  readonly vector?: readonly number[];
  readonly people?: number;
}

export interface PlantedContext extends Partial<Pick<StageContext, 'wanted' | 'random'>> {
  readonly asker?: Partial<Asker>;
  readonly manifest?: Partial<VersionManifest>;
  /** Without vectors, as versions of some models are. */
  readonly bare?: boolean;
}

/** 'i000': so that the dense index is the number itself. */
export const idOf = (item: number): string => `i${String(item).padStart(3, '0')}`;

/** What re-rankers read, of items in the order of their dense indices. */
export function contextOf(items: readonly PlantedItem[], given: PlantedContext = {}): StageContext {
  const builder = new SnapshotBuilder();
  for (const [item, { genres = [], features = [], available, at }] of items.entries()) {
    builder.add({
      kind: 'item',
      id: idOf(item),
      title: `Item ${item}`,
      ...(at !== undefined && { at }),
      ...(available !== undefined && { available }),
      features: [...genres.map((value) => ({ kind: 'genre', value })), ...features],
    });
  }
  builder.add({ kind: 'interaction', user: 'ann', item: idOf(0), type: 'rating', at: now, value: 5 });
  const snapshot = builder.build({ asOf: now, source: 'generated' });
  const dim = Math.max(1, ...items.map(({ vector = [] }) => vector.length));
  const rows = Float32Array.from(
    items.flatMap(({ vector = [] }) => Array.from({ length: dim }, (_, d) => vector[d] ?? 0)),
  );
  const vectors: Vectors = { dim, users: new Float32Array(dim), items: rows };
  const manifest = { id: 'planted-version', model: 'planted', ...given.manifest } as VersionManifest;
  const train = snapshot.relation('user-item');
  return {
    published: { manifest, snapshot, train, ...(given.bare ? {} : { vectors }) },
    people: Int32Array.from(items, ({ people = 0 }) => people),
    asker: { deeds: [], left: new Set(), now, ...given.asker },
    wanted: given.wanted ?? items.length,
    random: given.random ?? (() => 0.5),
  };
}

/** Items 0, 1, 2 … with these scores, which fall. */
export const listOf = (...scores: readonly number[]): Candidate[] =>
  scores.map((score, item) => ({ item, score, from: [{ source: 'planted', place: item, score }] }));

export const itemsOf = (candidates: readonly Candidate[]): number[] => candidates.map(({ item }) => item);

export const rated = (...items: readonly number[]): Pick<Asker, 'deeds'> => ({
  deeds: items.map((item) => ({ item, type: 'rating', value: 5 })),
});

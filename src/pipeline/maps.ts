/** Maps of published versions, for a server. */
import type { MapKind, MapSide } from '../serving/map/map.ts';
import type { PublishedVersion } from '../serving/published.ts';
import type { GraphOptions } from './run.ts';

export interface VersionMap {
  readonly method: 'pca' | 'neighbours';
  readonly plane: Float32Array; // [n, 2]
  readonly ids: readonly string[];
  /** Of items. */
  readonly titles?: readonly string[];
  readonly kinds: readonly MapKind[];
}

export interface VersionMaps {
  /** A version that is not the one that is served. Errors: version/not-found, version/corrupt. */
  load(id: string): Promise<PublishedVersion>;
  /** Names what the map is made of: another where that is other. Errors: map/no-vectors. */
  digest(version: PublishedVersion, side: MapSide): Promise<string>;
  /** Errors: map/no-vectors, map/failed. */
  map(version: PublishedVersion, side: MapSide): Promise<VersionMap>;
}

export function mapsOf({ home }: Pick<GraphOptions, 'home'>): VersionMaps {
  const making = new Map<string, Promise<unknown>>();
  const load = () => import('../serving/map/map.ts');
  return {
    load: async (id) => (await import('../serving/published.ts')).loadVersion(home, id),
    digest: async (version, side) => (await load()).mapDigest(version, side),
    async map(version, side) {
      const { kindsOf, mapDigest, planeOf } = await load();
      const digest = mapDigest(version, side);
      // Two who ask at once wait for one.
      const made = (making.get(digest) ?? planeOf(home, version, side)) as ReturnType<typeof planeOf>;
      making.set(digest, made);
      const { plane, method } = await made.finally(() => making.delete(digest));
      const { items, users } = version.snapshot;
      const table = side === 'items' ? items : users;
      const all = Array.from({ length: table.count }, (_, at) => at);
      const ids = all.map((at) => table.id(at));
      if (side === 'users') return { method, plane, ids, kinds: [] };
      return { method, plane, ids, titles: all.map((at) => items.title(at)), kinds: kindsOf(version) };
    },
  };
}

/** A published version in memory: what serving and explaining read. */
import { join } from 'node:path';
import type { Csr, SharedAllocator } from '../compute/csr.ts';
import { fillFrom, sha256 } from '../durable.ts';
import { TastegraphError } from '../errors.ts';
import type { Contributions, ItemWeights, Vectors } from '../models/model.ts';
import { type ArrayOf, bytesOf, type ElementType, ownMemory, sharedArray } from '../sampling/memory.ts';
import type { Snapshot } from '../sampling/snapshot.ts';
import { loadSnapshot, snapshotsFolder } from '../sampling/store.ts';
import { parameterPrefix, sealManifest, type VersionManifest } from './manifest.ts';
import { manifestById, versionsFolder } from './versions.ts';

export interface PublishedVersion {
  readonly manifest: VersionManifest;
  readonly snapshot: Snapshot;
  readonly vectors?: Vectors;
  readonly itemWeights?: ItemWeights;
  /** By name, where the model scores by more than a dot product, or gives vectors to new items. */
  readonly parameters?: ReadonlyMap<string, Float32Array>;
  /** What the version was trained on, users × items. */
  readonly train: Csr;
  readonly contributions?: Contributions;
}

/**
 * Loads a version (the current one where no id is given) and its snapshot into shared memory and checks every array.
 * Errors: version/none, version/not-found, version/corrupt, snapshot/not-found, snapshot/corrupt.
 */
export function loadVersion(home: string, id?: string, allocator: SharedAllocator = ownMemory): PublishedVersion {
  const manifest = manifestById(home, id);
  try {
    return load(home, manifest, allocator);
  } catch (cause) {
    // A user may have been taken out of it meanwhile: its files are then others than the manifest said.
    if (sealManifest(manifestById(home, manifest.id)) === sealManifest(manifest)) throw cause;
    return loadVersion(home, id, allocator);
  }
}

function load(home: string, manifest: VersionManifest, allocator: SharedAllocator): PublishedVersion {
  const folder = join(versionsFolder(home), manifest.id);
  const read = <T extends ElementType>(name: string, type: T, length: number): ArrayOf<T> => {
    const entry = manifest.arrays.find((array) => array.name === name);
    const path = join(folder, entry?.file ?? `${name}.bin`);
    const array = sharedArray(type, length, allocator);
    const bytes = bytesOf(array);
    if (entry?.type !== type || !fillFrom(path, bytes) || sha256(bytes) !== entry.sha256)
      throw new TastegraphError('version/corrupt', { path });
    return array;
  };
  const { users, items, dim, pairs, weights: entries } = manifest;
  const itemWeights = entries !== undefined && {
    rows: items,
    cols: items,
    offsets: read('weights.offsets', 'i32', items + 1),
    indices: read('weights.indices', 'i32', entries),
    weights: read('weights.weights', 'f32', entries),
  };
  const vectors = dim > 0 && {
    dim,
    users: read('vectors.users', 'f32', users * dim),
    items: read('vectors.items', 'f32', items * dim),
    ...(manifest.arrays.some(({ name }) => name === 'vectors.itemBias')
      ? { itemBias: read('vectors.itemBias', 'f32', items) }
      : {}),
  };
  const tables = manifest.arrays.filter(({ name }) => name.startsWith(parameterPrefix));
  const parameters = new Map(
    tables.map(({ name, shape }) => [name.slice(parameterPrefix.length), read(name, 'f32', shape[0]!)]),
  );
  const train: Csr = {
    rows: users,
    cols: items,
    offsets: read('train.offsets', 'i32', users + 1),
    indices: read('train.indices', 'i32', pairs),
  };
  const width = manifest.contributions?.dim;
  const contributions = width && {
    dim: width,
    own: read('contributions.own', 'f32', users * width),
    messages: read('contributions.messages', 'f32', items * width),
    weights: read('contributions.weights', 'f32', pairs),
  };
  const snapshot = loadSnapshot(join(snapshotsFolder(home), manifest.snapshot), allocator);
  // A snapshot of other counts would put wrong titles beside the items.
  if (snapshot.digest !== manifest.snapshot || snapshot.users.count !== users || snapshot.items.count !== items)
    throw new TastegraphError('version/corrupt', { path: join(folder, 'manifest.json') });
  return {
    manifest,
    snapshot,
    ...(vectors && { vectors }),
    ...(itemWeights && { itemWeights }),
    train,
    ...(contributions ? { contributions } : {}),
    ...(parameters.size > 0 ? { parameters } : {}),
  };
}

/**
 * Snapshots on disk: `<home>/snapshots/<digest>/` holds one little-endian file an array, and `manifest.json` with what they
 * are and a SHA-256 of each. A folder appears whole or not at all; its arrays never change.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { SharedAllocator } from '../compute/csr.ts';
import { fillFrom, replaceFile, sha256, syncFolder, writeSynced } from '../durable.ts';
import { TastegraphError } from '../errors.ts';
import { processStart } from '../processes.ts';
import { digestOf, formatVersion, snapshotOf } from './arrays.ts';
import { type ArrayOf, bytesOf, elementTypes, ownMemory, sharedArray } from './memory.ts';
import type { GraphMark, Snapshot, SnapshotArray } from './snapshot.ts';
import { StringTable } from './strings.ts';

const hexDigest = z.string().regex(/^[0-9a-f]{64}$/);
const length = z.number().int().min(0);
const manifestSchema = z.strictObject({
  format: z.literal('tastegraph-snapshot'),
  version: z.literal(formatVersion),
  digest: hexDigest,
  /** ISO 8601, for whoever reads the file; the number in ms since 1970 is what counts. */
  taken: z.string(),
  asOf: z.number(),
  source: z.string(),
  /** Where it stands among the changes of the graph that it is the whole of. */
  mark: z
    .strictObject({
      graph: z.string(),
      since: z.number(),
      newest: z.number(),
      excess: z.strictObject({
        users: z.number(),
        items: z.number(),
        features: z.number(),
        interactions: z.number(),
        featureEdges: z.number(),
        trust: z.number(),
      }),
    })
    .optional(),
  counts: z.strictObject({ users: length, items: length, features: length, interactions: length }),
  arrays: z.array(
    z.strictObject({
      // Names become file names: nothing that could leave the folder.
      name: z.string().regex(/^[a-z]+([.-][a-z]+)*$/),
      type: z.enum(Object.keys(elementTypes) as [keyof typeof elementTypes]),
      length,
      sha256: hexDigest,
    }),
  ),
});
type Manifest = z.output<typeof manifestSchema>;

/** A snapshot on disk, not loaded. */
export interface StoredSnapshot extends Pick<Manifest, 'digest' | 'asOf' | 'source' | 'counts'> {
  readonly folder: string;
  readonly mark?: GraphMark;
}

const manifestName = 'manifest.json';

export function snapshotsFolder(home: string): string {
  return join(home, 'snapshots');
}

/**
 * Stores a snapshot and returns its folder. One that is there already gets the new moment, and is replaced if it does not
 * match its checksums any more.
 */
export function writeSnapshot(home: string, snapshot: Snapshot): string {
  const all = snapshotsFolder(home);
  const folder = join(all, snapshot.digest);
  const manifest = `${JSON.stringify(manifestOf(snapshot), undefined, 1)}\n`;
  mkdirSync(all, { recursive: true });
  sweep(all);
  if (isIntact(folder)) {
    replaceFile(join(folder, manifestName), manifest);
    return folder;
  }
  const aside = join(all, `.${snapshot.digest}.${process.pid}.${randomBytes(4).toString('hex')}`);
  mkdirSync(aside);
  try {
    for (const array of snapshot.arrays) writeSynced(join(aside, fileOf(array)), bytesOf(array.values));
    writeSynced(join(aside, manifestName), manifest);
    syncFolder(aside);
    rmSync(folder, { recursive: true, force: true });
    renameSync(aside, folder);
  } catch (cause) {
    rmSync(aside, { recursive: true, force: true });
    // Another process may have put the same content there in the meantime.
    if (isIntact(folder)) return folder;
    throw cause;
  }
  syncFolder(all);
  return folder;
}

/**
 * Reads a snapshot straight into shared memory and checks every array.
 * Errors: snapshot/not-found, snapshot/format, snapshot/corrupt (names the file).
 */
export function loadSnapshot(folder: string, allocator: SharedAllocator = ownMemory): Snapshot {
  const manifest = readManifest(folder);
  const arrays = manifest.arrays.map((entry): SnapshotArray => {
    const path = join(folder, fileOf(entry));
    const values = sharedArray(entry.type, entry.length, allocator);
    if (!fillFrom(path, bytesOf(values)) || sha256(bytesOf(values)) !== entry.sha256) {
      throw new TastegraphError('snapshot/corrupt', { path });
    }
    return { name: entry.name, type: entry.type, values, sha256: entry.sha256 };
  });
  const { asOf, source, mark } = manifest;
  return snapshotOf({ asOf, source, ...(mark && { mark }), arrays });
}

/** The ids of a stored snapshot's users, without the rest. Errors: snapshot/not-found, snapshot/format, snapshot/corrupt. */
export function loadUserIds(folder: string): StringTable {
  const { arrays } = readManifest(folder);
  const read = <T extends 'u8' | 'u32'>(name: string, type: T): ArrayOf<T> => {
    const entry = arrays.find((array) => array.name === name);
    const path = join(folder, fileOf({ name, type }));
    const values = sharedArray(type, entry?.length ?? 0, ownMemory);
    if (!fillFrom(path, bytesOf(values)) || sha256(bytesOf(values)) !== entry?.sha256)
      throw new TastegraphError('snapshot/corrupt', { path });
    return values;
  };
  return new StringTable({ offsets: read('users.ids.offsets', 'u32'), bytes: read('users.ids.bytes', 'u8') });
}

/** The snapshots of a home, newest first. A folder whose manifest cannot be read is left out. */
export function listSnapshots(home: string): StoredSnapshot[] {
  return foldersOf(snapshotsFolder(home))
    .filter((name) => hexDigest.safeParse(name).success)
    .flatMap((name) => {
      const folder = join(snapshotsFolder(home), name);
      try {
        const { digest, asOf, source, mark, counts } = readManifest(folder);
        return [{ folder, digest, asOf, source, ...(mark && { mark }), counts }];
      } catch {
        return [];
      }
    })
    .sort((a, b) => b.asOf - a.asOf || (a.digest < b.digest ? -1 : 1));
}

/** The newest snapshot of a home, or the one whose digest begins with `digest`. Errors: snapshot/not-found. */
export function findSnapshot(home: string, digest = ''): StoredSnapshot {
  const found = listSnapshots(home).find((stored) => stored.digest.startsWith(digest));
  if (!found) throw new TastegraphError('snapshot/not-found', { digest, folder: snapshotsFolder(home) });
  return found;
}

/** Removes a stored snapshot. Readers find it whole or not at all. */
export function removeSnapshot(home: string, digest: string): void {
  const all = snapshotsFolder(home);
  const aside = join(all, `.${digest}.${process.pid}.${randomBytes(4).toString('hex')}`);
  try {
    renameSync(join(all, digest), aside);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw thrown;
  }
  syncFolder(all);
  rmSync(aside, { recursive: true, force: true });
}

function manifestOf(snapshot: Snapshot): Manifest {
  const { digest, asOf, source, mark, users, items, features, interactions, arrays } = snapshot;
  return {
    format: 'tastegraph-snapshot',
    version: formatVersion,
    digest,
    taken: new Date(asOf).toISOString(),
    asOf,
    source,
    ...(mark && { mark }),
    counts: { users: users.count, items: items.count, features: features.count, interactions: interactions.count },
    arrays: arrays.map(({ name, type, values, sha256 }) => ({ name, type, length: values.length, sha256 })),
  };
}

function readManifest(folder: string): Manifest {
  const path = join(folder, manifestName);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new TastegraphError('snapshot/not-found', { digest: '', folder }, cause);
  }
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw new TastegraphError('snapshot/corrupt', { path }, cause);
  }
  const version = z.object({ version: z.number() }).safeParse(content);
  if (version.success && version.data.version !== formatVersion) {
    throw new TastegraphError('snapshot/format', { path, found: version.data.version, known: formatVersion });
  }
  const manifest = manifestSchema.safeParse(content);
  if (!manifest.success) throw new TastegraphError('snapshot/corrupt', { path }, manifest.error);
  // The checksums of the arrays are themselves checked by the digest.
  if (digestOf(manifest.data.arrays) !== manifest.data.digest) throw new TastegraphError('snapshot/corrupt', { path });
  return manifest.data;
}

function fileOf({ name, type }: { readonly name: string; readonly type: string }): string {
  return `${name}.${type}`;
}

function isIntact(folder: string): boolean {
  try {
    loadSnapshot(folder);
    return true;
  } catch {
    return false;
  }
}

function foldersOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Removes what writers and removers that no longer live have left aside in a home. */
export const sweepSnapshots = (home: string): void => sweep(snapshotsFolder(home));

/** The same in the folder of snapshots. */
function sweep(all: string): void {
  for (const name of foldersOf(all)) {
    const pid = Number(/^\.[0-9a-f]{64}\.(\d+)\.[0-9a-f]{8}$/.exec(name)?.[1] ?? Number.NaN);
    if (Number.isNaN(pid) || pid === process.pid || processStart(pid) !== undefined) continue;
    rmSync(join(all, name), { recursive: true, force: true });
  }
}

/**
 * The map of a version's items, or users: made once for what its vectors are, and kept as `<home>/maps/<digest>.json`, by the digest
 * of the vectors. It holds places and no ids: after a user is taken out of a version, its vectors are others, and so is its map.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { replaceFile } from '../../durable.ts';
import { problemOf, TastegraphError } from '../../errors.ts';
import { packageRoot } from '../../package.ts';
import { featureKind, featureKinds } from '../../sampling/featureKinds.ts';
import type { PublishedVersion } from '../published.ts';
import { listVersions } from '../versions.ts';
import type { MapTask, Plane } from './worker.ts';

export const mapSides = ['items', 'users'] as const;
export type MapSide = (typeof mapSides)[number];

/** Colours of a map: for each row the place of its value among `values`; 255 for none of them. */
export interface MapKind {
  readonly kind: string;
  /** The most common first. */
  readonly values: readonly string[];
  readonly codes: Uint8Array; // [n]
}

const mostValues = 24;
/** Changes where maps are made in another way. */
const format = 1;
const folderOf = (home: string): string => join(home, 'maps');

/** What a map is made of and kept by. Errors: map/no-vectors. */
export function mapDigest({ manifest }: PublishedVersion, side: MapSide): string {
  const array = manifest.arrays.find(({ name }) => name === `vectors.${side}`);
  if (!array) throw new TastegraphError('map/no-vectors', { version: manifest.id, model: manifest.model });
  return `${array.sha256}-${format}`;
}

/** The plane of a version's vectors, from the file or made anew. Errors: map/no-vectors, map/failed, compute/not-built. */
export async function planeOf(home: string, version: PublishedVersion, side: MapSide): Promise<Plane> {
  const digest = mapDigest(version, side);
  const path = join(folderOf(home), `${digest}.json`);
  if (existsSync(path)) {
    const { method, plane } = JSON.parse(readFileSync(path, 'utf8')) as Pick<Plane, 'method'> & { plane: string };
    const bytes = new Uint8Array(Buffer.from(plane, 'base64'));
    return { method, plane: new Float32Array(bytes.buffer) };
  }
  const { dim, [side]: rows } = version.vectors!;
  const made = await makePlane({ rows, dim, seed: version.manifest.seed });
  mkdirSync(folderOf(home), { recursive: true });
  const { method, plane } = made;
  replaceFile(path, JSON.stringify({ method, plane: Buffer.from(plane.buffer).toString('base64') }));
  sweep(home);
  return made;
}

/** Removes maps of vectors that no version has any more. */
function sweep(home: string): void {
  const known = new Set(listVersions(home).flatMap(({ manifest }) => manifest.arrays.map(({ sha256 }) => sha256)));
  for (const name of readdirSync(folderOf(home)))
    if (/^[0-9a-f]{64}-\d+\.json$/.test(name) && !known.has(name.slice(0, 64)))
      rmSync(join(folderOf(home), name), { force: true });
}

async function makePlane(task: MapTask): Promise<Plane> {
  const script = join(packageRoot, 'dist', 'serving', 'map', 'worker.js');
  if (!existsSync(script)) throw new TastegraphError('compute/not-built', { path: script });
  const worker = new Worker(script, { workerData: task, name: 'tastegraph-map' });
  try {
    return await new Promise<Plane>((resolve, reject) => {
      worker.once('message', resolve).once('error', reject);
      worker.once('exit', (code) => reject(new Error(`the thread ended with code ${code}`)));
    });
  } catch (cause) {
    throw new TastegraphError('map/failed', { problem: problemOf(cause) }, cause);
  } finally {
    await worker.terminate();
  }
}

/** What items can be coloured by: their features, of each kind the one of most weight, of equal ones the more common. */
export function kindsOf({ snapshot }: PublishedVersion): MapKind[] {
  return featureKinds(snapshot).flatMap((kind) => {
    const found = featureKind(snapshot, kind);
    if (!found) return [];
    const { values, shares } = found;
    const { offsets, indices, weights } = shares;
    const counts = new Int32Array(values.length);
    for (const value of indices) counts[value]!++;
    const order = [...counts.keys()].sort((a, b) => counts[b]! - counts[a]! || a - b).slice(0, mostValues);
    const code = new Uint8Array(values.length).fill(255);
    for (const [place, value] of order.entries()) code[value] = place;
    const codes = new Uint8Array(snapshot.items.count).fill(255);
    for (let item = 0; item < codes.length; item++) {
      let best = -1;
      for (let e = offsets[item]!; e < offsets[item + 1]!; e++) {
        const isMore = best < 0 || weights[e]! > weights[best]! + 1e-6;
        const isAlike = best >= 0 && Math.abs(weights[e]! - weights[best]!) <= 1e-6;
        if (isMore || (isAlike && counts[indices[e]!]! > counts[indices[best]!]!)) best = e;
      }
      if (best >= 0) codes[item] = code[indices[best]!]!;
    }
    return [{ kind, values: order.map((value) => values[value]!), codes }];
  });
}

/**
 * Published versions on disk: `<home>/versions/<id>/` with a manifest and little-endian arrays, and `<home>/versions/current`,
 * which names the one that is served and those that were before it. A version is written aside, waited for, renamed in, and
 * only then named current: a crash at any moment leaves the old current whole, and what it left is swept by the next publish.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile, sha256, syncFolder, writeSynced } from '../durable.ts';
import { TastegraphError } from '../errors.ts';
import { withLock } from '../lock.ts';
import type { InteractionMeanings } from '../options.ts';
import { processStart } from '../processes.ts';
import { bytesOf, elementTypeOf, type SharedArray } from '../sampling/memory.ts';
import { snapshotsFolder } from '../sampling/store.ts';
import type { TrainingResult } from '../training/result.ts';
import {
  type ForgottenUser,
  parameterPrefix,
  readManifest,
  sealManifest,
  type VersionArray,
  type VersionManifest,
  versionFormat,
} from './manifest.ts';
import type { VersionContent } from './withoutUsers.ts';

export type { VersionManifest } from './manifest.ts';

/** Content of `<home>/versions/current`. */
export interface Current {
  readonly current: string;
  /** Every switch, oldest first; the last names `current`. */
  readonly history: readonly { readonly id: string; readonly at: number }[];
}

export interface ListedVersion {
  readonly manifest: VersionManifest;
  readonly current: boolean;
}

export interface PublishOptions {
  /** Least value of an interaction that counted as liked in training; explanations then count the same ones. */
  readonly minValue?: number | undefined;
  /** Users who were taken out of it after it had learned from them. */
  readonly forgotten?: readonly ForgottenUser[] | undefined;
  /** What types of interaction meant; serving goes by it. */
  readonly interactions?: InteractionMeanings | undefined;
  /** Make it the current version; else it lies ready for `promote`. */
  readonly promote?: boolean | undefined;
}

const asidePrefix = '.publishing-';
export const versionsFolder = (home: string): string => join(home, 'versions');
export const currentFile = (home: string): string => join(versionsFolder(home), 'current');

/**
 * Publishes what training produced as a new version and makes it current. Its snapshot must lie under `<home>/snapshots`.
 * Errors: snapshot/not-found, version/locked.
 */
export async function publish(
  home: string,
  result: TrainingResult,
  { minValue, interactions, forgotten, promote = true }: PublishOptions = {},
): Promise<VersionManifest> {
  const folder = versionsFolder(home);
  const snapshots = snapshotsFolder(home);
  if (!existsSync(join(snapshots, result.snapshot, 'manifest.json')))
    throw new TastegraphError('snapshot/not-found', { digest: result.snapshot, folder: snapshots });
  mkdirSync(folder, { recursive: true });
  return withVersionsLock(home, () => {
    sweep(folder);
    const at = Date.now();
    const id = newId(at);
    const aside = asideOf(home, id);
    mkdirSync(aside);
    const arrays = arraysOf(result).map(([name, shape, values]): VersionArray => {
      const bytes = bytesOf(values);
      const file = `${name}.bin`;
      writeSynced(join(aside, file), bytes);
      return { name, file, type: elementTypeOf(values), shape, sha256: sha256(bytes) };
    });
    const more = {
      ...(minValue !== undefined && { minValue }),
      ...(interactions && { interactions }),
      ...(forgotten && { forgotten }),
    };
    const manifest = manifestOf(result, { id, at, arrays, ...more });
    writeSynced(join(aside, 'manifest.json'), sealManifest(manifest));
    syncFolder(aside);
    renameSync(aside, join(folder, id));
    syncFolder(folder);
    if (promote) switchTo(home, id, at);
    return manifest;
  });
}

/** All whole versions, newest first. Those being written, or left by a crash, are not among them. */
export function listVersions(home: string): ListedVersion[] {
  const current = readCurrent(home)?.current;
  return idsIn(versionsFolder(home))
    .flatMap((id) => {
      try {
        return [{ manifest: readManifest(join(versionsFolder(home), id)), current: id === current }];
      } catch {
        return []; // Its manifest is damaged: loading it by name says so.
      }
    })
    .sort((a, b) => b.manifest.at - a.manifest.at || (a.manifest.id < b.manifest.id ? 1 : -1));
}

/** What is current and what was; undefined where nothing was published. Errors: version/corrupt. */
export function readCurrent(home: string): Current | undefined {
  const path = currentFile(home);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw thrown;
  }
  try {
    const { current, history } = JSON.parse(text) as Current;
    if (typeof current !== 'string' || !Array.isArray(history)) throw new Error('not a list of versions');
    return { current, history };
  } catch (cause) {
    throw new TastegraphError('version/corrupt', { path }, cause);
  }
}

/** Makes a version current, also an older one. Errors: version/not-found, version/corrupt, version/locked. */
export async function promote(home: string, id: string): Promise<VersionManifest> {
  const manifest = manifestById(home, id);
  await withVersionsLock(home, () => switchTo(home, id, Date.now()));
  return manifest;
}

/**
 * Makes the version before the current one current again, and forgets the switch to the current one, so that a second
 * rollback goes one further back. Versions that no longer exist are passed over. Errors: version/none, version/first, version/locked.
 */
export async function rollback(home: string): Promise<VersionManifest> {
  return withVersionsLock(home, () => {
    const now = readCurrent(home);
    if (!now) throw new TastegraphError('version/none');
    const history = now.history.slice();
    while (history.length > 0 && (history.at(-1)!.id === now.current || !isStored(home, history.at(-1)!.id)))
      history.pop();
    const before = history.at(-1);
    if (!before) throw new TastegraphError('version/first', { version: now.current });
    const manifest = manifestById(home, before.id);
    replaceFile(currentFile(home), textOf({ current: before.id, history }));
    return manifest;
  });
}

/** Removes a version's files. Errors: version/not-found, version/is-current, version/locked. */
export async function remove(home: string, id: string): Promise<void> {
  await withVersionsLock(home, () => {
    if (!isStored(home, id))
      throw new TastegraphError('version/not-found', { version: id, folder: versionsFolder(home) });
    if (readCurrent(home)?.current === id) throw new TastegraphError('version/is-current', { version: id });
    // Out of sight at once: cut off in the midst, what is left is swept by the next publish.
    const aside = asideOf(home, id);
    renameSync(join(versionsFolder(home), id), aside);
    syncFolder(versionsFolder(home));
    rmSync(aside, { recursive: true, force: true });
  });
}

/** The manifest of a version, or of the current one. Errors: version/none, version/not-found, version/corrupt. */
export function manifestById(home: string, id?: string): VersionManifest {
  const wanted = id ?? readCurrent(home)?.current;
  if (wanted === undefined) throw new TastegraphError('version/none');
  if (!isStored(home, wanted))
    throw new TastegraphError('version/not-found', { version: wanted, folder: versionsFolder(home) });
  return readManifest(join(versionsFolder(home), wanted));
}

export const textOf = (current: Current): string => `${JSON.stringify(current, null, 1)}\n`;

function switchTo(home: string, id: string, at: number): void {
  const now = readCurrent(home);
  if (now?.current === id) return;
  replaceFile(currentFile(home), textOf({ current: id, history: [...(now?.history ?? []), { id, at }] }));
}

/** How long a publisher waits for another. Writing a version of a few hundred MB takes some seconds. */
const patience = 60_000;

/** Runs `work` while no version is published or promoted, where there are versions at all. Errors: version/locked. */
export async function whileNobodyPublishes<T>(home: string, work: () => Promise<T>): Promise<T> {
  return existsSync(versionsFolder(home)) ? withVersionsLock(home, work) : work();
}

/** Runs `work` while nobody else publishes or promotes. Errors: version/none, version/locked. */
export async function withVersionsLock<T>(home: string, work: () => T | Promise<T>): Promise<T> {
  if (!existsSync(versionsFolder(home))) throw new TastegraphError('version/none');
  const lock = join(versionsFolder(home), '.lock');
  const options = {
    patience,
    locked: (holder: { readonly pid: number; readonly since: string } | undefined) =>
      new TastegraphError('version/locked', { pid: holder?.pid ?? 0, lock, since: holder?.since ?? '' }),
  };
  return await withLock(lock, options, async () => work());
}

const idPattern = /^\d{8}-\d{6}-[0-9a-f]{6}$/;

function idsIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => idPattern.test(name)) : [];
}

/** Whether a version's files are there. An id comes from outside: only what looks like one is ever made part of a path. */
export function isStored(home: string, id: string): boolean {
  return idPattern.test(id) && existsSync(join(versionsFolder(home), id));
}

function newId(at: number): string {
  const time = new Date(at).toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
  return `${time}-${randomBytes(3).toString('hex')}`;
}

/** Where what is not, or not any more, a version lies until it is removed: a sweep takes it away. */
export const asideOf = (home: string, id: string): string => join(versionsFolder(home), `${asidePrefix}${id}`);

/** Removes what publishers that were ended on the way left. Called under the lock, so none of them is at work. */
export function sweep(folder: string): void {
  for (const name of readdirSync(folder)) {
    const left = name.startsWith(asidePrefix) || /^current\..*\.tmp$/.test(name);
    // Another process that waits for the lock has a file of its own here: only a dead one's goes.
    const waiter = /^\.lock\.(\d+)\./.exec(name);
    if (left || (waiter && processStart(Number(waiter[1])) === undefined))
      rmSync(join(folder, name), { recursive: true, force: true });
  }
}

/** The arrays of a version's content, by name and shape. */
export function arraysOf(content: VersionContent): [string, number[], SharedArray][] {
  const { vectors, itemWeights, parameters, contributions, train } = content;
  const arrays: [string, number[], SharedArray][] = [
    ['train.offsets', [train.offsets.length], train.offsets],
    ['train.indices', [train.indices.length], train.indices],
  ];
  if (vectors) {
    const { dim, users, items, itemBias } = vectors;
    arrays.push(
      ['vectors.users', [users.length / dim, dim], users],
      ['vectors.items', [items.length / dim, dim], items],
    );
    if (itemBias) arrays.push(['vectors.itemBias', [itemBias.length], itemBias]);
  }
  if (itemWeights) {
    const { offsets, indices, weights } = itemWeights;
    arrays.push(
      ['weights.offsets', [offsets.length], offsets],
      ['weights.indices', [indices.length], indices],
      ['weights.weights', [weights.length], weights],
    );
  }
  for (const [name, values] of parameters ?? []) arrays.push([`${parameterPrefix}${name}`, [values.length], values]);
  if (contributions) {
    const { dim: width, own, messages, weights } = contributions;
    arrays.push(
      ['contributions.own', [own.length / width, width], own],
      ['contributions.messages', [messages.length / width, width], messages],
      ['contributions.weights', [weights.length], weights],
    );
  }
  return arrays;
}

function manifestOf(
  result: TrainingResult,
  more: Pick<VersionManifest, 'id' | 'at' | 'arrays' | 'minValue' | 'interactions' | 'forgotten'>,
): VersionManifest {
  const { model, options, seed, snapshot, split, epochs, seconds, valid, test, popularity, curve, calibration } =
    result;
  return {
    format: versionFormat,
    ...more,
    model,
    options,
    seed,
    snapshot,
    split,
    epochs,
    seconds,
    valid,
    test,
    popularity,
    curve,
    ...(calibration && { calibration }),
    users: result.train.rows,
    items: result.train.cols,
    dim: result.vectors?.dim ?? 0,
    pairs: result.train.indices.length,
    ...(result.itemWeights ? { weights: result.itemWeights.indices.length } : {}),
    ...(result.contributions ? { contributions: { dim: result.contributions.dim } } : {}),
  };
}

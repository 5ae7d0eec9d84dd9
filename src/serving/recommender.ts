/** Serves exactly one version at a time, and goes over to a new one while it serves. */
import { statSync } from 'node:fs';
import { setImmediate as immediate } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import type { Kernels } from '../compute/kernels.ts';
import type { Tensors } from '../compute/tensors.ts';
import type { IndexOptions } from './index/ofVersion.ts';
import { LiveItems } from './liveItems.ts';
import { sealManifest, type VersionManifest } from './manifest.ts';
import { loadVersion, type PublishedVersion } from './published.ts';
import {
  type RankedItem,
  type Recommendations,
  type RecommendOptions,
  type ServedVersion,
  serveVersion,
} from './served.ts';
import { currentFile, manifestById, readCurrent } from './versions.ts';

export interface RecommenderOptions {
  /** Serve this version and stay with it; else the current one, also when another becomes current. */
  readonly version?: string | undefined;
  /** How often to look for a new current version; 0 never looks. In ms. */
  readonly pollMs?: number;
  /** Told after a switch. */
  readonly onSwitch?: (manifest: VersionManifest) => void;
  /** Told when a new version could not be loaded; the old one is served on. Told once a change of `current`. */
  readonly onFailure?: (cause: unknown) => void;
  /** For versions of models that are written on them. */
  readonly tensors?: Tensors | undefined;
  /** How the best are found among vectors; by their number where not given. */
  readonly index?: Omit<IndexOptions, 'home'> | undefined;
  /** Which items may be shown now; as the versions' snapshots say where not given. */
  readonly live?: LiveItems;
}

export interface Recommender {
  /** What is served at this moment. */
  readonly version: VersionManifest;
  /** Which items may be shown now. */
  readonly live: LiveItems;
  /**
   * Answers from what is served at this moment, or from the version that is named, to hold for one request; call `release` when it has
   * been answered. Errors, where one is named: those of `loadVersion`.
   */
  acquire(version?: string): { readonly served: ServedVersion; release(): void };
  recommend(user: string, options: RecommendOptions): Recommendations & { readonly version: string };
  /** Errors: item/unknown. */
  similar(item: string, options: { readonly limit: number }): readonly RankedItem[];
  popular(options: RecommendOptions): readonly RankedItem[];
  /** Loads the current version where it is another, or has changed; true where it changed. Errors: those of `loadVersion`; the old is served on. */
  reload(): boolean;
  close(): void;
}

/** Versions beside the served one that stay open, of those that requests named. */
const mostOthers = 2;

/**
 * Opens the current version, or the one that is named, for serving. A new version is loaded beside the old one and then put in
 * its place; the old one's memory is given back after the last request that holds it.
 * Errors: version/none, version/not-found, version/corrupt, snapshot/not-found, snapshot/corrupt.
 */
export function openRecommender(
  home: string,
  kernels: Kernels,
  {
    version,
    pollMs = 1000,
    onSwitch,
    onFailure,
    tensors,
    index = { kind: 'auto' },
    live = new LiveItems(),
  }: RecommenderOptions = {},
): Recommender {
  const prepared = (published: PublishedVersion): ServedVersion =>
    serveVersion(published, kernels, tensors, { ...index, home }, live);
  let seen = stampOf(home); // Before loading: a switch in the meantime must not be missed.
  let held = hold(prepared(loadVersion(home, version)));
  const others = new LRUCache<string, ReturnType<typeof hold>>({
    max: mostOthers,
    dispose: (other) => other.release(),
  });

  /** A version by its id; found by a scan, since nobody waits for an index that is asked a few times. */
  const named = (id: string): ReturnType<typeof hold> => {
    const seal = sealManifest(manifestById(home, id));
    const opened = [held, others.get(id)].find((each) => each && sealManifest(each.served.manifest) === seal);
    if (opened) return opened;
    const made = hold(serveVersion(loadVersion(home, id), kernels, tensors, { kind: 'exact', home }, live));
    others.set(id, made);
    return made;
  };

  /** The version that is current where another is served; the same is another one after a user was taken out of it. */
  const awaited = (): string | undefined => {
    const current = version === undefined ? readCurrent(home)?.current : undefined;
    if (current === undefined) return undefined;
    return sealManifest(manifestById(home, current)) === sealManifest(held.served.manifest) ? undefined : current;
  };
  const swap = (served: ServedVersion): void => {
    const old = held;
    held = hold(served);
    old.release();
    onSwitch?.(served.manifest);
  };

  const reload = (): boolean => {
    const id = awaited();
    if (id === undefined) return false;
    swap(prepared(loadVersion(home, id)));
    return true;
  };

  /** As `reload`, with a breath in between: requests wait for one half of it at the most. */
  const follow = async (): Promise<void> => {
    const id = awaited();
    if (id === undefined) return;
    const published = loadVersion(home, id);
    await immediate();
    if (!isClosed && awaited() === id) swap(prepared(published));
  };

  let isClosed = false;
  const timer = version === undefined && pollMs > 0 ? setInterval(look, pollMs).unref() : undefined;
  function look(): void {
    const now = stampOf(home);
    if (now === seen) return;
    seen = now;
    follow().catch((cause: unknown) => onFailure?.(cause));
  }

  return {
    live,
    get version() {
      return held.served.manifest;
    },
    acquire: (id) => (id === undefined ? held : named(id)).acquire(),
    recommend: (user, options) => ({ version: held.served.manifest.id, ...held.served.recommend(user, options) }),
    similar: (item, options) => held.served.similar(item, options),
    popular: (options) => held.served.popular(options),
    reload,
    close() {
      isClosed = true;
      clearInterval(timer);
      others.clear();
      held.release();
    },
  };
}

/** Counts who uses a version; the first holder is the recommender itself. */
function hold(served: ServedVersion) {
  let holders = 1;
  const releaseOnce = () => {
    let released = false;
    return () => {
      if (released) return;
      released = true;
      if (--holders === 0) served.dispose();
    };
  };
  const release = releaseOnce();
  return {
    served,
    release,
    acquire() {
      holders++;
      return { served, release: releaseOnce() };
    },
  };
}

/** Changes whenever `current` is replaced: a rename gives it another inode. */
function stampOf(home: string): string {
  try {
    const { ino, mtimeMs, size } = statSync(currentFile(home));
    return `${ino} ${mtimeMs} ${size}`;
  } catch {
    return '';
  }
}

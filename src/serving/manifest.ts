/** What a published version says of itself: `manifest.json` in its folder. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../durable.ts';
import { TastegraphError } from '../errors.ts';
import type { InteractionMeanings } from '../options.ts';
import type { ElementType } from '../sampling/memory.ts';
import type { TrainingRecord } from '../training/result.ts';

/** Raised whenever the files or their meaning change. */
export const versionFormat = 1;

/** Before the name of a table whose parameters a version keeps. */
export const parameterPrefix = 'parameters.';

export interface VersionArray {
  readonly name: string;
  readonly file: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly sha256: string;
}

/** A user whose traces were taken out of a version after it was trained: what was learned from them is in it still. */
export interface ForgottenUser {
  /** Of the tombstone: SHA-256, hexadecimal. */
  readonly key: string;
  /** ms since 1970. */
  readonly at: number;
}

/** The snapshot is also the one whose dictionaries the version is served with. */
export interface VersionManifest extends TrainingRecord {
  readonly format: number;
  /** Sortable by time: 20261121-101502-4f3a9c. */
  readonly id: string;
  /** ms since 1970 of the moment it was published. */
  readonly at: number;
  /** Least value of an interaction that counted as liked; all counted where absent. */
  readonly minValue?: number;
  /** What types of interaction meant, where that was said. */
  readonly interactions?: InteractionMeanings;
  readonly users: number;
  readonly items: number;
  /** Width of the vectors; 0 where the model has none. */
  readonly dim: number;
  /** Entries of the weights between items, where the score is a sum of them. */
  readonly weights?: number;
  /** Pairs of the training matrix. */
  readonly pairs: number;
  /** Width of the contribution rows, where the model's score is linear in the user's edges. */
  readonly contributions?: { readonly dim: number };
  readonly arrays: readonly VersionArray[];
  /** Users who took part in the training and were forgotten since; absent where there are none. */
  readonly forgotten?: readonly ForgottenUser[];
}

/** The manifest as text that ends with a checksum of all the rest. */
export function sealManifest(manifest: VersionManifest): string {
  const body = JSON.stringify(manifest);
  return `${JSON.stringify({ manifest, sha256: sha256(body) }, null, 1)}\n`;
}

/** The manifest of the version in `folder`. Errors: version/corrupt where it is absent, cut off or changed. */
export function readManifest(folder: string): VersionManifest {
  const path = join(folder, 'manifest.json');
  let sealed: { manifest: VersionManifest; sha256: string };
  try {
    sealed = JSON.parse(readFileSync(path, 'utf8')) as typeof sealed;
    if (sha256(JSON.stringify(sealed.manifest)) !== sealed.sha256) throw new Error('the checksum differs');
    if (sealed.manifest.format !== versionFormat) throw new Error(`format ${sealed.manifest.format} is not known`);
  } catch (cause) {
    throw new TastegraphError('version/corrupt', { path }, cause);
  }
  return sealed.manifest;
}

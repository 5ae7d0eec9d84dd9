/** The published versions of a home, for those who run a server: which there are, and which one is served. */
import type { Graph } from '../graph/driver.ts';
import type { VersionManifest } from '../serving/manifest.ts';
import type { GraphOptions, Run } from './run.ts';
import { promoteVersion, publishedVersions, rollbackVersion } from './training.ts';

/** Every version there is, and how one followed another. */
export interface PublishedVersions {
  /** Newest first. */
  readonly versions: readonly { readonly manifest: VersionManifest; readonly current: boolean }[];
  /** Every switch, oldest first; the last names the current one. */
  readonly history: readonly { readonly id: string; readonly at: number }[];
}

export interface VersionAdministration {
  list(): Promise<PublishedVersions>;
  /** Errors: version/not-found, version/corrupt, version/locked; those of the database. */
  promote(id: string): Promise<VersionManifest>;
  /** Errors: version/none, version/first, version/locked; those of the database. */
  rollback(): Promise<VersionManifest>;
}

/** The versions of a home; where a graph is given, it is told of a switch too. */
export function versionsOf(options: GraphOptions, run: Run, graph?: Graph): VersionAdministration {
  return {
    async list() {
      const { readCurrent } = await import('../serving/versions.ts');
      const versions = await publishedVersions(options);
      return { versions, history: readCurrent(options.home)?.history ?? [] };
    },
    promote: (id) => promoteVersion(id, options, run, graph),
    rollback: () => rollbackVersion(options, run, graph),
  };
}

/** The published versions of a home, for those who run a server: which there are, and which one is served. */
import type { Graph } from '../graph/driver.ts';
import type { VersionManifest } from '../serving/manifest.ts';
import type { ListedVersion } from '../serving/versions.ts';
import type { GraphOptions, Run } from './run.ts';
import { versionToGraph } from './versionToGraph.ts';

/** Every version there is, and how one followed another. */
export interface PublishedVersions {
  /** Newest first. */
  readonly versions: readonly ListedVersion[];
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

/** All published versions, newest first. */
export async function publishedVersions({ home }: Pick<GraphOptions, 'home'>): Promise<readonly ListedVersion[]> {
  const { listVersions } = await import('../serving/versions.ts');
  return listVersions(home);
}

/** Makes a version current, here and in the graph that it was trained on. Errors: version/not-found, version/corrupt. */
export async function promoteVersion(
  id: string,
  options: GraphOptions,
  run: Run,
  graph?: Graph,
): Promise<VersionManifest> {
  const { promote } = await import('../serving/versions.ts');
  const manifest = await promote(options.home, id);
  await bringToGraph(manifest.id, options, run, graph);
  return manifest;
}

/** Makes the version before the current one current again. Errors: version/none, version/first. */
export async function rollbackVersion(options: GraphOptions, run: Run, graph?: Graph): Promise<VersionManifest> {
  const { rollback } = await import('../serving/versions.ts');
  const manifest = await rollback(options.home);
  await bringToGraph(manifest.id, options, run, graph);
  return manifest;
}

async function bringToGraph(id: string, options: GraphOptions, run: Run, graph?: Graph): Promise<void> {
  const { loadVersion } = await import('../serving/published.ts');
  await versionToGraph(loadVersion(options.home, id), options, run, graph);
}

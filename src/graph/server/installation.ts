/** Where the server's jars come from: an installed Neo4j where there is one, else our own cache. */
import { readdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ensureJars, type JarOptions } from '../jars.ts';
import { onPath } from '../java.ts';
import { neo4jVersion } from '../maven.ts';

export interface Installation {
  /** Folder with the jars. */
  readonly library: string;
  readonly version: string;
  readonly source: 'NEO4J_HOME' | 'path' | 'cache';
}

/** Version of the server whose jars lie in a folder; undefined where there is none. */
function versionIn(library: string): string | undefined {
  try {
    for (const name of readdirSync(library)) {
      const version = /^neo4j-kernel-(\d.*)\.jar$/.exec(name)?.[1];
      if (version) return version;
    }
  } catch {
    // No such folder.
  }
  return undefined;
}

/** An installed server of release 5 or later: NEO4J_HOME, else that of a `neo4j` on the path. */
export function installedNeo4j(): Installation | undefined {
  const home = process.env.NEO4J_HOME;
  const program = onPath('neo4j');
  const places: readonly (readonly [Installation['source'], string | undefined])[] = [
    ['NEO4J_HOME', home],
    ['path', program && dirname(dirname(realpathSync(program)))],
  ];
  for (const [source, root] of places) {
    if (!root) continue;
    const library = join(root, 'lib');
    const version = versionIn(library);
    // Earlier releases know other settings, and no supported driver speaks to them.
    if (version && Number.parseInt(version, 10) >= 5) return { library, version, source };
  }
  return undefined;
}

/** Our own jars, fetched where they are not in the cache. Errors: as `ensureJars`. */
export async function cachedNeo4j(options: JarOptions): Promise<Installation> {
  return { library: await ensureJars(options), version: neo4jVersion, source: 'cache' };
}

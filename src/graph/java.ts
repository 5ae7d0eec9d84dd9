/** The Java that runs the managed Neo4j. */
import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { TastegraphError } from '../errors.ts';

export interface Java {
  readonly path: string;
  /** As it names itself: '17.0.15'. */
  readonly version: string;
  readonly major: number;
}

/** Least Java of a Neo4j: releases named by year (2025.01 and later) need 21, 5.x needs 17. */
export const javaNeeded = (neo4jVersion: string): number => (Number.parseInt(neo4jVersion, 10) >= 2025 ? 21 : 17);

/** First executable of that name on the path. */
export function onPath(name: string, path = process.env.PATH ?? ''): string | undefined {
  const endings = process.platform === 'win32' ? ['.exe', '.cmd', '.bat'] : [''];
  for (const folder of path.split(delimiter).filter((entry) => entry !== '')) {
    for (const ending of endings) {
      const file = join(folder, name + ending);
      try {
        accessSync(file, constants.X_OK);
        return file;
      } catch {
        // Not here.
      }
    }
  }
  return undefined;
}

/**
 * The Java of JAVA_HOME or else of the path: the first that is `least` or newer, else the first that answers at all;
 * undefined where none does.
 */
export async function findJava(least = 0): Promise<Java | undefined> {
  const home = process.env.JAVA_HOME;
  const candidates = [home ? onPath('java', join(home, 'bin')) : undefined, onPath('java')];
  let first: Java | undefined;
  for (const path of candidates) {
    const java = path && (await javaAt(path));
    if (!java) continue;
    if (java.major >= least) return java;
    first ??= java;
  }
  return first;
}

async function javaAt(path: string): Promise<Java | undefined> {
  try {
    // Java writes its version to standard error: 'openjdk version "17.0.15" 2025-04-15', long ago '1.8.0_392'.
    const { stderr, stdout } = await promisify(execFile)(path, ['-version'], { timeout: 20_000 });
    const version = /version "([^"]+)"/.exec(stderr + stdout)?.[1];
    if (!version) return undefined;
    const [first = 0, second = 0] = version.split(/[._-]/).map(Number);
    return { path, version, major: first === 1 ? second : first };
  } catch {
    // A broken link, or a stub that only tells where to get Java.
    return undefined;
  }
}

/** The Java to run Neo4j on. Errors: java/missing, java/too-old. */
export async function requireJava(neo4jVersion: string): Promise<Java> {
  const least = javaNeeded(neo4jVersion);
  const java = await findJava(least);
  if (!java) throw new TastegraphError('java/missing');
  if (java.major < least) throw new TastegraphError('java/too-old', { found: java.version, path: java.path });
  return java;
}

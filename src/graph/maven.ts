/** Fetches the jars that `infra/neo4j/pom.xml` names, by Maven. */
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { problemOf, TastegraphError } from '../errors.ts';
import { packageRoot } from '../package.ts';
import type { Report } from '../progress.ts';
import { onPath } from './java.ts';

/** The release that `infra/neo4j/pom.xml` pins. */
export const neo4jVersion = '5.26.30';

// Named with its version: without one Maven would look up the newest.
const copyDependencies = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';

export interface MavenFetch {
  /** Folder to fill; made where it is not there. */
  readonly jars: string;
  /** Maven's own cache; the user's where not given. */
  readonly repository: string | undefined;
  /** Names of the jars that are expected. */
  readonly names: readonly string[];
  readonly report: Report;
  readonly signal: AbortSignal | undefined;
}

/** About a minute where Maven's own cache is empty, else a few seconds. Errors: neo4j/fetch-failed. */
export async function fetchWithMaven({ jars, repository, names, report, signal }: MavenFetch): Promise<void> {
  const failed = (problem: string, cause?: unknown) =>
    new TastegraphError('neo4j/fetch-failed', { version: neo4jVersion, problem }, cause);
  const maven = onPath('mvn');
  if (!maven) throw failed('no mvn on the path');
  mkdirSync(jars, { recursive: true });
  const words = ['-B', '-f', join(packageRoot, 'infra', 'neo4j', 'pom.xml'), copyDependencies];
  words.push(`-DoutputDirectory=${jars}`, '-DincludeScope=runtime');
  if (repository) words.push(`-Dmaven.repo.local=${repository}`);

  const phase = 'fetching Neo4j';
  const expected = new Set(names);
  const seen = new Set<string>();
  const errors: string[] = [];
  report({ phase, done: 0, total: names.length, unit: 'jars' });
  const child = spawn(maven, words, { stdio: ['ignore', 'pipe', 'pipe'], signal });
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    // 'Downloaded from central: …/name.jar (…)', or 'Copying name.jar to …' where Maven had it already.
    const name = /(?:Downloaded from \S+ |Copying )(\S+\.jar)\b/.exec(line)?.[1];
    if (name && expected.has(basename(name)) && !seen.has(basename(name))) {
      seen.add(basename(name));
      report({ phase, done: seen.size, total: names.length, unit: 'jars' });
    }
    if (line.startsWith('[ERROR]') && errors.length < 3) errors.push(line.slice(8));
  });
  child.stderr.resume();
  let code: number | null;
  try {
    code = await new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
  } catch (cause) {
    signal?.throwIfAborted();
    throw failed(problemOf(cause), cause);
  }
  if (code !== 0) throw failed(errors[0] ?? `mvn ended with exit code ${code}`);
}

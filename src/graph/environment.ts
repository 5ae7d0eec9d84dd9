/** What Neo4j needs on this machine, and whether it is there: the part of `tastegraph doctor` that is Neo4j's. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { problemOf } from '../errors.ts';
import { jarChecksums, jarFolder, jarsPresent } from './jars.ts';
import { findJava, javaNeeded, onPath } from './java.ts';
import { neo4jVersion } from './maven.ts';
import { installedNeo4j } from './server/installation.ts';
import { type ServerOptions, serverStatus } from './server.ts';

export interface EnvironmentRow {
  readonly name: string;
  /** Whether Tastegraph can work as this stands. */
  readonly ok: boolean;
  readonly found: string;
  readonly needed: string;
  /** The command, or what to do, where it is not well. */
  readonly mend?: string;
}

/** Rows on Java, Maven and Neo4j. Starts and fetches nothing. */
export async function checkEnvironment(options: ServerOptions): Promise<readonly EnvironmentRow[]> {
  const status = await serverStatus(options);
  const installed = installedNeo4j();
  const present = jarsPresent();
  const wanted = jarChecksums().size;
  const fetched = present === wanted;

  // With a server of somebody else's, nothing of this is needed.
  const own = status.managed;
  const least = javaNeeded(installed?.version ?? neo4jVersion);
  const java = await findJava(least);
  const javaFits = java !== undefined && java.major >= least;
  const rows: EnvironmentRow[] = [
    {
      name: 'Java',
      ok: !own || javaFits,
      found: java ? `${java.version} at ${java.path}` : 'none',
      needed: own ? `${least} or newer` : `none: NEO4J_URI is set`,
      ...(own && !javaFits ? { mend: `apt-get install openjdk-${least}-jre-headless, or set JAVA_HOME` } : {}),
    },
  ];

  const mavenNeeded = own && !installed && !fetched;
  const maven = await mavenVersion();
  rows.push({
    name: 'Maven',
    ok: !mavenNeeded || maven !== undefined,
    found: maven ?? 'none',
    needed: mavenNeeded ? 'any 3.x or newer, once, to fetch Neo4j' : 'none: Neo4j is there',
    ...(mavenNeeded && !maven ? { mend: 'apt-get install maven' } : {}),
  });

  const whole = `${neo4jVersion}, which Maven fetches, or an installed 5.x or newer`;
  if (!own) {
    const found = status.running
      ? `${status.version} ${status.edition} at ${status.uri}`
      : (status.problem ?? 'no answer');
    const mend = status.running
      ? {}
      : { mend: 'start that server, or check NEO4J_URI, NEO4J_USERNAME and NEO4J_PASSWORD' };
    rows.push({ name: 'Neo4j', ok: status.running, found, needed: '5.x or newer', ...mend });
  } else if (status.running) {
    const found = `${status.version} running at ${status.uri}, process ${status.pid}`;
    rows.push({ name: 'Neo4j', ok: true, found, needed: whole });
  } else if (status.problem) {
    const mend = `'tastegraph down', then 'tastegraph up'`;
    rows.push({ name: 'Neo4j', ok: false, found: problemOf(status.problem), needed: whole, mend });
  } else {
    const found = installed
      ? `${installed.version} in ${installed.library}, not running`
      : `${present} of ${wanted} jars in ${jarFolder()}, not running`;
    const ok = installed !== undefined || fetched;
    rows.push({ name: 'Neo4j', ok, found, needed: whole, ...(ok ? {} : { mend: 'tastegraph up' }) });
  }
  return rows;
}

/** What the `mvn` on the path calls itself; undefined where there is none that runs. */
async function mavenVersion(): Promise<string | undefined> {
  const path = onPath('mvn');
  if (!path) return undefined;
  try {
    const { stdout } = await promisify(execFile)(path, ['-B', '-v'], { timeout: 20_000 });
    const version = /Apache Maven (\d[\w.-]*)/.exec(stdout)?.[1];
    return version && `${version} at ${path}`;
  } catch {
    return undefined;
  }
}

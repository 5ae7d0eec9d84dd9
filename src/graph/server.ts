/** A Neo4j to work with: the one that NEO4J_URI names, else one that this program starts, finds again and stops. */
import { existsSync, lstatSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { problemOf, TastegraphError } from '../errors.ts';
import { withLock } from '../lock.ts';
import type { Neo4jOptions } from '../options.ts';
import { isAlive } from '../processes.ts';
import { type Report, silent } from '../progress.ts';
import { type Connection, openGraph } from './driver.ts';
import { ensureJars } from './jars.ts';
import { requireJava } from './java.ts';
import { neo4jVersion } from './maven.ts';
import { answersBolt, freePort } from './server/bolt.ts';
import { endProcess } from './server/ending.ts';
import { firstUse } from './server/firstUse.ts';
import {
  discardImport,
  findServer,
  lastStart,
  removeState,
  runningServer,
  type ServerHome,
  type ServerState,
  serverHome,
  serverPassword,
  strayServer,
  writeState,
} from './server/home.ts';
import { cachedNeo4j, installedNeo4j } from './server/installation.ts';
import { classArchive, type Launch, launch, startProblem } from './server/launch.ts';
import { settleRestore } from './server/restoring.ts';
import { statement } from './statements.ts';

export type ServerOptions = Neo4jOptions & { readonly home: string };

/** Longest wait for a start; 5 to 8 s are usual, recovery after a crash in a bulk load takes longer. */
const startSeconds = 180;

/**
 * The connection to the server that the options name, else to the managed one, which is started where it does not run.
 * Errors: java/…, neo4j/fetch-failed, neo4j/corrupt-jars, neo4j/start-failed, neo4j/locked.
 */
export async function ensureServer(
  options: ServerOptions,
  report: Report = silent,
  signal?: AbortSignal,
): Promise<Connection> {
  if (options.neo4jUri) {
    const { neo4jUri: uri, neo4jUsername: username, neo4jPassword: password = '', neo4jDatabase: database } = options;
    return { uri, username, password, database };
  }
  const home = serverHome(options.home);
  // Most calls find it running and answering; they need no lock.
  const running = runningServer(home);
  if (running && (await answersBolt(running.port))) return connectionOf(home, running);
  return withLock(home.lock, lockOptions(home.lock, report, signal), async () => {
    const state = await startedServer(home, options, report, signal);
    return connectionOf(home, state);
  });
}

export function connectionOf(home: ServerHome, { port }: ServerState): Connection {
  // The only user database that a community server has.
  return { uri: `bolt://127.0.0.1:${port}`, username: 'neo4j', password: serverPassword(home), database: 'neo4j' };
}

export function lockOptions(lock: string, report: Report, signal: AbortSignal | undefined) {
  return {
    // A first start may fetch the jars over a slow line.
    patience: 30 * 60_000,
    signal,
    waiting: ({ pid }: { readonly pid: number }) =>
      report({ phase: `waiting for process ${pid}, which starts or stops Neo4j`, done: 0, unit: 's' }),
    locked: (holder: { readonly pid: number; readonly since: string } | undefined) =>
      new TastegraphError('neo4j/locked', { pid: holder?.pid ?? 0, lock, since: holder?.since ?? '' }),
  };
}

/** Under the lock: the server that runs or is about to, else a new one, ready to answer. */
export async function startedServer(
  home: ServerHome,
  options: ServerOptions,
  report: Report,
  signal: AbortSignal | undefined,
): Promise<ServerState> {
  const found = findServer(home);
  if (found) {
    if (await isReady(home, found, report, signal)) {
      writeState(home, found);
      return found;
    }
    if (isAlive(found.pid, found.start)) {
      const problem = `its process ${found.pid} lives but does not answer. End it with 'tastegraph down'`;
      throw new TastegraphError('neo4j/start-failed', { seconds: startSeconds, problem, log: home.log });
    }
  }
  removeState(home);
  await discardImport(home);
  await settleRestore(home);
  const { java, installation } = await programs(report, signal);
  serverPassword(home);
  let problem = '';
  let checked = false;
  for (let attempt = 1; attempt <= 4; attempt++) {
    // The port of last time where it is free, so that who was told it still finds the server.
    const port = await freePort(attempt === 1 ? lastStart(home)?.port : 0);
    const started = await launch({ home, installation, java, port, memory: options });
    try {
      if (await isReady(home, started, report, signal)) return started;
    } catch (thrown) {
      await endProcess(started);
      removeState(home);
      throw thrown;
    }
    await endProcess(started);
    removeState(home);
    problem = startProblem(home);
    // Another program took the port between our look and the server's: on to another one.
    if (/address already in use|BindException/i.test(problem)) continue;
    // The jars may have rotted in a way that neither size nor time shows: compare their checksums, start again on right ones.
    if (installation.source !== 'cache' || checked) break;
    await ensureJars({ report, signal, thorough: true });
    // Of the wrong jars, if any could be made of them: the next start makes one of the right ones.
    rmSync(classArchive(installation, java), { force: true });
    checked = true;
  }
  throw new TastegraphError('neo4j/start-failed', { seconds: startSeconds, problem, log: home.log });
}

/** What runs a server. Java first: Maven needs it too, and would say so less clearly. */
export async function programs(report: Report, signal: AbortSignal | undefined) {
  const installed = installedNeo4j();
  const java = await requireJava(installed?.version ?? neo4jVersion);
  const found = { java, installation: installed ?? (await cachedNeo4j({ report, signal })) };
  // What is installed elsewhere is not ours to write to.
  if (!installed) await archiveClasses(found, report, signal);
  return found;
}

/**
 * Once for each Java: a start, a first use and a stop in a home that is thrown away, after which starts and first statements are sooner.
 * It is a matter of seconds alone: where it fails, or may not write there, starts are as they were. Errors: the signal's reason.
 */
async function archiveClasses(
  { java, installation }: Pick<Launch, 'java' | 'installation'>,
  report: Report,
  signal: AbortSignal | undefined,
): Promise<void> {
  const archive = classArchive(installation, java);
  if (existsSync(archive)) return;
  const lock = `${archive}.lock`;
  try {
    await withLock(lock, lockOptions(lock, report, signal), async () => {
      if (!existsSync(archive)) await makeArchive();
    });
  } catch {
    signal?.throwIfAborted();
  }

  async function makeArchive(): Promise<void> {
    const folder = `${archive}.home`;
    // Of one that was killed on the way.
    const left = strayServer(serverHome(folder));
    if (left) await endProcess(left);
    rmSync(folder, { recursive: true, force: true });
    const home = serverHome(folder);
    try {
      serverPassword(home);
      const archiveTo = join(folder, 'classes.jsa');
      const memory = { heapMb: 512, pageCacheMb: 64 };
      const started = await launch({ home, installation, java, port: await freePort(0), memory, archiveTo });
      const named: Report = (progress) => report({ ...progress, phase: 'preparing Neo4j for sooner starts' });
      try {
        if (await isReady(home, started, named, signal)) await firstUse(connectionOf(home, started));
      } finally {
        await endProcess(started);
      }
      renameSync(archiveTo, archive);
    } finally {
      rmSync(folder, { recursive: true, force: true });
      if (!existsSync(archive) && !signal?.aborted) writeFileSync(archive, ''); // it is not tried again
    }
  }
}

/**
 * Waits until the server answers a query with our password. False where its process ended, or lives and gave no answer in
 * time. Throws the signal's reason, and neo4j/refused.
 */
async function isReady(
  home: ServerHome,
  state: ServerState,
  report: Report,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const begun = performance.now();
  const seconds = () => (performance.now() - begun) / 1000;
  for (let told = 0; seconds() < startSeconds; ) {
    signal?.throwIfAborted();
    if (!isAlive(state.pid, state.start)) return false;
    if (await answersBolt(state.port)) {
      const graph = await openGraph(connectionOf(home, state));
      try {
        await graph.read((tx) => tx.run(statement('server/ping')));
        return true;
      } finally {
        await graph.close();
      }
    }
    if (seconds() > told) {
      report({ phase: 'starting Neo4j', done: told, unit: 's' });
      told += 1;
    }
    await sleep(50);
  }
  return false;
}

/** Stops the managed server of a data folder. False where none ran. Errors: neo4j/locked. */
export async function stopServer(dataFolder: string, signal?: AbortSignal): Promise<boolean> {
  if (!existsSync(join(dataFolder, 'neo4j'))) return false;
  const home = serverHome(dataFolder);
  return withLock(home.lock, lockOptions(home.lock, silent, signal), async () => {
    const state = findServer(home);
    if (state) await endProcess(state);
    removeState(home);
    await settleRestore(home);
    return state !== undefined;
  });
}

export interface ServerStatus {
  /** False where NEO4J_URI names the server. */
  readonly managed: boolean;
  readonly running: boolean;
  readonly uri?: string;
  readonly pid?: number;
  /** ISO 8601, of a managed server. */
  readonly since?: string;
  readonly uptimeSeconds?: number;
  readonly version?: string;
  readonly edition?: string;
  readonly nodes?: number;
  readonly relationships?: number;
  /** Bytes on disk of a managed server's data and transaction logs. */
  readonly storeBytes?: number;
  /** Why a server that should answer does not. */
  readonly problem?: string;
}

/** How the server stands that these options lead to. Starts nothing, and throws nothing where it does not answer. */
export async function serverStatus(options: ServerOptions): Promise<ServerStatus> {
  if (options.neo4jUri) return { managed: false, ...(await answerOf(await ensureServer(options))) };
  if (!existsSync(join(options.home, 'neo4j'))) return { managed: true, running: false };
  const home = serverHome(options.home);
  const storeBytes = sizeOf(join(home.folder, 'data'));
  const state = runningServer(home);
  if (!state) return { managed: true, running: false, storeBytes };
  const { pid, since } = state;
  const uptimeSeconds = Math.max(0, Math.round((Date.now() - Date.parse(since)) / 1000));
  return { managed: true, pid, since, uptimeSeconds, storeBytes, ...(await answerOf(connectionOf(home, state))) };
}

async function answerOf(connection: Connection): Promise<Omit<ServerStatus, 'managed'>> {
  const { uri } = connection;
  try {
    const graph = await openGraph(connection);
    try {
      const { records } = await graph.read((tx) => tx.run(statement('server/status')));
      return { running: true, uri, ...(records[0]?.toObject() as Pick<ServerStatus, 'version' | 'nodes'>) };
    } finally {
      await graph.close();
    }
  } catch (thrown) {
    return { running: false, uri, problem: problemOf(thrown) };
  }
}

/** Bytes of all files below a folder; what goes while it looks, or was never there, counts as nothing. */
function sizeOf(folder: string): number {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return 0;
  }
  return names
    .map((name) => join(folder, name))
    .map((path) => ({ path, stat: lstatSync(path, { throwIfNoEntry: false }) }))
    .reduce((bytes, { path, stat }) => bytes + (stat?.isDirectory() ? sizeOf(path) : (stat?.size ?? 0)), 0);
}

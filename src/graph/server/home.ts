/** The folder of a managed server: `<home>/neo4j`, with its settings, password, data, logs and the record of its process. */
import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { replaceFile, syncFolder } from '../../durable.ts';
import { TastegraphError } from '../../errors.ts';
import { commandLine, isAlive, processIds, processStart } from '../../processes.ts';
import { endAdminTool } from './ending.ts';

/** What is known of a managed server's process. */
export interface ServerState {
  readonly pid: number;
  /** Of `processStart`: with the id, it names one process for ever. */
  readonly start: string;
  readonly port: number;
  readonly version: string;
  /** ISO 8601. */
  readonly since: string;
}

export interface ServerHome {
  /** The data folder that all the rest lies under. */
  readonly root: string;
  readonly folder: string;
  readonly settings: string;
  readonly state: string;
  readonly lock: string;
  readonly password: string;
  /** What the JVM prints; Neo4j's own logs lie beside it. */
  readonly log: string;
  /** Tables of an import into the store; while they lie here the store is half made. */
  readonly importing: string;
}

/** Paths of the managed server under a data folder, which is made where it is not there. */
export function serverHome(home: string): ServerHome {
  mkdirSync(join(home, 'neo4j'), { recursive: true, mode: 0o700 });
  // The real path: two names of one folder are one server.
  const folder = realpathSync(resolve(home, 'neo4j'));
  return {
    root: resolve(home),
    folder,
    settings: join(folder, 'conf', 'neo4j.conf'),
    state: join(folder, 'server.json'),
    lock: join(folder, 'server.lock'),
    password: join(folder, 'password'),
    log: join(folder, 'logs', 'console.log'),
    importing: join(folder, 'importing'),
  };
}

/** Whether the server of this home runs as that process: alive, the same start, and our own command line. */
function isOurs(home: ServerHome, pid: number, start: string): boolean {
  return isAlive(pid, start) && commandLine(pid).includes(`--home-dir=${home.folder}`);
}

/** The server of this home where one runs; a state file that names another program, or none, is removed. */
export function runningServer(home: ServerHome): ServerState | undefined {
  let state: ServerState;
  try {
    state = JSON.parse(readFileSync(home.state, 'utf8')) as ServerState;
  } catch {
    return undefined;
  }
  return isOurs(home, state.pid, state.start) ? state : undefined;
}

/** Port and version of the last start, from the settings that were written for it. */
export function lastStart(home: ServerHome): { readonly port: number; readonly version: string } | undefined {
  let text: string;
  try {
    text = readFileSync(home.settings, 'utf8');
  } catch {
    return undefined;
  }
  const port = /^server\.bolt\.listen_address=.*:(\d+)$/m.exec(text)?.[1];
  const version = /^# Neo4j (\S+):/.exec(text)?.[1];
  return port && version ? { port: Number(port), version } : undefined;
}

/**
 * A server of this home that no state file names: its starter was killed between starting it and writing the file. Looks
 * through all processes, so it is asked only before a start.
 */
export function strayServer(home: ServerHome): ServerState | undefined {
  const last = lastStart(home);
  if (!last) return undefined;
  for (const pid of processIds()) {
    const start = processStart(pid);
    if (start && isOurs(home, pid, start)) return { pid, start, ...last, since: new Date().toISOString() };
  }
  return undefined;
}

/** The server of this home, whether its state is known or lost. */
export const findServer = (home: ServerHome): ServerState | undefined => runningServer(home) ?? strayServer(home);

/** Whether the user database has ever been made. */
export const hasStore = ({ folder }: ServerHome): boolean => existsSync(join(folder, 'data', 'databases', 'neo4j'));

/** An empty folder for the tables of an import. */
export function tablesFolder(home: ServerHome): string {
  const folder = `${home.importing}.tables`;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { mode: 0o700 });
  return folder;
}

/** Marks the store as half made, until `endImport`, by what it is made from. */
export function beginImport(home: ServerHome): void {
  renameSync(`${home.importing}.tables`, home.importing);
  syncFolder(home.folder);
}

export function endImport(home: ServerHome): void {
  const done = `${home.importing}.done`;
  renameSync(home.importing, done); // at once: a half removed folder would count as a half made store
  syncFolder(home.folder);
  rmSync(done, { recursive: true, force: true });
}

/**
 * Removes what a cut-off import has left; the tool that worked for it, or for a backup, is ended. Where it was writing the store,
 * that is removed, so that an empty one is made.
 */
export async function discardImport(home: ServerHome): Promise<void> {
  for (const end of ['done', 'tables']) rmSync(`${home.importing}.${end}`, { recursive: true, force: true });
  await endAdminTool(home);
  if (!existsSync(home.importing)) return;
  for (const folder of ['databases', 'transactions']) {
    rmSync(join(home.folder, 'data', folder, 'neo4j'), { recursive: true, force: true });
  }
  endImport(home);
}

export function writeState(home: ServerHome, state: ServerState): void {
  replaceFile(home.state, `${JSON.stringify(state)}\n`);
}

export function removeState(home: ServerHome): void {
  rmSync(home.state, { force: true });
}

/** Writes a file that its owner alone can read, from its first byte on. */
function writePrivate(path: string, content: string): void {
  rmSync(path, { force: true });
  const file = openSync(path, 'wx', 0o600);
  try {
    writeSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/**
 * The password of this home's server; made, with what makes a new database take it, before its first start. It goes through
 * files only: a command line would show it to everybody on the machine. Errors: neo4j/start-failed.
 */
export function serverPassword(home: ServerHome): string {
  const initialised = existsSync(join(home.folder, 'data', 'databases', 'system'));
  if (existsSync(home.password)) {
    const password = readFileSync(home.password, 'utf8').trim();
    if (!initialised) writeInitialPassword(home, password);
    return password;
  }
  if (initialised) {
    const problem = `its password file ${home.password} is gone. Put it back, or delete ${home.folder} with all that the graph holds`;
    throw new TastegraphError('neo4j/start-failed', { seconds: 0, problem, log: home.log });
  }
  const password = randomBytes(24).toString('base64url');
  writePrivate(home.password, `${password}\n`);
  writeInitialPassword(home, password);
  return password;
}

/** As `neo4j-admin dbms set-initial-password` writes it: salted SHA-256, 1,024 rounds. Read once, by an empty system database. */
function writeInitialPassword(home: ServerHome, password: string): void {
  const salt = randomBytes(32);
  const rounds = 1024;
  let hash = createHash('sha256').update(salt).update(password).digest();
  for (let round = 1; round < rounds; round++) hash = createHash('sha256').update(hash).digest();
  const folder = join(home.folder, 'data', 'dbms');
  mkdirSync(folder, { recursive: true });
  writePrivate(join(folder, 'auth.ini'), `neo4j:SHA-256,${hash.toString('hex')},${salt.toString('hex')},${rounds}:\n`);
}

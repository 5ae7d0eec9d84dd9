/** The managed database as one file, and back: dump and load by the server's own administration tool, while the server stands still. */
import { copyFileSync, statSync } from 'node:fs';
import { TastegraphError } from '../errors.ts';
import { withLock } from '../lock.ts';
import type { Report } from '../progress.ts';
import { openGraph } from './driver.ts';
import { runAdminTool } from './server/adminTool.ts';
import { endProcess } from './server/ending.ts';
import {
  findServer,
  removeState,
  type ServerHome,
  type ServerState,
  serverHome,
  serverPassword,
} from './server/home.ts';
import { beginRestore, finishRestore, settleRestore } from './server/restoring.ts';
import { connectionOf, lockOptions, programs, type ServerOptions, startedServer } from './server.ts';
import { statement } from './statements.ts';

/** How much a database holds. */
export interface DatabaseContent {
  readonly nodes: number;
  readonly relationships: number;
  readonly users: number;
  readonly items: number;
  readonly interactions: number;
}

export interface DumpedDatabase {
  /** Release of the server that it was dumped from. */
  readonly neo4j: string;
  readonly content: DatabaseContent;
}

export type ExclusiveOptions = ServerOptions & {
  /** Go on where others are connected to the server, and cut them off. */
  readonly force: boolean;
};

/** The file that a dump is, in its folder. */
export const dumpFile = 'neo4j.dump';

/**
 * Dumps the managed database into `folder`, which is there. The server is stopped meanwhile, and runs afterwards where it ran
 * before. Killed at any moment it leaves the database as it is.
 * Errors: backup/not-managed, backup/in-use, neo4j/tool-failed, those of a start; the signal's reason.
 */
export async function dumpDatabase(
  options: ExclusiveOptions,
  folder: string,
  report: Report,
  signal?: AbortSignal,
): Promise<DumpedDatabase> {
  refuseNamed(options);
  const home = serverHome(options.home);
  return withLock(home.lock, lockOptions(home.lock, report, signal), async () => {
    const ran = findServer(home) !== undefined;
    // Started where it did not run: it counts, and a store that it has closed itself needs no recovery.
    const state = await startedServer(home, options, report, signal);
    try {
      const content = await contentOf(home, state);
      await refuseInUse(home, state, options);
      report({ phase: 'stopping Neo4j', done: 0, unit: 's' });
      await stop(home, state);
      const words = ['dump', 'neo4j', `--to-path=${folder}`];
      await useTool(home, options, words, report, 'dumping the database', signal);
      return { neo4j: state.version, content };
    } finally {
      if (ran) await startedServer(home, options, report, undefined);
      else await stop(home, state);
    }
  });
}

/** What a restore puts together before anything is replaced. */
export interface Staging {
  /** Folder of the new home. */
  readonly folder: string;
  /** Loads the dump in `from` into the new home's database, opens it and answers how much it holds. */
  load(from: string): Promise<DatabaseContent>;
}

/**
 * Replaces the home's database, snapshots and versions by those that `fill` puts together aside; what it leaves out stays.
 * Until it is done nothing of the old home is touched; killed at any moment this leaves the old home or, from the next
 * command on, the new one. The server runs afterwards where it ran before.
 * Errors: backup/not-managed, backup/in-use, backup/other-disk, neo4j/tool-failed, those of a start and of `fill`.
 */
export async function replaceHome(
  options: ExclusiveOptions,
  fill: (staging: Staging) => Promise<void>,
  report: Report,
  signal?: AbortSignal,
): Promise<void> {
  refuseNamed(options);
  const home = serverHome(options.home);
  await withLock(home.lock, lockOptions(home.lock, report, signal), async () => {
    refuseOtherDisk(home);
    const before = findServer(home);
    if (before) await refuseInUse(home, before, options);
    const folder = await beginRestore(home);
    try {
      await fill({ folder, load: (from) => loadDatabase(home, { ...options, home: folder }, from, report, signal) });
      signal?.throwIfAborted();
      report({ phase: 'putting in place', done: 0, unit: 's' });
      const now = findServer(home);
      if (now) {
        await refuseInUse(home, now, options); // again: filling took its time
        await stop(home, now);
      }
      finishRestore(home);
    } finally {
      // Decided on or not, nothing is left to do again; and what ran, runs.
      await settleRestore(home);
      if (before) await startedServer(home, options, report, undefined);
    }
  });
}

/** Finishes a restore that was killed after it was decided on; where none was, nothing is done. */
export async function finishKilledRestore(dataFolder: string, report: Report, signal?: AbortSignal): Promise<void> {
  const home = serverHome(dataFolder);
  await withLock(home.lock, lockOptions(home.lock, report, signal), () => settleRestore(home));
}

/** Into a home of its own, whose server is stopped again. It takes the password of the home that it is for. */
async function loadDatabase(
  target: ServerHome,
  options: ServerOptions,
  from: string,
  report: Report,
  signal: AbortSignal | undefined,
): Promise<DatabaseContent> {
  const home = serverHome(options.home);
  serverPassword(target);
  copyFileSync(target.password, home.password);
  await useTool(home, options, ['load', 'neo4j', `--from-path=${from}`], report, 'loading the database', signal);
  const state = await startedServer(home, options, report, signal);
  try {
    return await contentOf(home, state);
  } finally {
    await stop(home, state);
  }
}

async function stop(home: ServerHome, state: ServerState): Promise<void> {
  await endProcess(state);
  removeState(home);
}

async function useTool(
  home: ServerHome,
  options: ServerOptions,
  words: readonly string[],
  report: Report,
  phase: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { java, installation } = await programs(report, signal);
  const percent = (done: number) => report({ phase, done, total: 100, unit: '%' });
  percent(0);
  const launch = { home, installation, java, memory: options };
  const failure = await runAdminTool(launch, ['database', ...words], percent, signal);
  if (failure) throw new TastegraphError('neo4j/tool-failed', { ...failure, task: `database ${words[0]}` });
}

async function ask(home: ServerHome, state: ServerState, name: string): Promise<Record<string, unknown>> {
  const graph = await openGraph(connectionOf(home, state));
  try {
    return await graph.read(async (tx) => (await tx.run(statement(name))).records[0]!.toObject());
  } finally {
    await graph.close();
  }
}

async function contentOf(home: ServerHome, state: ServerState): Promise<DatabaseContent> {
  return (await ask(home, state, 'read/content')) as unknown as DatabaseContent;
}

async function refuseInUse(home: ServerHome, state: ServerState, { force }: ExclusiveOptions): Promise<void> {
  if (force) return;
  const { connections } = await ask(home, state, 'read/connections');
  const others = (connections as number) - 1;
  if (others > 0) throw new TastegraphError('backup/in-use', { others });
}

function refuseNamed({ neo4jUri }: ServerOptions): void {
  if (neo4jUri) throw new TastegraphError('backup/not-managed');
}

/** A rename, which is what makes the switch whole, does not reach another disk. */
function refuseOtherDisk({ root, folder }: ServerHome): void {
  if (statSync(root).dev !== statSync(folder).dev) throw new TastegraphError('backup/other-disk', { folder, root });
}

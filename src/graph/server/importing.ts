/** A new store for the managed server, made by its importer while it stands still. */
import { join } from 'node:path';
import { TastegraphError } from '../../errors.ts';
import { withLock } from '../../lock.ts';
import type { Report } from '../../progress.ts';
import { type Connection, openGraph } from '../driver.ts';
import { connectionOf, lockOptions, programs, type ServerOptions, startedServer } from '../server.ts';
import { statement } from '../statements.ts';
import { runAdminTool } from './adminTool.ts';
import { endProcess } from './ending.ts';
import {
  beginImport,
  discardImport,
  endImport,
  findServer,
  hasStore,
  removeState,
  runningServer,
  type ServerHome,
  serverHome,
  tablesFolder,
} from './home.ts';
import { serverMemory } from './launch.ts';
import { settleRestore } from './restoring.ts';

/** What `importWhereEmpty` did. */
export interface Imported {
  /** Seconds of a start of the server that any other way would have needed too; 0 where it had been running. */
  readonly startSeconds: number;
}

/**
 * Makes the managed server's store anew with the server's importer, where it holds nothing yet and nobody else is connected;
 * the server runs afterwards. `write` puts the tables into a folder and answers the importer's arguments, which name them from
 * the folder `importing` on, or undefined where they cannot be made. Nobody else starts or stops the server meanwhile, and where this is cut off the next start finds an
 * empty store. Undefined, and nothing done, where that cannot be.
 * Errors: those of `ensureServer` and of `write`; neo4j/import-failed.
 */
export async function importWhereEmpty(
  options: ServerOptions,
  write: (folder: string) => Promise<readonly string[] | undefined>,
  report: Report,
  signal?: AbortSignal,
): Promise<Imported | undefined> {
  const home = serverHome(options.home);
  return withLock(home.lock, lockOptions(home.lock, report, signal), async () => {
    const ran = findServer(home) !== undefined;
    if (!ran) await settleRestore(home);
    await discardImport(home); // of one that was cut off, it would pass for a store
    const isEmpty = async () =>
      !(ran || hasStore(home)) || holdsNothing(connectionOf(home, await startedServer(home, options, report, signal)));
    if (!(await isEmpty())) return undefined;
    const { java, installation } = await programs(report, signal);
    const args = await write(tablesFolder(home));
    if (!args) {
      await discardImport(home);
      return undefined;
    }
    // Again: reading took its time, and until now others could write.
    if (!(await isEmpty())) return undefined;
    const state = runningServer(home);
    if (state) await endProcess(state);
    removeState(home);
    try {
      beginImport(home);
      const percent = (done: number) => report({ phase: 'importing into Neo4j', done, total: 100, unit: '%' });
      percent(0);
      const failure = await runAdminTool(
        { home, installation, java, memory: options },
        words(home, args, options),
        percent,
        signal,
      );
      if (failure) throw new TastegraphError('neo4j/import-failed', { ...failure });
    } catch (thrown) {
      await discardImport(home);
      if (ran) await startedServer(home, options, report, undefined);
      throw thrown;
    }
    endImport(home);
    const begun = performance.now();
    await startedServer(home, options, report, signal);
    return { startSeconds: ran ? 0 : (performance.now() - begun) / 1000 };
  });
}

async function holdsNothing(connection: Connection): Promise<boolean> {
  const graph = await openGraph(connection);
  try {
    const { records } = await graph.read((tx) => tx.run(statement('read/holds-nothing')));
    return records[0]?.get('nothing') === true;
  } finally {
    await graph.close();
  }
}

/** Makes the store anew from the tables in `home.importing`, which `args` name from the folder it lies in. */
const words = (home: ServerHome, args: readonly string[], memory: ServerOptions): readonly string[] => [
  'database',
  'import',
  'full',
  'neo4j',
  '--overwrite-destination',
  `--max-off-heap-memory=${serverMemory(memory).pageCache}m`,
  `--report-file=${join(home.importing, 'report')}`,
  ...args,
];

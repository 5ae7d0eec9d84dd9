/** A home with a graph in a Neo4j of its own and a version that was trained on it: made once, kept where the folder is. */
import { execFile } from 'node:child_process';
import { createWriteStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openDatabase } from '../../../src/graph/database.ts';
import type { ServerOptions } from '../../../src/graph/server.ts';
import { RandomStream } from '../../../src/random.ts';
import { loadSnapshot, snapshotsFolder } from '../../../src/sampling/store.ts';
import { manifestById } from '../../../src/serving/versions.ts';
import { script } from './serve.ts';

export interface Prepared {
  readonly name: string;
  readonly database: ServerOptions;
  readonly users: readonly string[];
  readonly items: readonly string[];
  /** How many of these interactions [user, item, at] the graph does not have. */
  missing(written: readonly (readonly [string, string, number])[]): Promise<number>;
  /** Takes out again what the load wrote. */
  clean(): Promise<void>;
}

export interface PrepareOptions {
  readonly home: string;
  /** Folder of the public data sets. */
  readonly data: string | undefined;
  readonly epochs: number;
  readonly log: (line: string) => void;
}

const memory = { heapMb: 1024, pageCacheMb: 512 };
const run = promisify(execFile);

export async function prepare({ home, data, epochs, log }: PrepareOptions): Promise<Prepared> {
  const command = async (...args: readonly string[]) => {
    log(`tastegraph ${args.join(' ')}`);
    await run(process.execPath, [script, ...args, '--home', home, '--quiet'], { maxBuffer: 1 << 26 });
  };
  const gowalla = data === undefined ? undefined : join(data, 'gowalla');
  const isGowalla = gowalla !== undefined && existsSync(gowalla);
  if (!existsSync(join(home, 'versions'))) {
    const limits = ['--heap-mb', String(memory.heapMb), '--page-cache-mb', String(memory.pageCacheMb)];
    const source = isGowalla ? gowalla : await crowd(home);
    await command('ingest', source, ...limits);
    await command('train', 'lightgcn', '--epochs', String(epochs));
  }
  const manifest = manifestById(home);
  const snapshot = loadSnapshot(join(snapshotsFolder(home), manifest.snapshot));
  const idsOf = ({ count, id }: { readonly count: number; id(index: number): string }) =>
    Array.from({ length: count }, (_, index) => id(index));
  const database = { home, neo4jUsername: 'neo4j', neo4jDatabase: 'neo4j', ...memory };
  const inGraph = async <T>(text: string, parameters: object): Promise<T[]> => {
    const graph = await openDatabase(database);
    const session = graph.session({ mode: 'WRITE' });
    try {
      return (await session.run(text, parameters)).records.map((record) => record.toObject() as T);
    } finally {
      await session.close();
      await graph.close();
    }
  };
  return {
    name: `${isGowalla ? 'Gowalla' : 'a generated crowd'}, ${snapshot.items.count.toLocaleString('en')} items, ${snapshot.users.count.toLocaleString('en')} users`,
    database,
    users: idsOf(snapshot.users),
    items: idsOf(snapshot.items),
    async missing(written) {
      const rows = written.map(([user, item, at]) => ({ user, item, at }));
      const [found] = await inGraph<{ readonly there: number }>(
        `UNWIND $rows AS row
         MATCH (:User {id: row.user})-[r:INTERACTED {type: 'bench', at: toInteger(row.at)}]->(:Item {id: row.item})
         RETURN count(r) AS there`,
        { rows },
      );
      return rows.length - found!.there;
    },
    async clean() {
      await inGraph(
        `MATCH (u:User)-[r:INTERACTED {type: 'bench'}]->()
         CALL (u, r) { SET u.changed = timestamp() DELETE r } IN TRANSACTIONS OF 5000 ROWS`,
        {},
      );
    },
  };
}

/** As many users and items as Gowalla has, at random, some items more often than others. */
async function crowd(home: string): Promise<string> {
  const path = join(home, 'crowd.csv');
  const stream = new RandomStream(2026, 'crowd');
  const out = createWriteStream(path);
  out.write('user,item\n');
  for (let user = 0; user < 30_000; user++) {
    const lines = Array.from({ length: 30 }, () => `u${user},i${Math.floor(40_000 * stream.uniform() ** 2)}\n`);
    out.write(lines.join(''));
  }
  await new Promise<void>((resolve) => out.end(resolve));
  return path;
}

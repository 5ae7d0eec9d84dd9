/**
 * The schema, by numbered files in `cypher/schema/`, each applied once and never changed after.
 *
 * Neo4j has no transaction that holds both a change of schema and a change of data. So a file's schema statements come first,
 * each on its own and harmless when repeated (`IF NOT EXISTS`), and then its data statements in one transaction together
 * with the record that the file is applied: cut off at any point, the next run repeats what is harmless and does the rest once.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRetriableError, type ManagedTransaction } from 'neo4j-driver';
import { sha256 } from '../durable.ts';
import { TastegraphError } from '../errors.ts';
import { packageRoot } from '../package.ts';
import { type Report, silent } from '../progress.ts';
import type { Graph } from './driver.ts';
import { statement } from './statements.ts';

export interface Migration {
  readonly version: number;
  readonly file: string;
  readonly checksum: string;
  readonly statements: readonly string[];
}

export const schemaFolder = join(packageRoot, 'cypher', 'schema');

/** Statements of a file: they end with a semicolon at the end of a line; comment lines fall away. */
export function splitStatements(text: string): readonly string[] {
  return text
    .replace(/^\s*\/\/.*$/gm, '')
    .split(/;[ \t]*(?:\r?\n|$)/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** The migrations of a folder in their order: `NNN-name.cypher`. */
export function readMigrations(folder = schemaFolder): readonly Migration[] {
  return readdirSync(folder)
    .filter((file) => /^\d{3}-[\w-]+\.cypher$/.test(file))
    .sort()
    .map((file) => {
      const text = readFileSync(join(folder, file), 'utf8');
      return { version: Number(file.slice(0, 3)), file, checksum: sha256(text), statements: splitStatements(text) };
    });
}

const changesSchema = (text: string): boolean =>
  /^(?:CREATE|DROP)\s+(?:(?:RANGE|TEXT|POINT|LOOKUP|FULLTEXT|VECTOR)\s+)?(?:INDEX|CONSTRAINT)\b/i.test(text);

/**
 * Applies what the database does not have yet, and resolves to the files applied. Safe to run again, and from several
 * processes at once. Errors: neo4j/migration-changed, neo4j/migration-newer, neo4j/query-failed.
 */
export async function migrate(
  graph: Graph,
  report: Report = silent,
  folder = schemaFolder,
): Promise<readonly string[]> {
  const migrations = readMigrations(folder);
  if ((await pending(graph, migrations)).length === 0) return [];
  for (const text of splitStatements(statement('server/migration-constraints'))) await changeSchema(graph, text);
  // Held by an open transaction, so that the server gives the lock back however its holder ends.
  const holder = graph.session({ mode: 'WRITE' });
  try {
    const lock = await holder.beginTransaction();
    await lock.run(statement('server/migration-lock'));
    const todo = await pending(graph, migrations);
    for (const [done, migration] of todo.entries()) {
      report({ phase: 'schema', done, total: todo.length, unit: 'migrations', note: migration.file });
      await apply(graph, migration);
    }
    report({ phase: 'schema', done: todo.length, total: todo.length, unit: 'migrations' });
    await lock.commit();
    return todo.map(({ file }) => file);
  } finally {
    await holder.close();
  }
}

/** Those of `migrations` that the database does not have; checks that it has no other and no changed one. */
async function pending(graph: Graph, migrations: readonly Migration[]): Promise<readonly Migration[]> {
  // In a write transaction though it only reads: in a cluster, only the leader is sure to know the newest.
  const { records } = await graph.write((tx) => tx.run(statement('server/migrations-applied')));
  const applied = new Map(records.map((row) => [row.get('version') as number, row.get('checksum') as string]));
  const known = new Map(migrations.map((migration) => [migration.version, migration]));
  for (const [version, checksum] of applied) {
    const migration = known.get(version);
    if (!migration) throw new TastegraphError('neo4j/migration-newer', { version });
    if (migration.checksum !== checksum) {
      const { file, checksum: now } = migration;
      throw new TastegraphError('neo4j/migration-changed', {
        file,
        applied: checksum.slice(0, 12),
        now: now.slice(0, 12),
      });
    }
  }
  return migrations.filter(({ version }) => !applied.has(version));
}

async function apply(graph: Graph, { version, file, checksum, statements }: Migration): Promise<void> {
  const schema = statements.filter(changesSchema);
  const data = statements.slice(schema.length);
  if (data.some(changesSchema)) {
    const problem = 'its schema statements must come before its data statements';
    throw new TastegraphError('neo4j/query-failed', { statement: `schema/${file}`, problem });
  }
  for (const text of schema) await changeSchema(graph, text);
  await graph.write(async (tx: ManagedTransaction) => {
    for (const text of data) await tx.run(text);
    await tx.run(statement('server/migration-record'), { version, name: file.slice(4, -'.cypher'.length), checksum });
  });
}

/** One schema statement. Where another process makes the same at the same moment, one of them is told so or to try again. */
export async function changeSchema(
  graph: Graph,
  text: string,
  parameters: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await graph.write((tx) => tx.run(text, parameters));
      return;
    } catch (thrown) {
      const cause = thrown instanceof TastegraphError ? thrown.cause : thrown;
      const code = (cause as { code?: string }).code ?? '';
      if (code === 'Neo.ClientError.Schema.EquivalentSchemaRuleAlreadyExists') return;
      if (attempt === 5 || !isRetriableError(cause as Error)) throw thrown;
    }
  }
}

/** Tenants: each a home and, where it has one, a database of its own. */
import { existsSync, realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { TastegraphError } from '../errors.ts';
import type { Graph } from '../graph/driver.ts';
import type { AccessOptions } from '../options.ts';
import type { GraphOptions } from './run.ts';

/** The server's own home, as errors call it. */
const own = "the server's own home";

/**
 * The options of each tenant: those of the server, with the tenant's home and database. One that names no database has the managed
 * one of its home, where there is one. Errors: tenant/shared.
 */
export function tenantOptions<O extends GraphOptions & Pick<AccessOptions, 'tenants'>>(
  options: O,
): ReadonlyMap<string, O> {
  const homes = new Map([[placeOf(options.home), own]]);
  return new Map(
    Object.entries(options.tenants).map(([name, { home, neo4jUri, neo4jDatabase }]) => {
      claim(homes, placeOf(home), name, 'a home');
      const uri = neo4jUri ?? (neo4jDatabase === undefined ? undefined : options.neo4jUri);
      const database = neo4jDatabase ?? 'neo4j';
      return [name, { ...options, home, neo4jUri: uri, neo4jDatabase: database, tenants: {} }];
    }),
  );
}

/** Refuses two that have one database, under whatever addresses. Errors: tenant/shared, neo4j/*. */
export async function checkApart(
  graph: Graph | undefined,
  tenants: ReadonlyMap<string, Graph | undefined>,
): Promise<void> {
  const databases = new Map<string, string>();
  if (graph) databases.set(await databaseId(graph), own);
  for (const [name, other] of tenants) if (other) claim(databases, await databaseId(other), name, 'a database');
}

function claim(taken: Map<string, string>, what: string, name: string, kind: string): void {
  const other = taken.get(what);
  if (other !== undefined) {
    throw new TastegraphError('tenant/shared', { name, other: other === own ? own : `'${other}'`, what: kind });
  }
  taken.set(what, name);
}

const placeOf = (home: string): string => (existsSync(home) ? realpathSync(home) : resolve(home));

async function databaseId(graph: Graph): Promise<string> {
  const { statement } = await import('../graph/statements.ts');
  const { records } = await graph.read((tx) => tx.run(statement('server/database-id')));
  return String(records[0]!.get('id'));
}

/** Tenants: each a home and, where it has one, a database of its own. */
import { existsSync, realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { TastegraphError } from '../errors.ts';
import type { Graph } from '../graph/driver.ts';
import type { AccessOptions, DeclaredExperiments, DeclaredPipelines } from '../options.ts';
import type { GraphOptions } from './run.ts';

/** The server's own home, as errors call it. */
const own = "the server's own home";

type Declared = AccessOptions['tenants'][string];

interface Lists {
  readonly pipelines?: DeclaredPipelines | undefined;
  readonly experiments?: DeclaredExperiments | undefined;
}
type Divided = GraphOptions & Lists & Pick<AccessOptions, 'tenants' | 'tenantPasswords'>;

/**
 * The options of each tenant: those of the server, with the tenant's home and database, its user there and its pipelines. One that
 * names no database has the managed one of its home, where there is one. Errors: tenant/shared, tenant/unknown, tenant/login.
 */
export function tenantOptions<O extends Divided>(options: O): ReadonlyMap<string, O & Lists> {
  const { tenants, tenantPasswords } = options;
  const homes = new Map([[placeOf(options.home), own]]);
  for (const name of Object.keys(tenantPasswords))
    if (!Object.hasOwn(tenants, name)) throw new TastegraphError('tenant/unknown', { name });
  return new Map(
    Object.entries(tenants).map(([name, declared]) => {
      const { home, neo4jUri, neo4jDatabase } = declared;
      claim(homes, placeOf(home), name, 'a home');
      const uri = neo4jUri ?? (neo4jDatabase === undefined ? undefined : options.neo4jUri);
      const password = Object.hasOwn(tenantPasswords, name) ? tenantPasswords[name] : undefined;
      return [
        name,
        {
          ...options,
          home,
          neo4jUri: uri,
          neo4jDatabase: neo4jDatabase ?? 'neo4j',
          ...loginOf(name, declared, password, uri),
          ...listsOf(declared),
          tenants: {},
          tenantPasswords: {},
        },
      ];
    }),
  );
}

/** A tenant's own user in Neo4j; nothing where it has the server's. */
function loginOf(
  name: string,
  { neo4jUsername }: Declared,
  neo4jPassword: string | undefined,
  uri: string | undefined,
): Partial<Pick<GraphOptions, 'neo4jUsername' | 'neo4jPassword'>> {
  if (neo4jUsername === undefined && neo4jPassword === undefined) return {};
  const refuse = (problem: string) => new TastegraphError('tenant/login', { name, problem });
  if (uri === undefined)
    throw refuse("it has the managed Neo4j of its home, which has a user of its own. Name its server by 'neo4jUri'");
  // With another's password a user of its own would only be refused later, and the server's would have been told to it.
  if (neo4jPassword === undefined)
    throw refuse('it has a user of its own and no password. Set it in TASTEGRAPH_TENANT_PASSWORDS, as JSON by name');
  return { ...(neo4jUsername !== undefined && { neo4jUsername }), neo4jPassword };
}

/** A tenant's own pipelines and experiments. Experiments of the server speak of the server's pipelines. */
const listsOf = ({ pipelines, experiments }: Declared): Lists => ({
  ...(pipelines && { pipelines, experiments }),
  ...(experiments && { experiments }),
});

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

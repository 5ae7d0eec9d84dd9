import neo4j, { type Driver, type ManagedTransaction, type Session } from 'neo4j-driver';
import { problemOf, TastegraphError } from '../errors.ts';

/** How to reach a Neo4j server. */
export interface Connection {
  readonly uri: string;
  readonly username: string;
  readonly password: string;
  readonly database: string;
}

/** One driver for the process over one database; a session is a unit of work. Always names the database. */
export interface Graph {
  readonly connection: Omit<Connection, 'password'>;
  /** Runs `work` in a read transaction, again from its start where a retry can help. */
  read<T>(work: (tx: ManagedTransaction) => Promise<T>): Promise<T>;
  /** Runs `work` in a write transaction, again from its start where a retry can help: it must be idempotent. */
  write<T>(work: (tx: ManagedTransaction) => Promise<T>): Promise<T>;
  /** A session for streaming results with a fetch size; the caller closes it. */
  session(options?: { readonly fetchSize?: number; readonly mode?: 'READ' | 'WRITE' }): Session;
  close(): Promise<void>;
}

/** Opens the driver and checks that the server answers. Errors: neo4j/unreachable, neo4j/refused. */
export async function openGraph(connection: Connection): Promise<Graph> {
  const { uri, username, password, database } = connection;
  let driver: Driver;
  try {
    driver = neo4j.driver(uri, neo4j.auth.basic(username, password), {
      disableLosslessIntegers: true,
      telemetryDisabled: true,
      maxConnectionPoolSize: 16,
      userAgent: 'tastegraph',
    });
    await driver.verifyConnectivity({ database });
  } catch (cause) {
    const code = (cause as { code?: string }).code ?? '';
    if (code.startsWith('Neo.ClientError.Security')) throw new TastegraphError('neo4j/refused', { uri, user: username }, cause);
    throw new TastegraphError('neo4j/unreachable', { uri, problem: problemOf(cause) }, cause);
  }
  const inSession = async <T>(mode: 'READ' | 'WRITE', use: (session: Session) => Promise<T>): Promise<T> => {
    const session = driver.session({ database, defaultAccessMode: mode });
    try {
      return await use(session);
    } finally {
      await session.close();
    }
  };
  return {
    connection: { uri, username, database },
    read: (work) => inSession('READ', (session) => session.executeRead(work)),
    write: (work) => inSession('WRITE', (session) => session.executeWrite(work)),
    session: ({ fetchSize = 1000, mode = 'READ' } = {}) =>
      driver.session({ database, fetchSize, defaultAccessMode: mode }),
    close: () => driver.close(),
  };
}

/** Neo4j's driver: one a process, over one database. */
import neo4j, { type Driver, type ManagedTransaction, Neo4jError, type Session } from 'neo4j-driver';
import { problemOf, TastegraphError } from '../errors.ts';
import { type GraphSchema, ownSchema } from './schema.ts';

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
  /** What its labels, relationship types and properties are called: for `statement`. */
  readonly schema: GraphSchema;
  /**
   * Runs `work` in a read transaction, again from its start where a retry can help. `purpose` names it in errors; the server
   * ends it after `timeoutMs`, where given.
   * Errors of this and of `write`: neo4j/unreachable, neo4j/refused, neo4j/query-failed, and whatever `work` throws itself.
   */
  read<T>(work: (tx: ManagedTransaction) => Promise<T>, purpose?: string, timeoutMs?: number): Promise<T>;
  /** Runs `work` in a write transaction, again from its start where a retry can help: it must be idempotent. */
  write<T>(work: (tx: ManagedTransaction) => Promise<T>, purpose?: string): Promise<T>;
  /** A session for streaming results with a fetch size; the caller closes it, and puts what it throws through `graphError`. */
  session(options?: {
    readonly fetchSize?: number;
    readonly mode?: 'READ' | 'WRITE';
    /** What it must see at least: those of a session before. */
    readonly bookmarks?: readonly string[];
  }): Session;
  /** When it last did what `read` or `write` asked of it, by `performance.now()`; it knows nothing of sessions. */
  answeredAt(): number;
  /** All that leads to the database, for a driver on another thread. Holds the password: for no message and no log. */
  credentials(): Connection;
  close(): Promise<void>;
}

/**
 * Longest wait for a server to take a connection, ms. A server far away answers within a second or two; the driver's own 30 s
 * would let a wrong address look like a hang.
 */
const connectionTimeout = 10_000;

/** A connection that has been idle for this long is tried before it is used, ms: clouds drop idle ones without a word. */
const livenessCheck = 60_000;

/** Opens the driver and checks that the server answers and takes the password. Errors: neo4j/unreachable, neo4j/refused. */
export async function openGraph(connection: Connection): Promise<Graph> {
  const { uri, username, password, database } = connection;
  const known = { uri: withoutCredentials(uri), username, database };
  let driver: Driver;
  try {
    driver = neo4j.driver(uri, neo4j.auth.basic(username, password), {
      disableLosslessIntegers: true,
      telemetryDisabled: true,
      maxConnectionPoolSize: 16,
      connectionTimeout,
      connectionLivenessCheckTimeout: livenessCheck,
      userAgent: 'tastegraph',
    });
  } catch (cause) {
    // An address that is none, such as one without a scheme.
    throw new TastegraphError('neo4j/unreachable', { uri: known.uri, problem: problemOf(cause) }, cause);
  }
  try {
    await driver.verifyConnectivity({ database });
  } catch (cause) {
    await driver.close();
    throw graphError(cause, known, 'of the connection');
  }
  let answeredAt = Number.NEGATIVE_INFINITY;
  const inSession = async <T>(
    mode: 'READ' | 'WRITE',
    purpose: string,
    use: (session: Session) => Promise<T>,
  ): Promise<T> => {
    const session = driver.session({ database, defaultAccessMode: mode });
    try {
      const answer = await despiteDeletions(() => use(session));
      answeredAt = performance.now();
      return answer;
    } catch (thrown) {
      throw graphError(thrown, known, purpose);
    } finally {
      await session.close();
    }
  };
  return {
    connection: known,
    schema: ownSchema,
    read: (work, purpose = 'that reads', timeoutMs) =>
      inSession('READ', purpose, (session) =>
        session.executeRead(work, timeoutMs === undefined ? {} : { timeout: timeoutMs }),
      ),
    write: (work, purpose = 'that writes') => inSession('WRITE', purpose, (session) => session.executeWrite(work)),
    session: ({ fetchSize = 1000, mode = 'READ', bookmarks = [] } = {}) =>
      driver.session({ database, fetchSize, defaultAccessMode: mode, bookmarks: [...bookmarks] }),
    answeredAt: () => answeredAt,
    credentials: () => connection,
    close: () => driver.close(),
  };
}

/** How often a transaction begins anew because of what others deleted. */
const mostDeletions = 5;

/**
 * A node that another transaction deletes while a statement reads it fails that statement. Nothing is wrong with it, and its own
 * transaction is undone: it begins anew, as it does by itself after what the driver knows to be passing.
 */
async function despiteDeletions<T>(transaction: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await transaction();
    } catch (cause) {
      const isDeleted = cause instanceof Neo4jError && cause.code === 'Neo.ClientError.Statement.EntityNotFound';
      if (!isDeleted || tries === mostDeletions) throw cause;
    }
  }
}

/** `neo4j://user:password@host` is not how one gives a password, but some will, and it must not come back in a message. */
function withoutCredentials(uri: string): string {
  return uri.replace(/\/\/[^/]*@/, '//');
}

/** Codes of statements that are wrong in themselves: their message speaks of the statement's text and of no value. */
const aboutTheText = /^Neo\.ClientError\.(?:Statement\.(?:SyntaxError|SemanticError|ParameterMissing)|Procedure\.)/;

/**
 * What the driver threw, as an error of our table; anything else comes back as it is. Where the server's message may quote
 * data ("already exists with property id = 'alice'"), its code alone is told; the whole is kept as the cause.
 */
export function graphError(
  thrown: unknown,
  { uri, username }: Pick<Connection, 'uri' | 'username'>,
  statementName: string,
): unknown {
  if (!(thrown instanceof Neo4jError)) return thrown;
  const { code } = thrown;
  if (code.startsWith('Neo.ClientError.Security.')) {
    return new TastegraphError('neo4j/refused', { uri: withoutCredentials(uri), user: username }, thrown);
  }
  const lost = code === 'ServiceUnavailable' || code === 'SessionExpired' || code === 'N/A';
  // A database that is missing or stopped is as far away as a server that is.
  if (lost || /DatabaseNotFound|DatabaseUnavailable/.test(code)) {
    const problem = withoutCredentials(problemOf(thrown));
    return new TastegraphError('neo4j/unreachable', { uri: withoutCredentials(uri), problem }, thrown);
  }
  const problem = aboutTheText.test(code) ? `${code}: ${problemOf(thrown)}` : code;
  return new TastegraphError('neo4j/query-failed', { statement: statementName, problem }, thrown);
}

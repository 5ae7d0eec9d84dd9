/** Some questions one after the other. */
import type { Graph } from './driver.ts';
import type { GraphSchema } from './schema.ts';
import { statement } from './statements.ts';

/** The rows of a statement in `cypher/read`, in the graph's own names where no others are given. */
export type Rows = <T>(name: string, parameters?: object, schema?: GraphSchema) => Promise<T[]>;

/**
 * In one session to whoever writes, whose clock the marks of changes are set by; `timeoutMs` for each. One attempt. Errors: those of the
 * driver.
 */
export async function asking<T>(graph: Graph, timeoutMs: number, read: (rows: Rows) => Promise<T>): Promise<T> {
  const session = graph.session({ mode: 'WRITE', fetchSize: 10_000 });
  const rows: Rows = async <R>(name: string, parameters = {}, schema = graph.schema) => {
    const text = statement(`read/${name}`, schema);
    const { records } = await session.run(text, parameters, { timeout: timeoutMs });
    return records.map((row) => row.toObject() as R);
  };
  try {
    return await read(rows);
  } finally {
    await session.close();
  }
}

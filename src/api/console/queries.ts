/** Questions of the catalogue (`/v1/admin/queries`), which answer in lines. */
import { ApiProblem, type Client } from '../../client.ts';

export interface Answer {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
  /** Whether there is more than was asked for. */
  readonly more: boolean;
}

interface Asking {
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly limit?: number;
  readonly signal?: AbortSignal;
}

type Line =
  | { columns: string[] }
  | { row: unknown[] }
  | { end: { more: boolean } }
  | { problem: { code: string; message: string; retryable: boolean } };

/** Asks one and takes in all of its rows. Throws `ApiProblem`, also where the rows broke off. */
export async function ask(api: Client, name: string, { signal, ...body }: Asking = {}): Promise<Answer> {
  let columns: readonly string[] = [];
  const rows: unknown[][] = [];
  const path = `/v1/admin/queries/${encodeURIComponent(name)}`;
  for await (const each of api.lines(path, { body, ...(signal && { signal }) })) {
    const line = each as Line;
    if ('columns' in line) columns = line.columns;
    else if ('row' in line) rows.push(line.row);
    else if ('end' in line) return { columns, rows, more: line.end.more };
    else throw new ApiProblem(500, { ...line.problem, detail: line.problem.message });
  }
  throw new ApiProblem(500, { detail: 'The rows broke off before their end', retryable: true });
}

/** The rows as objects by column; `T` is what the question says that it answers. */
export function recordsOf<T extends object>({ columns, rows }: Answer): readonly T[] {
  return rows.map((row) => Object.fromEntries(columns.map((name, place) => [name, row[place]])) as T);
}

/** Where a list goes on: the key of the last row, as text that callers hand back and do not look into. */
import { createHash } from 'node:crypto';
import { z } from '@hono/zod-openapi';
import { TastegraphError } from '../errors.ts';

export const cursor = z
  .string()
  .max(4096)
  .optional()
  .meta({ description: '`next` of the page before; nothing for the first page' });

/** A cursor is good for the list that gave it alone: its query, without limit and cursor, is part of it. */
const markOf = (list: unknown): string =>
  createHash('sha256').update(JSON.stringify(list)).digest('base64url').slice(0, 8);

/** The text of a key: of a list and its query. */
export function cursorOf(list: unknown, key: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify([markOf(list), ...key])).toString('base64url');
}

/** The key that a cursor holds; undefined without one. Errors: api/cursor. */
export function keyOf<T extends readonly [z.ZodType, ...z.ZodType[]]>(
  list: unknown,
  text: string | undefined,
  schema: T,
): z.output<z.ZodTuple<T>> | undefined {
  if (text === undefined) return undefined;
  try {
    const [mark, ...key] = z.array(z.unknown()).parse(JSON.parse(Buffer.from(text, 'base64url').toString()));
    if (mark === markOf(list)) return z.tuple(schema).parse(key) as z.output<z.ZodTuple<T>>;
  } catch {
    // Not ours: answered below.
  }
  throw new TastegraphError('api/cursor');
}

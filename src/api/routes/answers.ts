/** How answers are described in the OpenAPI document. */
import { STATUS_CODES } from 'node:http';
import type { z } from '@hono/zod-openapi';
import { problemSchema } from '../schemas.ts';

/** An answer in JSON. */
export function json<S extends z.ZodType>(description: string, schema: S) {
  return { description, content: { 'application/json': { schema } } };
}

/** The problems that a route can answer with, beside those of every route: 401, 413, 500, 503. */
export function problems(...statuses: readonly number[]) {
  const all = [...new Set([401, 500, 503, ...statuses])].sort();
  return Object.fromEntries(
    all.map((status) => [
      status,
      {
        description: STATUS_CODES[status] ?? '',
        content: { 'application/problem+json': { schema: problemSchema } },
      },
    ]),
  );
}

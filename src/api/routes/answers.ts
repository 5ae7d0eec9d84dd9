/** How answers are described in the OpenAPI document. */
import { STATUS_CODES } from 'node:http';
import type { z } from '@hono/zod-openapi';
import type { Recalled } from '../../serving/answerMemory.ts';
import type { AppContext } from '../context.ts';
import { problemSchema } from '../schemas.ts';

/** An answer in JSON. */
export function json<S extends z.ZodType>(description: string, schema: S) {
  return { description, content: { 'application/json': { schema } } };
}

/** A body in JSON, which must be there. */
export function body<S extends z.ZodType>(schema: S) {
  return { required: true, content: { 'application/json': { schema } } } as const;
}

/** The problems that a route can answer with, beside those of every route: 401, 403, 413, 429, 500, 503. */
export function problems(...statuses: readonly number[]) {
  const all = [...new Set([401, 403, 429, 500, 503, ...statuses])].sort();
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

/** Says whether an answer was made for this request, and when it was where not. */
export function sayWhence(c: AppContext, from: Recalled<unknown>['from'], ageMs: number): void {
  c.header('x-cache', from === 'made' ? 'miss' : from === 'kept' ? 'hit' : 'stale');
  if (from !== 'made') c.header('age', String(Math.floor(ageMs / 1000)));
}

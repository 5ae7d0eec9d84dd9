/** Conditions that a request would be done without: refused, since whoever sends one counts on it. */
import { createMiddleware } from 'hono/factory';
import { TastegraphError } from '../../errors.ts';
import type { AppEnv } from '../context.ts';

/** What changes one thing that has an ETag, looks at the condition in the transaction that changes it. */
const heeding =
  /^(PUT|PATCH) \/v1\/(users|items)\/[^/]+$|^DELETE \/v1\/items\/[^/]+$|^(PATCH|DELETE) \/v1\/features\/[^/]+\/[^/]+$/;

/** Errors: api/precondition-unheeded. */
export const preconditions = createMiddleware<AppEnv>(async (c, next) => {
  const { method, path } = c.req;
  const isConditional = c.req.header('if-match') !== undefined || c.req.header('if-none-match') !== undefined;
  const mayGoUnheeded = isConditional && !/^(GET|HEAD|OPTIONS)$/.test(method);
  if (mayGoUnheeded && !heeding.test(`${method} ${path}`)) throw new TastegraphError('api/precondition-unheeded');
  await next();
});

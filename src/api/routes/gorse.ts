/**
 * The REST API of Gorse (gorse.io, `server/rest.go`), so that programs written for it move by changing a URL. Its key comes as
 * `X-API-Key`, which is taken like a bearer token. Errors are problem+json here, plain text there.
 */
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { AppDependencies, AppEnv } from '../context.ts';
import { gorseFeedbackRoutes } from './gorse/feedback.ts';
import { gorseHealthRoutes } from './gorse/health.ts';
import { gorseListRoutes } from './gorse/lists.ts';
import { gorseNamedRoutes } from './gorse/named.ts';
import { gorseNodeRoutes } from './gorse/nodes.ts';

/** Gorse's paths end with a slash where a category may follow; its clients write it, or not. */
export const withoutSlash = (path: string): string => (/^\/api\/.*\/$/.test(path) ? path.slice(0, -1) : path);

export function gorseRoutes(app: OpenAPIHono<AppEnv>, deps: AppDependencies): void {
  gorseNodeRoutes(app, deps);
  gorseFeedbackRoutes(app, deps);
  gorseListRoutes(app, deps);
  gorseNamedRoutes(app, deps);
  gorseHealthRoutes(app, deps);
}

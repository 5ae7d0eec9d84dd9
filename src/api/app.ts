/** The API as one function from request to answer. It never listens: `server.ts` does, and tests call `app.request()`. */
import { OpenAPIHono } from '@hono/zod-openapi';
import { bodyLimit } from 'hono/body-limit';
import { requestId } from 'hono/request-id';
import { timeout } from 'hono/timeout';
import { TastegraphError } from '../errors.ts';
import { packageVersion } from '../package.ts';
import type { AppDependencies, AppEnv } from './context.ts';
import { auth } from './middleware/auth.ts';
import { headers } from './middleware/headers.ts';
import { observe } from './middleware/observe.ts';
import { invalidResponse, onError, problemResponse } from './problem.ts';
import { docsRoutes } from './routes/docs.ts';
import { interactionRoutes } from './routes/interactions.ts';
import { operationRoutes } from './routes/operations.ts';
import { recommendationRoutes } from './routes/recommendations.ts';

export type { AppDependencies } from './context.ts';

/** The application over what it stands on. */
export function createApp(deps: AppDependencies): OpenAPIHono<AppEnv> {
  const { maxBodyBytes, requestTimeoutMs, token } = deps.options;
  const app = new OpenAPIHono<AppEnv>({
    defaultHook: (result, c) => {
      if (!result.success) return invalidResponse(c, result.target, result.error.issues);
    },
  });
  const { registry, middleware } = observe(deps);

  app.use(requestId());
  app.use(middleware);
  app.use(headers());
  app.use(auth(token));
  app.use(
    bodyLimit({
      maxSize: maxBodyBytes,
      onError: (c) => problemResponse(c, new TastegraphError('api/too-large', { limit: maxBodyBytes })),
    }),
  );
  const late = new TastegraphError('api/timeout', { seconds: requestTimeoutMs / 1000 });
  app.use(timeout(requestTimeoutMs, () => late as never));

  recommendationRoutes(app, deps);
  interactionRoutes(app, deps);
  operationRoutes(app, deps, registry);
  docsRoutes(app);
  app.openAPIRegistry.registerComponent('securitySchemes', 'token', { type: 'http', scheme: 'bearer' });
  app.get('/openapi.json', (c) => c.json(openApiDocument(app)));

  app.notFound((c) => problemResponse(c, new TastegraphError('api/not-found', { path: c.req.path })));
  app.onError(onError(deps.log));
  return app;
}

/** The OpenAPI 3.1 document of the endpoints. */
export function openApiDocument(app: OpenAPIHono<AppEnv>) {
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Tastegraph',
      version: packageVersion,
      description: 'Recommendations from a graph, each with the part of the graph that explains it.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    // Relative: the page works behind a proxy that adds a prefix.
    servers: [{ url: './' }],
    security: [{ token: [] }],
  });
}

/** The API as one function from request to answer. It never listens: `server.ts` does, and tests call `app.request()`. */
import { OpenAPIHono } from '@hono/zod-openapi';
import { bodyLimit } from 'hono/body-limit';
import { every } from 'hono/combine';
import { cors } from 'hono/cors';
import { requestId } from 'hono/request-id';
import { getPath } from 'hono/utils/url';
import { createAccess } from '../access/access.ts';
import { TastegraphError } from '../errors.ts';
import { packageVersion } from '../package.ts';
import type { AppDependencies, AppEnv } from './context.ts';
import { announceChanges, announcer } from './middleware/announce.ts';
import { audit, auditStrangers } from './middleware/audit.ts';
import { authenticate, authorise } from './middleware/auth.ts';
import { codings } from './middleware/codings.ts';
import { deadline } from './middleware/deadline.ts';
import { refuseForeign } from './middleware/foreign.ts';
import { headers } from './middleware/headers.ts';
import { holdBack, holdBodies } from './middleware/holdBack.ts';
import { idempotency } from './middleware/idempotency.ts';
import { nesting } from './middleware/nesting.ts';
import { observe } from './middleware/observe.ts';
import { preconditions } from './middleware/preconditions.ts';
import { rateLimit } from './middleware/rateLimit.ts';
import { completed, tags } from './openapi/document.ts';
import { isUpload } from './patience.ts';
import { invalidResponse, onError, problemResponse } from './problem.ts';
import { accessRoutes } from './routes/access.ts';
import { adminRoutes } from './routes/admin.ts';
import { batchRoutes } from './routes/batch.ts';
import { bulkRoutes } from './routes/bulk.ts';
import { consoleRoutes } from './routes/console.ts';
import { docsRoutes } from './routes/docs.ts';
import { experimentRoutes } from './routes/experiments.ts';
import { explanationRoutes } from './routes/explanations.ts';
import { forgetRoutes } from './routes/forget.ts';
import { gorseRoutes, withoutSlash } from './routes/gorse.ts';
import { groupRoutes } from './routes/groups.ts';
import { interactionRoutes } from './routes/interactions.ts';
import { jobRoutes } from './routes/jobs.ts';
import { lineageRoutes } from './routes/lineage.ts';
import { mapRoutes } from './routes/maps.ts';
import { operationRoutes } from './routes/operations.ts';
import { pipelineRoutes } from './routes/pipelines.ts';
import { recommendationRoutes } from './routes/recommendations.ts';
import { removalRoutes } from './routes/removal.ts';
import { featureRoutes } from './routes/resources/features.ts';
import { interactionResourceRoutes } from './routes/resources/interactions.ts';
import { itemRoutes } from './routes/resources/items.ts';
import { userRoutes } from './routes/resources/users.ts';
import { ruleRoutes } from './routes/rules.ts';
import { runRoutes } from './routes/runs.ts';
import { searchRoutes } from './routes/search.ts';
import { sessionRoutes } from './routes/sessions.ts';
import { settingsRoutes } from './routes/settings.ts';
import { versionRoutes } from './routes/versions.ts';
import { needs, needsOf, securitySchemes } from './scope.ts';

export type { AppDependencies } from './context.ts';

/** Headers of an answer that a page of another origin may read too. */
const exposeHeaders = [
  'age',
  'etag',
  'link',
  'ratelimit',
  'ratelimit-policy',
  'retry-after',
  'x-cache',
  'x-request-id',
];

/** The application over what it stands on. */
export function createApp(deps: AppDependencies): OpenAPIHono<AppEnv> {
  const { maxBodyBytes, requestTimeoutMs, token, corsOrigins = [] } = deps.options;
  const { access = createAccess({ token }), buckets, audits, queue, tenant, log } = deps;
  const app = new OpenAPIHono<AppEnv>({
    getPath: (request) => withoutSlash(getPath(request)),
    defaultHook: (result, c) => {
      if (!result.success) return invalidResponse(c, result.target, result.error.issues);
    },
  });
  const { registry, middleware } = observe(deps);
  const { door, limit } = deadline(requestTimeoutMs);
  const routeNeeds = needsOf(app);

  app.use(door);
  app.use(requestId());
  app.use(middleware);
  app.use(headers());
  if (corsOrigins.length > 0) app.use(cors({ origin: corsOrigins, maxAge: 600, exposeHeaders }));
  if (audits) app.use(auditStrangers(audits, tenant, log));
  app.use(authenticate(access, routeNeeds));
  app.use(refuseForeign(corsOrigins));
  if (buckets) app.use(rateLimit(buckets));
  if (audits) app.use(audit(audits, tenant, log));
  app.use(authorise(tenant, routeNeeds));
  app.use(limit);
  const limited = bodyLimit({
    maxSize: maxBodyBytes,
    onError: (c) => problemResponse(c, new TastegraphError('api/too-large', { limit: maxBodyBytes })),
  });
  const bounded = every(...(queue ? [holdBodies(queue, maxBodyBytes)] : []), limited, nesting());
  app.use(codings);
  // To look for a body costs as much as all the rest of a request that has none; lines are read one by one.
  app.use((c, next) => {
    if (/^(GET|HEAD)$/.test(c.req.method) || isUpload(c.req.path)) return next();
    c.set('arriving', true); // until `nesting` has it
    return bounded(c, next);
  });
  // A place is for a request that has come whole.
  if (queue) app.use(holdBack(queue));

  app.use(preconditions);
  const announce = announcer(deps);
  app.use(announceChanges(announce));
  app.use(idempotency(deps));

  recommendationRoutes(app, deps);
  explanationRoutes(app, deps);
  pipelineRoutes(app, deps);
  experimentRoutes(app, deps);
  sessionRoutes(app, deps);
  groupRoutes(app, deps);
  batchRoutes(app, deps);
  interactionRoutes(app, deps);
  removalRoutes(app, deps);
  userRoutes(app, deps);
  itemRoutes(app, deps);
  featureRoutes(app, deps);
  bulkRoutes(app, deps, announce);
  interactionResourceRoutes(app, deps);
  gorseRoutes(app, deps);
  searchRoutes(app, deps);
  versionRoutes(app, deps);
  lineageRoutes(app, deps);
  mapRoutes(app, deps);
  forgetRoutes(app, deps);
  operationRoutes(app, deps, registry);
  adminRoutes(app, deps);
  ruleRoutes(app, deps);
  runRoutes(app, deps);
  jobRoutes(app, deps);
  accessRoutes(app, deps);
  settingsRoutes(app, deps);
  docsRoutes(app);
  consoleRoutes(app);
  for (const [name, scheme] of Object.entries(securitySchemes))
    app.openAPIRegistry.registerComponent('securitySchemes', name, scheme);
  let document: object | undefined; // made when it is first asked for
  app.get('/openapi.json', (c) => {
    document ??= openApiDocument(app);
    return c.json(document);
  });

  app.notFound((c) => problemResponse(c, new TastegraphError('api/not-found', { path: c.req.path })));
  app.onError(onError(log));
  return app;
}

/** The OpenAPI 3.1 document of the endpoints. */
export function openApiDocument(app: OpenAPIHono<AppEnv>) {
  return completed(
    app.getOpenAPI31Document({
      openapi: '3.1.0',
      info: {
        title: 'Tastegraph',
        version: packageVersion,
        description: 'Recommendations from a graph, each with the part of the graph that explains it.',
        license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
      },
      // Relative: the page works behind a proxy that adds a prefix.
      servers: [{ url: '.' }],
      tags,
      ...needs('admin'),
    }),
  );
}

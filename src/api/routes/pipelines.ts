/** The declared pipelines, and where one lost an item. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { listPipelines, whyNotFor } from '../../pipeline/pipelines.ts';
import type { AppDependencies, AppEnv } from '../context.ts';
import { pipelinesSchema, whyNotSchema } from '../pipelineSchemas.ts';
import { itemId, limit, named, pipeline, userId } from '../schemas.ts';
import { needs } from '../scope.ts';
import { json, problems } from './answers.ts';

export const list = createRoute({
  ...needs('read'),
  method: 'get',
  path: '/v1/pipelines',
  tags: ['Recommend'],
  summary: 'The pipelines that can make a list, stage by stage',
  responses: { 200: json("By name, 'default' first", pipelinesSchema), ...problems() },
});

export const whyNot = createRoute({
  ...needs('read'),
  method: 'get',
  path: '/v1/users/{id}/recommendations/{item}/why-not',
  tags: ['Recommend'],
  summary: 'Why an item is not recommended: where in the pipeline it was lost',
  description:
    'Makes the list as a request would and follows the item through it. The sources that have it are said with its place there, also behind the last place that they may bring.',
  request: { params: z.object({ id: userId, item: itemId }), query: z.object({ limit, pipeline, version: named }) },
  responses: { 200: json('Where it was lost, or its place', whyNotSchema), ...problems(404, 422) },
});

export function pipelineRoutes(app: OpenAPIHono<AppEnv>, deps: AppDependencies): void {
  app.openapi(list, (c) => c.json({ pipelines: listPipelines(deps) }, 200));

  app.openapi(whyNot, async (c) => {
    const { id: user, item } = c.req.valid('param');
    return c.json(await whyNotFor(deps, user, item, c.req.valid('query')), 200);
  });
}

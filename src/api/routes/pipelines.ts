/** The declared pipelines, and where one lost an item. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { option } from '../../options.ts';
import { listPipelines } from '../../pipeline/pipelines.ts';
import { pipelineWarnings } from '../../pipeline/pipelineWarnings.ts';
import { ruleRequest } from '../../pipeline/rules.ts';
import { whyNotFor } from '../../pipeline/whyNot.ts';
import type { AppDependencies, AppEnv } from '../context.ts';
import { requireScope } from '../middleware/auth.ts';
import { pipelinesSchema, whyNotSchema } from '../pipelineSchemas.ts';
import { arm, experiment, filter, itemId, limit, named, pipeline, rules, userId } from '../schemas.ts';
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
    'Makes the list as a request with the same options would and follows the item through it. The sources that have it are said with its place there, also behind the last place that they may bring. Nothing is noted as shown.',
  request: {
    params: z.object({ id: userId, item: itemId }),
    query: z.strictObject({ limit, rules, filter, pipeline, experiment, arm, version: named }),
  },
  responses: { 200: json('Where it was lost, or its place', whyNotSchema), ...problems(404, 422, 503) },
});

export function pipelineRoutes(app: OpenAPIHono<AppEnv>, deps: AppDependencies): void {
  const ruleTimeoutMs = deps.options.ruleTimeoutMs ?? option.ruleTimeoutMs.parse(undefined);
  app.openapi(list, async (c) => {
    const warnings = await pipelineWarnings(deps);
    return c.json({ pipelines: listPipelines(deps), warnings }, 200);
  });

  app.openapi(whyNot, async (c) => {
    const { id: user, item } = c.req.valid('param');
    const { rules: named = [], ...asked } = c.req.valid('query');
    if (asked.arm !== undefined) requireScope(c, 'admin');
    const how = { ...asked, rules: await ruleRequest(named, ruleTimeoutMs) };
    return c.json(await whyNotFor(deps, user, item, how), 200);
  });
}

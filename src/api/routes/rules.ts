/** Rules that requests use by name. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { ruleKinds } from '../../graph/rules/rule.ts';
import { optionGroups } from '../../options.ts';
import { addRule, listRules, removeRule, showRule, tryRule } from '../../pipeline/rules.ts';
import type { AppDependencies, AppEnv } from '../context.ts';
import { userId } from '../schemas.ts';
import { needs } from '../scope.ts';
import { parameterSchema, requireFreeCypher } from './admin.ts';
import { json, problems } from './answers.ts';
import { inGraph } from './inGraph.ts';

const name = z.string().max(64).meta({ description: 'Name of a rule' });
const kind = z.enum(ruleKinds);
const at = z.number().meta({ description: 'ms since 1970' });
const about = { name: z.string(), version: z.number().int(), kind, cypher: z.string(), purpose: z.string(), at };
const ruleSchema = z.object({ ...about, parameters: z.array(parameterSchema).readonly() }).openapi('Rule');
const versionSchema = z.object({ ...about, removed: z.number().nullable() });
const checkedSchema = z
  .object({
    user: z.string().optional().meta({ description: 'Whom it was tried with' }),
    answered: z
      .array(z.object({ item: z.string(), score: z.number().optional(), reason: z.string().optional() }))
      .readonly(),
    ms: z.number().meta({ description: 'Time of the answer' }),
    plannedRows: z.number().meta({ description: 'Rows that the planner expects' }),
  })
  .openapi('CheckedRule');
const tags = ['Administer'];
const params = z.object({ name });

export const list = createRoute({
  ...needs('admin'),
  method: 'get',
  path: '/v1/admin/rules',
  tags,
  summary: 'The rules in use',
  responses: { 200: json('By name', z.object({ rules: z.array(ruleSchema).readonly() })), ...problems() },
});
export const show = createRoute({
  ...needs('admin'),
  method: 'get',
  path: '/v1/admin/rules/{name}',
  tags,
  summary: 'Every version of a rule, newest first',
  request: { params },
  responses: { 200: json('Versions', z.object({ versions: z.array(versionSchema).readonly() })), ...problems(404) },
});
export const add = createRoute({
  ...needs('admin'),
  method: 'post',
  path: '/v1/admin/rules',
  tags,
  summary: 'Register a rule, or its next version',
  description:
    'The Cypher only reads, takes $user and $items and what its comment declares, and answers `item` and, where it likes, `score` and `reason`. It is planned and tried before it is accepted. Only where the server knows who asks and was started with `--free-cypher`.',
  request: {
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z.strictObject({ name, kind, cypher: z.string().min(1).max(20_000), user: userId.optional() }),
        },
      },
    },
  },
  responses: {
    200: json('Registered', z.object({ rule: ruleSchema, checked: checkedSchema })),
    ...problems(403, 413, 415, 422),
  },
});
export const test = createRoute({
  ...needs('admin'),
  method: 'post',
  path: '/v1/admin/rules/{name}/test',
  tags,
  summary: 'What a rule answers for a user, over a few items',
  request: {
    params,
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z.strictObject({
            user: userId.optional(),
            parameters: z.record(z.string(), z.unknown()).default({}),
          }),
        },
      },
    },
  },
  responses: { 200: json('Its answer', checkedSchema), ...problems(404, 413, 415, 422) },
});
export const remove = createRoute({
  ...needs('admin'),
  method: 'delete',
  path: '/v1/admin/rules/{name}',
  tags,
  summary: 'Take a rule out of use; its versions stay',
  description: 'Only where the server knows who asks and was started with `--free-cypher`.',
  request: { params },
  responses: { 200: json('Removed', z.object({ removed: z.string() })), ...problems(403, 404) },
});

export function ruleRoutes(app: OpenAPIHono<AppEnv>, deps: AppDependencies): void {
  const { freeCypher = false, ...given } = deps.options;
  const limits = optionGroups.administering.parse({
    freeCypher,
    ruleTimeoutMs: given.ruleTimeoutMs,
    maxRuleRows: given.maxRuleRows,
    freeCypherMemoryMb: given.freeCypherMemoryMb,
  });

  app.openapi(list, async (c) => c.json({ rules: await inGraph(deps, listRules) }, 200));
  app.openapi(show, async (c) => {
    const { name } = c.req.valid('param');
    return c.json({ versions: await inGraph(deps, (graph) => showRule(graph, name)) }, 200);
  });

  app.openapi(add, async (c) => {
    requireFreeCypher(c, deps);
    const { user = null, ...draft } = c.req.valid('json');
    return c.json(await inGraph(deps, (graph) => addRule(graph, draft, limits, user)), 200);
  });

  app.openapi(test, async (c) => {
    const { user = null, parameters } = c.req.valid('json');
    const { name } = c.req.valid('param');
    const trial = { user, given: parameters };
    return c.json(await inGraph(deps, (graph) => tryRule(graph, name, limits, trial)), 200);
  });

  app.openapi(remove, async (c) => {
    requireFreeCypher(c, deps);
    const { name: removed } = c.req.valid('param');
    await inGraph(deps, (graph) => removeRule(graph, removed));
    return c.json({ removed }, 200);
  });
}

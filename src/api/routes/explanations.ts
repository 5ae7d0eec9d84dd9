/** Explanations to be drawn and asked further: a small graph, what is around a node of it, and what would be otherwise. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import {
  connectionFor,
  contrastFor,
  counterfactualFor,
  expandExplanation,
  explanationGraphFor,
  whatIfFor,
  whatWouldChangeFor,
} from '../../pipeline/explaining.ts';
import type { AppDependencies, AppEnv } from '../context.ts';
import {
  changeSchema,
  connectionAskedSchema,
  connectionSchema,
  contrastSchema,
  counterfactualSchema,
  explanationGraphSchema,
  nodeId,
  nodeLimit,
  whatIfAskedSchema,
  whatIfSchema,
} from '../explanationSchemas.ts';
import { spokenIn } from '../locale.ts';
import { itemId, limit, locale, userId } from '../schemas.ts';
import { needs } from '../scope.ts';
import { body, json, problems } from './answers.ts';

export const graph = createRoute({
  ...needs('read'),
  method: 'get',
  path: '/v1/users/{id}/recommendations/{item}/explanation/graph',
  tags: ['Explain'],
  summary: 'Why an item, as a small graph: the interactions that carry its score, and the ways that the graph knows',
  description:
    'Edges say what they are of: a part of the score, or evidence. People are groups with a number, or "a few"; who they are is in no answer. `cypher` shows the same in Neo4j Browser to those who may read the database.',
  request: { params: z.object({ id: userId, item: itemId }), query: z.strictObject({ limit: nodeLimit, locale }) },
  responses: { 200: json('Nodes and edges', explanationGraphSchema), ...problems(404, 422) },
});

export const expand = createRoute({
  ...needs('read'),
  method: 'get',
  path: '/v1/users/{id}/recommendations/{item}/explanation/graph/expand',
  tags: ['Explain'],
  summary: "What lies around one node of an explanation's graph",
  description:
    'Of the user what she did, newest first; of an item its features and who chose it; of a feature its items; of a group what else enough of it chose. Nodes that were there already may be among them.',
  request: {
    params: z.object({ id: userId, item: itemId }),
    query: z.strictObject({ node: nodeId, limit: nodeLimit, locale }),
  },
  responses: { 200: json('More nodes and edges', explanationGraphSchema), ...problems(404, 422) },
});

export const whatIf = createRoute({
  ...needs('read'),
  method: 'post',
  path: '/v1/users/{id}/recommendations/what-if',
  tags: ['Explain'],
  summary: "The version's own ranking, had the user not done some things, or others too",
  description:
    'Nothing is written. Her taste is made anew of the changed interactions, with the degree and normalisation that she then has, and the weights of the version stay as they are.',
  request: { params: z.object({ id: userId }), body: body(whatIfAskedSchema) },
  responses: {
    200: json('Items, best first, each with its place now and then', whatIfSchema),
    ...problems(404, 409, 413, 415, 422),
  },
});

export const counterfactual = createRoute({
  ...needs('read'),
  method: 'get',
  path: '/v1/users/{id}/recommendations/{item}/explanation/counterfactual',
  tags: ['Explain'],
  summary:
    "The fewest of the user's interactions without which an item is not among her first ones, and what comes instead",
  description:
    'Each set is checked by making the list anew with the weights as they are. Whether it holds after a training, `tastegraph explain --counterfactual --retrain` says.',
  request: { params: z.object({ id: userId, item: itemId }), query: z.strictObject({ limit, locale }) },
  responses: {
    200: json('The interactions, or that none were found', counterfactualSchema),
    ...problems(404, 409, 422),
  },
});

export const contrast = createRoute({
  ...needs('read'),
  method: 'get',
  path: '/v1/users/{id}/recommendations/{item}/explanation/contrast',
  tags: ['Explain'],
  summary: 'Why one item is above another: the difference of their scores, interaction by interaction',
  request: { params: z.object({ id: userId, item: itemId }), query: z.strictObject({ with: itemId, locale }) },
  responses: { 200: json('The difference and its parts', contrastSchema), ...problems(404, 409, 422) },
});

export const whatWouldChange = createRoute({
  ...needs('read'),
  method: 'get',
  path: '/v1/users/{id}/recommendations/{item}/explanation/what-would-change',
  tags: ['Explain'],
  summary: 'Which one thing more to like for an item to rise most',
  request: { params: z.object({ id: userId, item: itemId }), query: z.strictObject({ limit, locale }) },
  responses: { 200: json('Items, the most helpful first', changeSchema), ...problems(404, 409, 422) },
});

export const connection = createRoute({
  ...needs('read'),
  method: 'post',
  path: '/v1/users/{id}/recommendations/connection',
  tags: ['Explain'],
  summary: 'What connects some items for a user: a small tree over her, the items, and what lies between',
  description: 'Nothing is written.',
  request: { params: z.object({ id: userId }), query: z.strictObject({ locale }), body: body(connectionAskedSchema) },
  responses: {
    200: json('The tree, and what the items have in common', connectionSchema),
    ...problems(404, 413, 415, 422),
  },
});

export function explanationRoutes(app: OpenAPIHono<AppEnv>, deps: AppDependencies): void {
  app.openapi(graph, async (c) => {
    const { id, item } = c.req.valid('param');
    return c.json(await explanationGraphFor(deps, id, item, spokenIn(c, c.req.valid('query'))), 200);
  });

  app.openapi(expand, async (c) => {
    const { id, item } = c.req.valid('param');
    return c.json(await expandExplanation(deps, id, item, spokenIn(c, c.req.valid('query'))), 200);
  });

  app.openapi(whatIf, async (c) => c.json(await whatIfFor(deps, c.req.valid('param').id, c.req.valid('json')), 200));

  app.openapi(counterfactual, async (c) => {
    const { id, item } = c.req.valid('param');
    return c.json(await counterfactualFor(deps, id, item, spokenIn(c, c.req.valid('query'))), 200);
  });

  app.openapi(contrast, async (c) => {
    const { id, item } = c.req.valid('param');
    const { with: other, ...how } = c.req.valid('query');
    return c.json(await contrastFor(deps, id, [item, other], spokenIn(c, how)), 200);
  });

  app.openapi(whatWouldChange, async (c) => {
    const { id, item } = c.req.valid('param');
    return c.json(await whatWouldChangeFor(deps, id, item, spokenIn(c, c.req.valid('query'))), 200);
  });

  app.openapi(connection, async (c) => {
    const { items } = c.req.valid('json');
    return c.json(await connectionFor(deps, c.req.valid('param').id, items, spokenIn(c, c.req.valid('query'))), 200);
  });
}

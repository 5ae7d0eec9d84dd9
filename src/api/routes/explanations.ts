/** Explanations to be drawn and asked further: a small graph, what is around a node of it, and what would be otherwise. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { expandExplanation, explanationGraphFor, whatIfFor } from '../../pipeline/explaining.ts';
import type { AppDependencies, AppEnv } from '../context.ts';
import { explanationGraphSchema, nodeId, nodeLimit, whatIfAskedSchema, whatIfSchema } from '../explanationSchemas.ts';
import { itemId, userId } from '../schemas.ts';
import { needs } from '../scope.ts';
import { body, json, problems } from './answers.ts';

const graph = createRoute({
  ...needs('read'),
  method: 'get',
  path: '/v1/users/{id}/recommendations/{item}/explanation/graph',
  tags: ['Explain'],
  summary: 'Why an item, as a small graph: the interactions that carry its score, and the ways that the graph knows',
  description:
    'Edges say what they are of: a part of the score, or evidence. People are groups with a number, or "a few"; who they are is in no answer. `cypher` shows the same in Neo4j Browser to those who may read the database.',
  request: { params: z.object({ id: userId, item: itemId }), query: z.object({ limit: nodeLimit }) },
  responses: { 200: json('Nodes and edges', explanationGraphSchema), ...problems(404, 422) },
});

const expand = createRoute({
  ...needs('read'),
  method: 'get',
  path: '/v1/users/{id}/recommendations/{item}/explanation/graph/expand',
  tags: ['Explain'],
  summary: "What lies around one node of an explanation's graph",
  description:
    'Of the user what she did, newest first; of an item its features and who chose it; of a feature its items; of a group what else enough of it chose. Nodes that were there already may be among them.',
  request: {
    params: z.object({ id: userId, item: itemId }),
    query: z.object({ node: nodeId, limit: nodeLimit }),
  },
  responses: { 200: json('More nodes and edges', explanationGraphSchema), ...problems(404, 422) },
});

const whatIf = createRoute({
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

export function explanationRoutes(app: OpenAPIHono<AppEnv>, deps: AppDependencies): void {
  app.openapi(graph, async (c) => {
    const { id, item } = c.req.valid('param');
    return c.json(await explanationGraphFor(deps, id, item, c.req.valid('query')), 200);
  });

  app.openapi(expand, async (c) => {
    const { id, item } = c.req.valid('param');
    return c.json(await expandExplanation(deps, id, item, c.req.valid('query')), 200);
  });

  app.openapi(whatIf, async (c) => c.json(await whatIfFor(deps, c.req.valid('param').id, c.req.valid('json')), 200));
}

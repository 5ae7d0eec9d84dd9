/** What users do, as it happens. */
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { writeInteractions } from '../../graph/interactions.ts';
import type { AppDependencies, AppEnv } from '../context.ts';
import { acceptedSchema, postedSchema } from '../schemas.ts';
import { needs } from '../scope.ts';
import { json, problems } from './answers.ts';
import { inGraph, usersOf } from './inGraph.ts';

export const postInteractions = createRoute({
  ...needs('write'),
  method: 'post',
  path: '/v1/interactions',
  tags: ['Interactions'],
  summary: 'Add a batch of interactions',
  description:
    'What is acknowledged is committed in Neo4j, all of the batch or nothing. There is one interaction per user, item, type and time: sending a batch again changes nothing, so a request whose answer was lost can be repeated. Unknown users and items are created; they take part from the next training on. The items are left out of the next recommendations of these users.',
  request: { body: { required: true, content: { 'application/json': { schema: postedSchema } } } },
  responses: { 200: json('Committed', acceptedSchema), ...problems(413, 415, 422) },
});

export function interactionRoutes(app: OpenAPIHono<AppEnv>, deps: AppDependencies): void {
  app.openapi(postInteractions, async (c) => {
    const now = c.get('since') ?? Date.now();
    const posted = c.req.valid('json').interactions;
    const interactions = posted.map(({ user, item, type, value, at = now }) => ({ user, item, type, value, at }));
    c.set('changed', { users: usersOf(interactions) });
    const created = await inGraph(deps, (graph) => writeInteractions(graph, interactions));
    return c.json({ accepted: interactions.length, created }, 200);
  });
}

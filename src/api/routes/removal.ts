/** Taking back what was posted. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { TastegraphError } from '../../errors.ts';
import { removeInteractions, removeItem } from '../../pipeline/current.ts';
import type { AppDependencies, AppEnv } from '../context.ts';
import { ifMatch, matchOf } from '../etag.ts';
import { batchOf, itemId, moment, userId } from '../schemas.ts';
import { needs } from '../scope.ts';
import { json, problems } from './answers.ts';
import { inGraph, usersOf } from './inGraph.ts';

const removedSchema = z
  .object({
    removed: z.number().int().meta({ description: 'Interactions that were there and are not any more' }),
  })
  .openapi('Removed');

const chosenSchema = z
  .strictObject({
    interactions: batchOf(
      z.strictObject({
        user: userId,
        item: itemId,
        type: z.string().min(1).max(64).optional().meta({ description: 'All types where absent' }),
        at: moment.optional().meta({ description: 'All times where absent' }),
      }),
    ),
  })
  .openapi('ChosenInteractions');

export const removeInteractionsRoute = createRoute({
  ...needs('write'),
  method: 'delete',
  path: '/v1/interactions',
  tags: ['Interactions'],
  summary: 'Remove a batch of interactions',
  description:
    'All of the batch or nothing. What is not there is passed over, so a request whose answer was lost can be repeated. The next snapshot, and what is trained on it, is without them.',
  request: { body: { required: true, content: { 'application/json': { schema: chosenSchema } } } },
  responses: { 200: json('Committed', removedSchema), ...problems(413, 415, 422) },
});

export const removeItemRoute = createRoute({
  ...needs('write'),
  method: 'delete',
  path: '/v1/items/{id}',
  tags: ['Interactions'],
  summary: 'Remove an item and all interactions with it',
  description:
    'No list has it from then on, also of versions that are published already; the next snapshot, and what is trained on it, is without it. An item that is only not to be had for a while is better made unavailable.',
  request: { params: z.object({ id: itemId }), headers: ifMatch },
  responses: { 200: json('Committed', removedSchema), ...problems(404, 412, 422) },
});

export function removalRoutes(app: OpenAPIHono<AppEnv>, deps: AppDependencies): void {
  app.openapi(removeInteractionsRoute, async (c) => {
    const chosen = c.req.valid('json').interactions;
    c.set('changed', { users: usersOf(chosen) });
    return c.json({ removed: await inGraph(deps, (graph) => removeInteractions(graph, chosen)) }, 200);
  });

  app.openapi(removeItemRoute, async (c) => {
    const { id } = c.req.valid('param');
    const removed = await inGraph(deps, (graph) => removeItem(graph, id, matchOf(c)));
    if (removed === undefined) throw new TastegraphError('item/not-in-graph', { item: id });
    return c.json({ removed }, 200);
  });
}

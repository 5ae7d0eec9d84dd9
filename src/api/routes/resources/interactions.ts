/** Interactions in pages, and their values; adding and removing them is in `../interactions.ts` and `../removal.ts`. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { changeValues, pageOfInteractions } from '../../../pipeline/resources.ts';
import type { AppDependencies, AppEnv } from '../../context.ts';
import { cursor, cursorOf, keyOf } from '../../cursor.ts';
import { ifNoneMatch, isUnchanged, notModified } from '../../etag.ts';
import { interactionResource, next, valuesBatch } from '../../resourceSchemas.ts';
import { itemId, limit, userId } from '../../schemas.ts';
import { needs } from '../../scope.ts';
import { body, json, problems } from '../answers.ts';
import { inGraph, usersOf } from '../inGraph.ts';

const tags = ['Interactions'];
const choice = {
  user: userId.optional(),
  item: itemId.optional(),
  type: z.string().min(1).max(64).optional().meta({ description: 'All types where absent' }),
};
const order = z
  .enum(['oldest', 'newest'])
  .default('oldest')
  .meta({ description: "'newest' goes with a user or an item" });

export const listInteractions = createRoute({
  ...needs('read'),
  method: 'get',
  path: '/v1/interactions',
  tags,
  summary: 'Interactions in pages: all, of a user, with an item, of a type',
  description:
    'Of a user by time; with an item by user and time; all by user and time. Of a user or an item also newest first.',
  request: {
    query: z
      .object({ limit, cursor, ...choice, order })
      .refine(({ user, item, order }) => order === 'oldest' || user !== undefined || item !== undefined, {
        path: ['order'],
        message: 'newest first goes with a user or an item alone',
      }),
    headers: ifNoneMatch,
  },
  responses: {
    200: json('A page', z.object({ interactions: z.array(interactionResource), next }).openapi('InteractionPage')),
    ...notModified,
    ...problems(409, 422),
  },
});

export const patchInteractions = createRoute({
  ...needs('write'),
  method: 'patch',
  path: '/v1/interactions',
  tags,
  summary: 'Give interactions that are there another value',
  description: 'All of the batch or nothing; what is not there is passed over.',
  request: { body: body(valuesBatch) },
  responses: {
    200: json('Committed', z.object({ changed: z.number().int() }).openapi('ChangedInteractions')),
    ...problems(409, 413, 415, 422),
  },
});

export function interactionResourceRoutes(app: OpenAPIHono<AppEnv>, deps: AppDependencies): void {
  app.openapi(listInteractions, async (c) => {
    const { limit, cursor, ...choice } = c.req.valid('query');
    const list = ['interactions', choice.user, choice.item, choice.type, choice.order];
    const key = keyOf(list, cursor, [z.string(), z.string(), z.string(), z.number()]);
    const after = key && { user: key[0], item: key[1], type: key[2], at: key[3] };
    const interactions = await inGraph(deps, (graph) => pageOfInteractions(graph, choice, after, limit));
    const last = interactions.length === limit ? interactions.at(-1) : undefined;
    const next = last && cursorOf(list, [last.user, last.item, last.type, last.at]);
    const answer = { interactions, ...(next && { next }) };
    return isUnchanged(c, answer) ? c.body(null, 304) : c.json(answer, 200);
  });

  app.openapi(patchInteractions, async (c) => {
    const { interactions } = c.req.valid('json');
    c.set('changed', { users: usersOf(interactions) });
    return c.json({ changed: await inGraph(deps, (graph) => changeValues(graph, interactions)) }, 200);
  });
}

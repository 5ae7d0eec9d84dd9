/** What to recommend to several users at once. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { option } from '../../options.ts';
import { recommendForGroup } from '../../pipeline/groups.ts';
import type { AppDependencies, AppEnv } from '../context.ts';
import { fallback, foldedIn, graphState, stale, userId, version } from '../schemas.ts';
import { needs } from '../scope.ts';
import { json, problems } from './answers.ts';

/** Most users of one group. */
const mostUsers = 50;

const groupSchema = z
  .strictObject({
    users: z.array(userId).min(1).max(mostUsers),
    limit: option.limit,
    aggregate: option.aggregate,
    fairness: option.fairness,
  })
  .openapi('Group', { example: { users: ['1', '2', '3'], aggregate: 'least-misery', limit: 10 } });

const rating = z.number().min(0).max(1);

const groupAnswerSchema = z
  .object({
    version,
    aggregate: option.aggregate,
    graph: graphState,
    stale,
    members: z.array(
      z.object({
        user: z.string(),
        satisfaction: rating.meta({
          description:
            'What the list is worth to the member beside the best one of that length that she could have had',
        }),
        fallback,
        foldedIn,
      }),
    ),
    items: z.array(
      z.object({
        item: z.string(),
        title: z.string(),
        score: rating.meta({
          description:
            'What the list is ordered by: mean, least or greatest of the ratings; the mean under fairness, whose order is that of choosing',
        }),
        ratings: z.array(rating).meta({ description: 'What the item is worth to each member, in their order' }),
      }),
    ),
  })
  .openapi('GroupRecommendations');

export const recommendations = createRoute({
  ...needs('read'),
  method: 'post',
  path: '/v1/groups/recommendations',
  tags: ['Recommend'],
  summary: 'One list for several users, and how satisfied each is with it',
  description:
    "Leaves out what any of them has done. Each member's scores become ratings of 0 to 1 among the best items of all members. `average`, `least-misery` and `most-pleasure` go by the mean, the least and the greatest rating (Masthoff); `fairness` adds the item that makes the list best by the members' mean and evenness (Xiao et al., RecSys 2017).",
  request: { body: { required: true, content: { 'application/json': { schema: groupSchema } } } },
  responses: { 200: json('Items, best first', groupAnswerSchema), ...problems(413, 415, 422) },
});

export function groupRoutes(app: OpenAPIHono<AppEnv>, deps: AppDependencies): void {
  app.openapi(recommendations, async (c) => {
    const { users, ...options } = c.req.valid('json');
    const { items, members, ...about } = await recommendForGroup(deps, users, options);
    const rows = items.map(({ id: item, title, score, ratings }) => ({ item, title, score, ratings: [...ratings] }));
    return c.json({ ...about, members: [...members], items: rows }, 200);
  });
}

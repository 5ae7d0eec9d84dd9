/** What to recommend to several users at once. */
import { randomUUID } from 'node:crypto';
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { option } from '../../options.ts';
import { recommendForGroup } from '../../pipeline/groups.ts';
import { ruleRequest } from '../../pipeline/rules.ts';
import type { AppDependencies, AppEnv } from '../context.ts';
import { ruleMarks } from '../evidenceSchemas.ts';
import { requireScope } from '../middleware/auth.ts';
import { traceSchema } from '../pipelineSchemas.ts';
import { fallback, foldedIn, graphState, listAsked, listMade, stale, userId, version } from '../schemas.ts';
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
    ...listAsked,
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
        trace: traceSchema
          .optional()
          .meta({ description: "How the member's own list was made, and who found there what the group's list has" }),
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
        rules: ruleMarks,
      }),
    ),
    ...listMade,
    trace: traceSchema.optional().meta({
      description: "What the pipeline's re-rankers did with the group's list, and whose own lists have its items",
    }),
  })
  .openapi('GroupRecommendations');

export const recommendations = createRoute({
  ...needs('read'),
  method: 'post',
  path: '/v1/groups/recommendations',
  tags: ['Recommend'],
  summary: 'One list for several users, and how satisfied each is with it',
  description:
    "Leaves out what any of them has done. Each member's scores become ratings of 0 to 1 among the best items of all members. `average`, `least-misery` and `most-pleasure` go by the mean, the least and the greatest rating (Masthoff); `fairness` adds the item that makes the list best by the members' mean and evenness (Xiao et al., RecSys 2017). With `rules`, or a `pipeline` that is declared, each member's own list is made by its sources and its ranker first, and ratings go by the place there, from 1 for the first evenly down; what only others' lists have stands behind, in the order of the version's ranking for her. What a rule forbids to one member is left out for all, and the pipeline's re-rankers shape the list of the group. An `experiment` splits groups by who their members are, always the same for a group; nothing is noted as shown, since impressions and reports are of users, each with one arm of her own: who compares arms counts by the arm in the answer.",
  request: { body: { required: true, content: { 'application/json': { schema: groupSchema } } } },
  responses: { 200: json('Items, best first', groupAnswerSchema), ...problems(404, 413, 415, 422, 503) },
});

export function groupRoutes(app: OpenAPIHono<AppEnv>, deps: AppDependencies): void {
  const { answerId = randomUUID } = deps;
  const ruleTimeoutMs = deps.options.ruleTimeoutMs ?? option.ruleTimeoutMs.parse(undefined);

  app.openapi(recommendations, async (c) => {
    const { users, rules: named = [], ...asked } = c.req.valid('json');
    if (asked.arm !== undefined) requireScope(c, 'admin');
    const rules = await ruleRequest(named, ruleTimeoutMs);
    const options = { ...asked, rules, seed: answerId() };
    const { items, members, ...about } = await recommendForGroup(deps, users, options);
    const rows = items.map(({ id: item, title, score, ratings, rules: marks }) => ({
      ...{ item, title, score, ratings: [...ratings] },
      ...(marks && { rules: marks }),
    }));
    return c.json({ ...about, members: [...members], items: rows }, 200);
  });
}

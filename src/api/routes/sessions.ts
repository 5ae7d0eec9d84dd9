/** What to recommend to somebody without a name, by what she looked at just now. */
import { randomUUID } from 'node:crypto';
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { option } from '../../options.ts';
import { ruleRequest } from '../../pipeline/rules.ts';
import { recommendForSession } from '../../pipeline/sessions.ts';
import type { AppDependencies, AppEnv } from '../context.ts';
import { ruleMarks } from '../evidenceSchemas.ts';
import { requireScope } from '../middleware/auth.ts';
import { traceSchema } from '../pipelineSchemas.ts';
import { fallback, foldedIn, itemId, listAsked, listMade, moment, version } from '../schemas.ts';
import { needs } from '../scope.ts';
import { json, problems } from './answers.ts';

/** Most items of one session, and most that are left out. */
const mostItems = 1000;

const sessionSchema = z
  .strictObject({
    items: z
      .array(
        z.strictObject({
          id: itemId,
          type: z.string().min(1).max(64).optional().meta({ description: "'interaction' where absent" }),
          value: z.number().min(-1e9).max(1e9).optional().meta({ description: '1 where absent' }),
          at: moment.optional().meta({ description: 'ms since 1970' }),
        }),
      )
      .min(1)
      .max(mostItems)
      .meta({ description: 'Oldest first; by their times, where all have one' }),
    limit: option.limit,
    decay: option.decay,
    exclude: z.array(itemId).max(mostItems).optional().meta({ description: 'Further items to leave out' }),
    ...listAsked,
    session: option.session,
  })
  .openapi('Session', {
    example: { items: [{ id: '50' }, { id: '181' }], limit: 10, decay: 0.9 },
  });

const sessionAnswerSchema = z
  .object({
    version,
    fallback,
    foldedIn,
    unseen: z.array(z.string()).optional().meta({
      description:
        'Items of the session that came after the training, and count by the vectors that the graph gives them',
    }),
    unknown: z.array(z.string()).meta({ description: 'Items of the session of which nothing is known' }),
    items: z.array(
      z.object({
        item: z.string(),
        title: z.string(),
        score: z.number(),
        reasons: z.array(z.string()),
        rules: ruleMarks,
      }),
    ),
    ...listMade,
    trace: traceSchema.optional(),
  })
  .openapi('SessionRecommendations');

export const recommendations = createRoute({
  ...needs('read'),
  method: 'post',
  path: '/v1/sessions/recommendations',
  tags: ['Recommend'],
  summary: 'The best items for a session without a user, by the items in the request',
  description:
    "Nothing is kept. What the items say of taste is found as for a user who has done nothing else; `decay` lets newer ones count more. An item that came after the training counts by its vector, which Neo4j tells, where the version ranks by vectors. Items of the session are left out; types of interaction count as in the version's training, so that a dislike is no taste. `filter`, `rules`, `pipeline` and `trace` do what they do for a user; rules are asked for nobody, so that what they know of users they do not know here. An `experiment` splits by `session`, always the same for a session, and is refused without; nothing is noted as shown, since there is nobody in the graph who was shown it or could take it: who compares arms counts by the arm in the answer.",
  request: { body: { required: true, content: { 'application/json': { schema: sessionSchema } } } },
  responses: { 200: json('Items, best first', sessionAnswerSchema), ...problems(404, 413, 415, 422, 503) },
});

export function sessionRoutes(app: OpenAPIHono<AppEnv>, deps: AppDependencies): void {
  const { answerId = randomUUID } = deps;
  const ruleTimeoutMs = deps.options.ruleTimeoutMs ?? option.ruleTimeoutMs.parse(undefined);

  app.openapi(recommendations, async (c) => {
    const { items: session, rules: named = [], ...asked } = c.req.valid('json');
    if (asked.arm !== undefined) requireScope(c, 'admin');
    const rules = await ruleRequest(named, ruleTimeoutMs);
    const options = { ...asked, rules, seed: answerId() };
    const { items, unknown, unseen, ...about } = await recommendForSession(deps, session, options);
    const rows = items.map(({ id: item, title, score, reasons, rules: marks }) => ({
      ...{ item, title, score, reasons: [...reasons] },
      ...(marks && { rules: marks }),
    }));
    return c.json({ ...about, ...(unseen && { unseen: [...unseen] }), unknown: [...unknown], items: rows }, 200);
  });
}

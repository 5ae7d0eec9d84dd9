/** What to recommend to somebody without a name, by what she looked at just now. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { option } from '../../options.ts';
import { recommendForSession } from '../../pipeline/sessions.ts';
import type { AppDependencies, AppEnv } from '../context.ts';
import { fallback, foldedIn, itemId, moment, version } from '../schemas.ts';
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
  })
  .openapi('Session', {
    example: { items: [{ id: '50' }, { id: '181' }], limit: 10, decay: 0.9 },
  });

const sessionAnswerSchema = z
  .object({
    version,
    fallback,
    foldedIn,
    unknown: z.array(z.string()).meta({ description: 'Items of the session that the version does not know' }),
    items: z.array(z.object({ item: z.string(), title: z.string(), score: z.number(), reasons: z.array(z.string()) })),
  })
  .openapi('SessionRecommendations');

export const recommendations = createRoute({
  ...needs('read'),
  method: 'post',
  path: '/v1/sessions/recommendations',
  tags: ['Recommend'],
  summary: 'The best items for a session without a user, by the items in the request',
  description:
    "Nothing is kept. What the items say of taste is found as for a user who has done nothing else; `decay` lets newer ones count more. Items of the session are left out; types of interaction count as in the version's training, so that a dislike is no taste.",
  request: { body: { required: true, content: { 'application/json': { schema: sessionSchema } } } },
  responses: { 200: json('Items, best first', sessionAnswerSchema), ...problems(413, 415, 422) },
});

export function sessionRoutes(app: OpenAPIHono<AppEnv>, deps: AppDependencies): void {
  app.openapi(recommendations, async (c) => {
    const { items: session, ...options } = c.req.valid('json');
    const { items, unknown, ...about } = await recommendForSession(deps, session, options);
    const rows = items.map(({ id: item, title, score, reasons }) => ({ item, title, score, reasons: [...reasons] }));
    return c.json({ ...about, unknown: [...unknown], items: rows }, 200);
  });
}

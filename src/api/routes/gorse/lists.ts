/** Gorse's recommendations, neighbours and rankings. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { interactionsOf, writeFeedback } from '../../../pipeline/gorse.ts';
import {
  gorseItemNeighbors,
  gorseItems,
  gorseRecommend,
  gorseSession,
  gorseUserNeighbors,
  type Scored,
  type Stretch,
} from '../../../pipeline/gorseLists.ts';
import type { AppContext, AppDependencies, AppEnv } from '../../context.ts';
import { requireScope } from '../../middleware/auth.ts';
import { featureValue } from '../../resourceSchemas.ts';
import { interactionType, itemId, userId } from '../../schemas.ts';
import { needs } from '../../scope.ts';
import { body, json, problems } from '../answers.ts';
import { inGraph } from '../inGraph.ts';
import { gorseFeedbackBody, n, offset, scoresSchema, tags } from './schemas.ts';

const category = featureValue;
const categories = z
  .preprocess((given) => (typeof given === 'string' ? [given] : given), z.array(category).max(10).optional())
  .openapi({ type: 'array', items: { type: 'string' } })
  .meta({ description: 'Items of all these categories' });
const found = { 200: json('Ids and scores', scoresSchema), ...problems(422) };
const scores = { ...found, ...problems(404, 422) };
const stretch = { n, offset };
const rankedQuery = z.object({
  ...stretch,
  'user-id': userId.optional().meta({ description: 'Without what this user has done' }),
});
/** As Go writes it: 1h30m, 45s, 1.5h. */
const delay = z.string().regex(/^(\d+(\.\d+)?(h|m|s|ms))*$/);
const writing = {
  'write-back-type': interactionType.optional().meta({ description: 'Note the items as feedback of this type' }),
  'write-back-delay': delay.optional().meta({ description: 'At this time from now: 1h30m' }),
};
const recommended = {
  200: json(
    'Ids, best first; with `X-API-Version: 2` ids and scores',
    z.union([z.array(z.string()), scoresSchema]).openapi('GorseRecommendations'),
  ),
  ...problems(422, 503),
};
const recommendQuery = z.object({ ...stretch, category: categories, ...writing });

const recommend = createRoute({
  ...needs('read'),
  method: 'get',
  path: '/api/recommend/{user}',
  tags,
  summary: 'The best items for a user',
  request: { params: z.object({ user: userId }), query: recommendQuery },
  responses: recommended,
});
const recommendIn = createRoute({
  ...needs('read'),
  method: 'get',
  path: '/api/recommend/{user}/{category}',
  tags,
  summary: 'The best items of a category for a user',
  request: { params: z.object({ user: userId, category }), query: recommendQuery.omit({ category: true }) },
  responses: recommended,
});
const session = createRoute({
  ...needs('read'),
  method: 'post',
  path: '/api/session/recommend',
  tags,
  summary: 'Items for somebody without a name, by what the session holds',
  request: { query: z.object(stretch), body: body(z.array(gorseFeedbackBody).max(1000)) },
  responses: { ...found, ...problems(413, 415, 422) },
});
const sessionIn = createRoute({
  ...session,
  path: '/api/session/recommend/{category}',
  summary: 'Items of a category for somebody without a name',
  request: { ...session.request, params: z.object({ category }) },
});
const itemNeighbors = createRoute({
  ...needs('read'),
  method: 'get',
  path: '/api/item/{id}/neighbors',
  tags,
  summary: 'The items most like an item',
  request: { params: z.object({ id: itemId }), query: z.object(stretch) },
  responses: scores,
});
const itemNeighborsIn = createRoute({
  ...itemNeighbors,
  path: '/api/item/{id}/neighbors/{category}',
  summary: 'The items of a category most like an item',
  request: { params: z.object({ id: itemId, category }), query: z.object(stretch) },
});
const userNeighbors = createRoute({
  ...needs('read'),
  method: 'get',
  path: '/api/user/{id}/neighbors',
  tags,
  summary: 'The users most like a user',
  request: { params: z.object({ id: userId }), query: z.object(stretch) },
  responses: scores,
});
const popular = createRoute({
  ...needs('read'),
  method: 'get',
  path: '/api/popular',
  tags,
  summary: 'What most people chose',
  request: { query: rankedQuery },
  responses: found,
});
const popularIn = createRoute({
  ...popular,
  path: '/api/popular/{category}',
  summary: 'What most people chose of a category',
  request: { params: z.object({ category }), query: rankedQuery },
});
const latest = createRoute({
  ...popular,
  path: '/api/latest',
  summary: 'What came last, scored by seconds since 1970',
});
const latestIn = createRoute({ ...popularIn, path: '/api/latest/{category}', summary: 'What came last of a category' });

export function gorseListRoutes(app: OpenAPIHono<AppEnv>, deps: AppDependencies): void {
  type Asked = Stretch & {
    readonly 'write-back-type'?: string | undefined;
    readonly 'write-back-delay'?: string | undefined;
  };
  const answer = async (c: AppContext, user: string, asked: Asked) => {
    if (asked['write-back-type'] !== undefined) requireScope(c, 'write'); // it says what was shown, by asking for it
    const found = await gorseRecommend(deps, user, asked);
    const type = asked['write-back-type'];
    if (type !== undefined && found.length > 0)
      await writeBack(c, user, type, msOf(asked['write-back-delay'] ?? ''), found);
    return c.req.header('x-api-version') === '2' ? found : found.map(({ Id }) => Id);
  };
  const writeBack = async (c: AppContext, user: string, type: string, delayMs: number, found: readonly Scored[]) => {
    c.set('changed', { users: [user] });
    const now = Date.now() + delayMs;
    const feedback = found.map(({ Id }) => ({ FeedbackType: type, UserId: user, ItemId: Id }));
    await inGraph(deps, (graph) => writeFeedback(graph, feedback, { now, instead: false }));
  };

  app.openapi(recommend, async (c) => {
    const { category: categories = [], ...asked } = c.req.valid('query');
    return c.json(await answer(c, c.req.valid('param').user, { ...asked, categories }), 200);
  });
  app.openapi(recommendIn, async (c) => {
    const { user, category } = c.req.valid('param');
    return c.json(await answer(c, user, { ...c.req.valid('query'), categories: [category] }), 200);
  });
  app.openapi(session, async (c) => {
    return c.json(await gorseSession(deps, interactionsOf(c.req.valid('json')), c.req.valid('query')), 200);
  });
  app.openapi(sessionIn, async (c) => {
    const asked = { ...c.req.valid('query'), categories: [c.req.valid('param').category] };
    return c.json(await gorseSession(deps, interactionsOf(c.req.valid('json')), asked), 200);
  });
  app.openapi(itemNeighbors, async (c) =>
    c.json(await gorseItemNeighbors(deps, c.req.valid('param').id, c.req.valid('query')), 200),
  );
  app.openapi(itemNeighborsIn, async (c) => {
    const { id, category } = c.req.valid('param');
    return c.json(await gorseItemNeighbors(deps, id, { ...c.req.valid('query'), categories: [category] }), 200);
  });
  app.openapi(userNeighbors, async (c) =>
    c.json(await gorseUserNeighbors(deps, c.req.valid('param').id, c.req.valid('query')), 200),
  );
  app.openapi(popular, async (c) => {
    const { 'user-id': user, ...asked } = c.req.valid('query');
    return c.json(await gorseItems(deps, 'popular', asked, user), 200);
  });
  app.openapi(popularIn, async (c) => {
    const { 'user-id': user, ...asked } = c.req.valid('query');
    const categories = [c.req.valid('param').category];
    return c.json(await gorseItems(deps, 'popular', { ...asked, categories }, user), 200);
  });
  app.openapi(latest, async (c) => {
    const { 'user-id': user, ...asked } = c.req.valid('query');
    return c.json(await gorseItems(deps, 'latest', asked, user), 200);
  });
  app.openapi(latestIn, async (c) => {
    const { 'user-id': user, ...asked } = c.req.valid('query');
    const categories = [c.req.valid('param').category];
    return c.json(await gorseItems(deps, 'latest', { ...asked, categories }, user), 200);
  });
}

/** '1h30m' → ms. */
function msOf(delay: string): number {
  const units: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };
  let sum = 0;
  for (const [, count, unit] of delay.matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g)) sum += Number(count) * units[unit!]!;
  return Math.round(sum);
}

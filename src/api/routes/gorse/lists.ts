/** Gorse's recommendations, neighbours and rankings. */
import { randomUUID } from 'node:crypto';
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { interactionsOf, writeFeedback } from '../../../pipeline/gorse.ts';
import {
  type GorseList,
  type GorseRecommended,
  gorseItemNeighbors,
  gorseLatest,
  gorsePopular,
  gorseRecommend,
  gorseSession,
  gorseUserNeighbors,
  type Scored,
  type Stretch,
} from '../../../pipeline/gorseLists.ts';
import type { AppContext, AppDependencies, AppEnv } from '../../context.ts';
import { requireScope } from '../../middleware/auth.ts';
import { interactionType, itemId, userId } from '../../schemas.ts';
import { needs } from '../../scope.ts';
import { body, json, problems } from '../answers.ts';
import { inGraph } from '../inGraph.ts';
import { noteShown } from '../shown.ts';
import { sayFrom, sayStale, sayWhen } from './answers.ts';
import { category, found, gorseFeedbackBody, itemsQuery, scoresSchema, stretch, stretchOf, tags } from './schemas.ts';

/** As Go writes it: 1h30m, 45s, 1.5h. */
const delay = z.string().regex(/^(\d+(\.\d+)?(h|m|s|ms))*$/);
const writingSchema = z.object({
  'write-back-type': interactionType.optional().meta({ description: 'Note the items as feedback of this type' }),
  'write-back-delay': delay.optional().meta({ description: 'At this time from now: 1h30m' }),
});
const recommended = {
  200: json(
    'Ids, best first; with `X-API-Version: 2` ids and scores',
    z.union([z.array(z.string()), scoresSchema]).openapi('GorseRecommendations'),
  ),
  ...problems(422, 503),
};
const recommendQuery = itemsQuery.omit({ 'user-id': true }).extend(writingSchema.shape);

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
  request: { params: z.object({ id: itemId }), query: itemsQuery },
  responses: found,
});
const itemNeighborsIn = createRoute({
  ...itemNeighbors,
  path: '/api/item/{id}/neighbors/{category}',
  summary: 'The items of a category most like an item',
  request: { params: z.object({ id: itemId, category }), query: itemsQuery.omit({ category: true }) },
});
const userNeighbors = createRoute({
  ...needs('read'),
  method: 'get',
  path: '/api/user/{id}/neighbors',
  tags,
  summary: 'The users most like a user',
  request: { params: z.object({ id: userId }), query: z.object(stretch) },
  responses: found,
});
const collaborative = createRoute({
  ...needs('read'),
  method: 'get',
  path: '/api/collaborative-filtering/{user}',
  tags,
  summary: 'The best items for a user, with scores',
  request: { params: z.object({ user: userId }), query: itemsQuery },
  responses: found,
});
const collaborativeIn = createRoute({
  ...collaborative,
  path: '/api/collaborative-filtering/{user}/{category}',
  summary: 'The best items of a category for a user, with scores',
  request: { params: z.object({ user: userId, category }), query: itemsQuery.omit({ category: true }) },
});
const popular = createRoute({
  ...needs('read'),
  method: 'get',
  path: '/api/popular',
  tags,
  summary: 'What most people chose, as of the training',
  request: { query: itemsQuery },
  responses: found,
});
const popularIn = createRoute({
  ...popular,
  path: '/api/popular/{category}',
  summary: 'What most people chose of a category',
  request: { params: z.object({ category }), query: itemsQuery.omit({ category: true }) },
});
const latest = createRoute({
  ...popular,
  path: '/api/latest',
  summary: 'What came last, up to this moment as far as Neo4j answers; scored by seconds since 1970',
});
const latestIn = createRoute({ ...popularIn, path: '/api/latest/{category}', summary: 'What came last of a category' });

export function gorseListRoutes(app: OpenAPIHono<AppEnv>, deps: AppDependencies): void {
  const { answerId = randomUUID } = deps;
  const recommendTo = async (c: AppContext, user: string, asked: Stretch): Promise<GorseRecommended> => {
    const list = await gorseRecommend(deps, user, asked);
    const { version, chosen, scores } = list;
    const part = { offset: asked.offset, items: scores.map(({ Id }) => Id) };
    noteShown(deps, { request: answerId(), user, version, chosen, part });
    sayFrom(c, deps, list);
    return list;
  };
  const collaborate = async (c: AppContext, user: string, asked: Stretch): Promise<Scored[]> => {
    const list = await recommendTo(c, user, asked);
    sayWhen(c, list);
    return list.scores;
  };
  const answer = async (c: AppContext, user: string, asked: Stretch, writing: z.infer<typeof writingSchema>) => {
    const type = writing['write-back-type'];
    if (type !== undefined) requireScope(c, 'write'); // it says what was shown, by asking for it
    const { scores: found } = await recommendTo(c, user, asked);
    if (type !== undefined && found.length > 0)
      await writeBack(c, user, type, msOf(writing['write-back-delay'] ?? ''), found);
    return c.req.header('x-api-version') === '2' ? found : found.map(({ Id }) => Id);
  };
  const writeBack = async (c: AppContext, user: string, type: string, delayMs: number, found: readonly Scored[]) => {
    c.set('changed', { users: [user] });
    const now = Date.now() + delayMs;
    const feedback = found.map(({ Id }) => ({ FeedbackType: type, UserId: user, ItemId: Id }));
    await inGraph(deps, (graph) => writeFeedback(graph, feedback, { now, instead: false }));
  };
  const scored = async (c: AppContext, list: Promise<GorseList>): Promise<Scored[]> => {
    const made = await list;
    sayStale(c, made);
    return made.scores;
  };

  app.openapi(recommend, async (c) => {
    const query = c.req.valid('query');
    return c.json(await answer(c, c.req.valid('param').user, stretchOf(query), query), 200);
  });
  app.openapi(recommendIn, async (c) => {
    const { user, category } = c.req.valid('param');
    const query = c.req.valid('query');
    return c.json(await answer(c, user, stretchOf(query, category), query), 200);
  });
  app.openapi(collaborative, async (c) => {
    return c.json(await collaborate(c, c.req.valid('param').user, stretchOf(c.req.valid('query'))), 200);
  });
  app.openapi(collaborativeIn, async (c) => {
    const { user, category } = c.req.valid('param');
    return c.json(await collaborate(c, user, stretchOf(c.req.valid('query'), category)), 200);
  });
  app.openapi(session, async (c) => {
    return c.json(await gorseSession(deps, interactionsOf(c.req.valid('json')), c.req.valid('query')), 200);
  });
  app.openapi(sessionIn, async (c) => {
    const asked = stretchOf(c.req.valid('query'), c.req.valid('param').category);
    return c.json(await gorseSession(deps, interactionsOf(c.req.valid('json')), asked), 200);
  });
  app.openapi(itemNeighbors, async (c) => {
    const list = gorseItemNeighbors(deps, c.req.valid('param').id, stretchOf(c.req.valid('query')));
    return c.json(await scored(c, list), 200);
  });
  app.openapi(itemNeighborsIn, async (c) => {
    const { id, category } = c.req.valid('param');
    const list = gorseItemNeighbors(deps, id, stretchOf(c.req.valid('query'), category));
    return c.json(await scored(c, list), 200);
  });
  app.openapi(userNeighbors, async (c) =>
    c.json(await scored(c, gorseUserNeighbors(deps, c.req.valid('param').id, c.req.valid('query'))), 200),
  );
  app.openapi(popular, async (c) => c.json(await scored(c, gorsePopular(deps, stretchOf(c.req.valid('query')))), 200));
  app.openapi(popularIn, async (c) => {
    const asked = stretchOf(c.req.valid('query'), c.req.valid('param').category);
    return c.json(await scored(c, gorsePopular(deps, asked)), 200);
  });
  app.openapi(latest, async (c) => c.json(await scored(c, gorseLatest(deps, stretchOf(c.req.valid('query')))), 200));
  app.openapi(latestIn, async (c) => {
    const asked = stretchOf(c.req.valid('query'), c.req.valid('param').category);
    return c.json(await scored(c, gorseLatest(deps, asked)), 200);
  });
}

/** '1h30m' → ms. */
function msOf(delay: string): number {
  const units: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };
  let sum = 0;
  for (const [, count, unit] of delay.matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g)) sum += Number(count) * units[unit!]!;
  return Math.round(sum);
}

/**
 * Gorse's recommenders by name. There they are declared in its configuration; here there are these: what most people chose, what came
 * last, and the neighbours by the version's vectors, under the name that Gorse's own configuration gives them.
 */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { TastegraphError } from '../../../errors.ts';
import { gorseItemNeighbors, gorseLatest, gorsePopular, gorseUserNeighbors } from '../../../pipeline/gorseLists.ts';
import type { AppDependencies, AppEnv } from '../../context.ts';
import { itemId, userId } from '../../schemas.ts';
import { needs } from '../../scope.ts';
import { sayStale, sayWhen } from './answers.ts';
import { category, itemsQuery, scores, stretch, stretchOf, tags } from './schemas.ts';

const ranked = { popular: gorsePopular, latest: gorseLatest } as const;
const ofItems = { neighbors: gorseItemNeighbors } as const;
const ofUsers = { neighbors: gorseUserNeighbors } as const;

/** Errors: gorse/no-recommender. */
function named<T>(kind: string, recommenders: Readonly<Record<string, T>>, name: string): T {
  if (Object.hasOwn(recommenders, name)) return recommenders[name]!;
  const known = Object.keys(recommenders).join(', ');
  throw new TastegraphError('gorse/no-recommender', { kind, name, known });
}

const name = z.string().min(1).max(256);
const nonPersonalized = createRoute({
  ...needs('read'),
  method: 'get',
  path: '/api/non-personalized/{name}',
  tags,
  summary: 'What most people chose, or what came last',
  description:
    'Names: `popular`, `latest`. Another name is not found, where Gorse answers an empty list: what it has by that name is not here.',
  request: { params: z.object({ name }), query: itemsQuery },
  responses: scores,
});
const nonPersonalizedIn = createRoute({
  ...nonPersonalized,
  path: '/api/non-personalized/{name}/{category}',
  summary: 'The same of a category',
  request: { params: z.object({ name, category }), query: itemsQuery.omit({ category: true }) },
});
const itemToItem = createRoute({
  ...needs('read'),
  method: 'get',
  path: '/api/item-to-item/{name}/{item}',
  tags,
  summary: 'The items most like an item; none of an unknown one',
  description: 'Name: `neighbors`.',
  request: { params: z.object({ name, item: itemId }), query: itemsQuery },
  responses: scores,
});
const userToUser = createRoute({
  ...needs('read'),
  method: 'get',
  path: '/api/user-to-user/{name}/{user}',
  tags,
  summary: 'The users most like a user; none of an unknown one',
  description: 'Name: `neighbors`.',
  request: { params: z.object({ name, user: userId }), query: z.object(stretch) },
  responses: scores,
});

export function gorseNamedRoutes(app: OpenAPIHono<AppEnv>, deps: AppDependencies): void {
  app.openapi(nonPersonalized, async (c) => {
    const list = await named(
      'non-personalized',
      ranked,
      c.req.valid('param').name,
    )(deps, stretchOf(c.req.valid('query')));
    sayStale(c, list);
    sayWhen(c, list);
    return c.json(list.scores, 200);
  });
  app.openapi(nonPersonalizedIn, async (c) => {
    const { name, category } = c.req.valid('param');
    const list = await named('non-personalized', ranked, name)(deps, stretchOf(c.req.valid('query'), category));
    sayStale(c, list);
    sayWhen(c, list);
    return c.json(list.scores, 200);
  });
  app.openapi(itemToItem, async (c) => {
    const { name, item } = c.req.valid('param');
    const list = await named('item-to-item', ofItems, name)(deps, item, stretchOf(c.req.valid('query')));
    sayStale(c, list);
    return c.json(list.scores, 200);
  });
  app.openapi(userToUser, async (c) => {
    const { name, user } = c.req.valid('param');
    const list = await named('user-to-user', ofUsers, name)(deps, user, c.req.valid('query'));
    sayStale(c, list);
    return c.json(list.scores, 200);
  });
}

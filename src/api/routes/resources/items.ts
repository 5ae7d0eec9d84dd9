/** Items as resources. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { readNodes } from '../../../pipeline/resources.ts';
import type { AppDependencies, AppEnv } from '../../context.ts';
import { cursor, cursorOf, keyOf } from '../../cursor.ts';
import { ifMatch, ifNoneMatch, isUnchanged, notModified } from '../../etag.ts';
import {
  countsSchema,
  itemBody,
  itemPatch,
  itemResource,
  itemsBatch,
  next,
  writtenSchema,
} from '../../resourceSchemas.ts';
import { filter, itemId, limit } from '../../schemas.ts';
import { needs } from '../../scope.ts';
import { body, json, problems } from '../answers.ts';
import { inGraph } from '../inGraph.ts';
import { page, patch, replace, show, take } from './nodes.ts';

const tags = ['Items'];
const params = z.object({ id: itemId });
const ids = z.preprocess(
  (given) => (typeof given === 'string' ? [given] : given),
  z
    .array(itemId)
    .min(1)
    .max(100)
    .optional()
    .openapi({ type: 'array', items: { type: 'string' } })
    .meta({ description: 'Items to be told of, 100 at most' }),
);

export const listItems = createRoute({
  ...needs('read'),
  method: 'get',
  path: '/v1/items',
  tags,
  summary: 'Items in pages, by id',
  description:
    'Pages follow the ids: what is written meanwhile neither repeats nor hides what was there before. With `id`, again for each further one, these alone and in their order, without those that are not there.',
  request: { query: z.strictObject({ limit, cursor, filter, id: ids }), headers: ifNoneMatch },
  responses: {
    200: json('A page', z.object({ items: z.array(itemResource), next }).openapi('ItemPage')),
    ...notModified,
    ...problems(409, 422),
  },
});

export const showItem = createRoute({
  ...needs('read'),
  method: 'get',
  path: '/v1/items/{id}',
  tags,
  summary: 'What is said of one item',
  request: { params, headers: ifNoneMatch },
  responses: { 200: json('The item', itemResource), ...notModified, ...problems(404, 409, 422) },
});

export const addItems = createRoute({
  ...needs('write'),
  method: 'post',
  path: '/v1/items',
  tags,
  summary: 'Take in a batch of items',
  description:
    'All of the batch or nothing. Items that are not there are created; of the others, what an element does not say stays, and features are added to those there are. A repeated batch changes nothing. They take part from the next training on.',
  request: { body: body(itemsBatch) },
  responses: { 200: json('Committed', countsSchema), ...problems(409, 413, 415, 422) },
});

export const putItem = createRoute({
  ...needs('write'),
  method: 'put',
  path: '/v1/items/{id}',
  tags,
  summary: 'Put an item in the place of what there is',
  description: 'What the body does not say is not there any more; interactions stay.',
  request: { params, headers: ifMatch, body: body(itemBody) },
  responses: {
    200: json('Replaced', writtenSchema),
    201: json('Created', writtenSchema),
    ...problems(409, 412, 413, 415, 422),
  },
});

export const patchItem = createRoute({
  ...needs('write'),
  method: 'patch',
  path: '/v1/items/{id}',
  tags,
  summary: 'Change some of what is said of an item',
  description: 'With If-Match only where nobody changed it since it was read.',
  request: { params, headers: ifMatch, body: body(itemPatch) },
  responses: { 200: json('Changed', writtenSchema), ...problems(404, 409, 412, 413, 415, 422) },
});

export function itemRoutes(app: OpenAPIHono<AppEnv>, deps: AppDependencies): void {
  app.openapi(listItems, async (c) => {
    const { limit, cursor, filter, id } = c.req.valid('query');
    if (id) {
      const items = await inGraph(deps, (graph) => readNodes(graph, 'item', id));
      const answer = { items: items as z.output<typeof itemResource>[] };
      return isUnchanged(c, answer) ? c.body(null, 304) : c.json(answer, 200);
    }
    const list = ['items', filter];
    const [after = ''] = keyOf(list, cursor, [z.string()]) ?? [];
    const { nodes, last } = await page(deps, 'item', after, limit, filter);
    const answer = {
      items: nodes as z.output<typeof itemResource>[],
      ...(last !== undefined && { next: cursorOf(list, [last]) }),
    };
    return isUnchanged(c, answer) ? c.body(null, 304) : c.json(answer, 200);
  });

  app.openapi(showItem, async (c) => {
    const found = await show(deps, 'item', c.req.valid('param').id);
    return isUnchanged(c, found) ? c.body(null, 304) : c.json(found as z.output<typeof itemResource>, 200);
  });

  app.openapi(addItems, async (c) => c.json(await take(c, deps, 'item', c.req.valid('json').items), 200));

  app.openapi(putItem, async (c) => {
    const created = await replace(c, deps, 'item', c.req.valid('param').id, c.req.valid('json'));
    return created ? c.json({ created }, 201) : c.json({ created }, 200);
  });

  app.openapi(patchItem, async (c) => {
    const created = await patch(c, deps, 'item', c.req.valid('param').id, c.req.valid('json'));
    return c.json({ created }, 200);
  });
}

/** Gorse's users and items. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { removeItem } from '../../../pipeline/current.ts';
import {
  absent,
  gorseItem,
  gorseUser,
  patchGorse,
  putGorse,
  removeUser,
  setCategory,
} from '../../../pipeline/gorse.ts';
import { type NodeKind, type NodeResource, pageOfNodes, readNode } from '../../../pipeline/resources.ts';
import type { AppContext, AppDependencies, AppEnv } from '../../context.ts';
import { cursorOf, keyOf } from '../../cursor.ts';
import { featureValue } from '../../resourceSchemas.ts';
import { batchOf, itemId, userId } from '../../schemas.ts';
import { needs } from '../../scope.ts';
import { body, json, problems } from '../answers.ts';
import { inGraph } from '../inGraph.ts';
import {
  cursors,
  gorseItemBody,
  gorseItemPatch,
  gorseItemSchema,
  gorseUserBody,
  gorseUserPatch,
  gorseUserSchema,
  n,
  success,
  tags,
} from './schemas.ts';

const ofUser = z.object({ id: userId });
const ofItem = z.object({ id: itemId });
const query = z.object({ n, ...cursors });
const written = { 200: json('Committed', success), ...problems(404, 409, 413, 415, 422) };
const removed = { 200: json('Committed', success), ...problems(404, 409, 422) };
const inserted = { 200: json('Committed', success), ...problems(409, 413, 415, 422) };

const insertUser = createRoute({
  ...needs('write'),
  method: 'post',
  path: '/api/user',
  tags,
  summary: 'Put a user in the place of what there is',
  request: { body: body(gorseUserBody) },
  responses: inserted,
});
const insertUsers = createRoute({
  ...needs('write'),
  method: 'post',
  path: '/api/users',
  tags,
  summary: 'Put users in the place of what there is, all or nothing',
  request: { body: body(batchOf(gorseUserBody)) },
  responses: inserted,
});
const users = createRoute({
  ...needs('read'),
  method: 'get',
  path: '/api/users',
  tags,
  summary: 'Users in pages',
  request: { query },
  responses: {
    200: json('A page', z.object({ Cursor: z.string(), Users: z.array(gorseUserSchema) }).openapi('GorseUsers')),
    ...problems(409, 422),
  },
});
const user = createRoute({
  ...needs('read'),
  method: 'get',
  path: '/api/user/{id}',
  tags,
  summary: 'A user',
  request: { params: ofUser },
  responses: { 200: json('The user', gorseUserSchema), ...problems(404, 409, 422) },
});
const modifyUser = createRoute({
  ...needs('write'),
  method: 'patch',
  path: '/api/user/{id}',
  tags,
  summary: 'Change what is named of a user',
  request: { params: ofUser, body: body(gorseUserPatch) },
  responses: written,
});
const deleteUser = createRoute({
  ...needs('write'),
  method: 'delete',
  path: '/api/user/{id}',
  tags,
  summary: 'Remove a user and all feedback from the graph',
  description:
    'What is published goes on knowing the user until the next training; DELETE /v1/users/{id} forgets the user everywhere.',
  request: { params: ofUser },
  responses: removed,
});

const insertItem = createRoute({
  ...needs('write'),
  method: 'post',
  path: '/api/item',
  tags,
  summary: 'Put an item in the place of what there is',
  request: { body: body(gorseItemBody) },
  responses: inserted,
});
const insertItems = createRoute({
  ...needs('write'),
  method: 'post',
  path: '/api/items',
  tags,
  summary: 'Put items in the place of what there is, all or nothing',
  request: { body: body(batchOf(gorseItemBody)) },
  responses: inserted,
});
const items = createRoute({
  ...needs('read'),
  method: 'get',
  path: '/api/items',
  tags,
  summary: 'Items in pages',
  request: { query },
  responses: {
    200: json('A page', z.object({ Cursor: z.string(), Items: z.array(gorseItemSchema) }).openapi('GorseItems')),
    ...problems(409, 422),
  },
});
const item = createRoute({
  ...needs('read'),
  method: 'get',
  path: '/api/item/{id}',
  tags,
  summary: 'An item',
  request: { params: ofItem },
  responses: { 200: json('The item', gorseItemSchema), ...problems(404, 409, 422) },
});
const modifyItem = createRoute({
  ...needs('write'),
  method: 'patch',
  path: '/api/item/{id}',
  tags,
  summary: 'Change what is named of an item',
  request: { params: ofItem, body: body(gorseItemPatch) },
  responses: written,
});
const deleteItem = createRoute({
  ...needs('write'),
  method: 'delete',
  path: '/api/item/{id}',
  tags,
  summary: 'Remove an item and its feedback',
  request: { params: ofItem },
  responses: removed,
});
const category = { params: z.object({ id: itemId, category: featureValue }) };
const insertCategory = createRoute({
  ...needs('write'),
  method: 'put',
  path: '/api/item/{id}/category/{category}',
  tags,
  summary: 'Put an item into a category',
  request: category,
  responses: removed,
});
const deleteCategory = createRoute({
  ...needs('write'),
  method: 'delete',
  path: '/api/item/{id}/category/{category}',
  tags,
  summary: 'Take an item out of a category',
  request: category,
  responses: removed,
});

export function gorseNodeRoutes(app: OpenAPIHono<AppEnv>, deps: AppDependencies): void {
  const put = async (c: AppContext, kind: NodeKind, given: readonly object[], users: readonly string[] = []) => {
    c.set('changed', { users, nodes: true });
    return { RowAffected: await inGraph(deps, (graph) => putGorse(graph, kind, given)) };
  };
  const show = async (kind: NodeKind, id: string): Promise<NodeResource> => {
    const found = await inGraph(deps, (graph) => readNode(graph, kind, id));
    if (!found) throw absent(kind, id);
    return found;
  };
  const page = async (kind: NodeKind, limit: number, cursor: string | undefined) => {
    const list = ['gorse', kind];
    const [after = ''] = keyOf(list, cursor || undefined, [z.string()]) ?? [];
    const nodes = await inGraph(deps, (graph) => pageOfNodes(graph, kind, after, limit));
    return { nodes, Cursor: nodes.length === limit ? cursorOf(list, [nodes.at(-1)!.id]) : '' };
  };
  const one = { RowAffected: 1 };

  app.openapi(insertUser, async (c) =>
    c.json(await put(c, 'user', [c.req.valid('json')], [String(c.req.valid('json').UserId)]), 200),
  );
  app.openapi(insertUsers, async (c) =>
    c.json(
      await put(
        c,
        'user',
        c.req.valid('json'),
        c.req.valid('json').map(({ UserId }) => String(UserId)),
      ),
      200,
    ),
  );
  app.openapi(insertItem, async (c) => c.json(await put(c, 'item', [c.req.valid('json')]), 200));
  app.openapi(insertItems, async (c) => c.json(await put(c, 'item', c.req.valid('json')), 200));

  app.openapi(users, async (c) => {
    const { n, cursor, Cursor: capital } = c.req.valid('query');
    const { nodes, Cursor } = await page('user', n, cursor ?? capital);
    return c.json({ Cursor, Users: nodes.map(gorseUser) }, 200);
  });
  app.openapi(items, async (c) => {
    const { n, cursor, Cursor: capital } = c.req.valid('query');
    const { nodes, Cursor } = await page('item', n, cursor ?? capital);
    return c.json({ Cursor, Items: nodes.map(gorseItem) }, 200);
  });
  app.openapi(user, async (c) => c.json(gorseUser(await show('user', c.req.valid('param').id)), 200));
  app.openapi(item, async (c) => c.json(gorseItem(await show('item', c.req.valid('param').id)), 200));

  app.openapi(modifyUser, async (c) => {
    c.set('changed', { users: [c.req.valid('param').id], nodes: true });
    await inGraph(deps, (graph) => patchGorse(graph, 'user', c.req.valid('param').id, c.req.valid('json')));
    return c.json(one, 200);
  });
  app.openapi(modifyItem, async (c) => {
    c.set('changed', { users: [], nodes: true });
    await inGraph(deps, (graph) => patchGorse(graph, 'item', c.req.valid('param').id, c.req.valid('json')));
    return c.json(one, 200);
  });
  app.openapi(deleteUser, async (c) => {
    const { id } = c.req.valid('param');
    if (!(await inGraph(deps, (graph) => removeUser(graph, id)))) throw absent('user', id);
    return c.json(one, 200);
  });
  app.openapi(deleteItem, async (c) => {
    const { id } = c.req.valid('param');
    if ((await inGraph(deps, (graph) => removeItem(graph, id))) === undefined) throw absent('item', id);
    return c.json(one, 200);
  });
  app.openapi(insertCategory, async (c) => {
    const { id, category } = c.req.valid('param');
    await inGraph(deps, (graph) => setCategory(graph, id, category, true));
    return c.json(one, 200);
  });
  app.openapi(deleteCategory, async (c) => {
    const { id, category } = c.req.valid('param');
    await inGraph(deps, (graph) => setCategory(graph, id, category, false));
    return c.json(one, 200);
  });
}

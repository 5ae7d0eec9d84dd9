/** Users as resources. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { AppDependencies, AppEnv } from '../../context.ts';
import { cursor, cursorOf, keyOf } from '../../cursor.ts';
import { ifMatch, ifNoneMatch, isUnchanged, notModified } from '../../etag.ts';
import {
  countsSchema,
  next,
  userBody,
  userPatch,
  userResource,
  usersBatch,
  writtenSchema,
} from '../../resourceSchemas.ts';
import { filter, limit, userId } from '../../schemas.ts';
import { needs } from '../../scope.ts';
import { body, json, problems } from '../answers.ts';
import { page, patch, replace, show, take } from './nodes.ts';

const tags = ['Users'];
const params = z.object({ id: userId });

export const listUsers = createRoute({
  ...needs('read'),
  method: 'get',
  path: '/v1/users',
  tags,
  summary: 'Users in pages, by id',
  description: 'Pages follow the ids: what is written meanwhile neither repeats nor hides what was there before.',
  request: { query: z.strictObject({ limit, cursor, filter }), headers: ifNoneMatch },
  responses: {
    200: json('A page', z.object({ users: z.array(userResource), next }).openapi('UserPage')),
    ...notModified,
    ...problems(409, 422),
  },
});

export const showUser = createRoute({
  ...needs('read'),
  method: 'get',
  path: '/v1/users/{id}',
  tags,
  summary: 'What is said of one user',
  request: { params, headers: ifNoneMatch },
  responses: { 200: json('The user', userResource), ...notModified, ...problems(404, 409, 422) },
});

export const addUsers = createRoute({
  ...needs('write'),
  method: 'post',
  path: '/v1/users',
  tags,
  summary: 'Take in a batch of users',
  description:
    'All of the batch or nothing. Users that are not there are created; of the others, what an element does not say stays, and features are added to those there are. A repeated batch changes nothing. They take part from the next training on.',
  request: { body: body(usersBatch) },
  responses: { 200: json('Committed', countsSchema), ...problems(409, 413, 415, 422) },
});

export const putUser = createRoute({
  ...needs('write'),
  method: 'put',
  path: '/v1/users/{id}',
  tags,
  summary: 'Put a user in the place of what there is',
  description: 'What the body does not say is not there any more; interactions stay.',
  request: { params, headers: ifMatch, body: body(userBody) },
  responses: {
    200: json('Replaced', writtenSchema),
    201: json('Created', writtenSchema),
    ...problems(409, 412, 413, 415, 422),
  },
});

export const patchUser = createRoute({
  ...needs('write'),
  method: 'patch',
  path: '/v1/users/{id}',
  tags,
  summary: 'Change some of what is said of a user',
  description: 'With If-Match only where nobody changed it since it was read.',
  request: { params, headers: ifMatch, body: body(userPatch) },
  responses: { 200: json('Changed', writtenSchema), ...problems(404, 409, 412, 413, 415, 422) },
});

export function userRoutes(app: OpenAPIHono<AppEnv>, deps: AppDependencies): void {
  app.openapi(listUsers, async (c) => {
    const { limit, cursor, filter } = c.req.valid('query');
    const list = ['users', filter];
    const [after = ''] = keyOf(list, cursor, [z.string()]) ?? [];
    const { nodes, last } = await page(deps, 'user', after, limit, filter);
    const answer = {
      users: nodes as z.output<typeof userResource>[],
      ...(last !== undefined && { next: cursorOf(list, [last]) }),
    };
    return isUnchanged(c, answer) ? c.body(null, 304) : c.json(answer, 200);
  });

  app.openapi(showUser, async (c) => {
    const found = await show(deps, 'user', c.req.valid('param').id);
    return isUnchanged(c, found) ? c.body(null, 304) : c.json(found as z.output<typeof userResource>, 200);
  });

  app.openapi(addUsers, async (c) => c.json(await take(c, deps, 'user', c.req.valid('json').users), 200));

  app.openapi(putUser, async (c) => {
    const created = await replace(c, deps, 'user', c.req.valid('param').id, c.req.valid('json'));
    return created ? c.json({ created }, 201) : c.json({ created }, 200);
  });

  app.openapi(patchUser, async (c) => {
    const created = await patch(c, deps, 'user', c.req.valid('param').id, c.req.valid('json'));
    return c.json({ created }, 200);
  });
}

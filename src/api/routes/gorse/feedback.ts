/** Gorse's feedback: one a user, item and type, where the graph has one a time as well. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { TastegraphError } from '../../../errors.ts';
import { removeInteractions } from '../../../pipeline/current.ts';
import { feedbackOf, pageOfFeedback, writeFeedback } from '../../../pipeline/gorse.ts';
import type { InteractionChoice } from '../../../pipeline/resources.ts';
import type { AppContext, AppDependencies, AppEnv } from '../../context.ts';
import { cursorOf, keyOf } from '../../cursor.ts';
import { batchOf, itemId, userId } from '../../schemas.ts';
import { needs } from '../../scope.ts';
import { body, json, problems } from '../answers.ts';
import { inGraph } from '../inGraph.ts';
import { cursors, gorseFeedbackBody, gorseFeedbackSchema, n, success, tags } from './schemas.ts';

const type = z.string().min(1).max(256).meta({ description: 'Type of the feedback' });
const list = json('Feedback', z.array(gorseFeedbackSchema));
const page = json(
  'A page',
  z.object({ Cursor: z.string(), Feedback: z.array(gorseFeedbackSchema).readonly() }).openapi('GorseFeedbackPage'),
);
const query = z.object({ n, ...cursors });
const given = { body: body(batchOf(gorseFeedbackBody)) };
const committed = { 200: json('Committed', success), ...problems(409, 413, 415, 422) };

const insert = createRoute({
  ...needs('write'),
  method: 'post',
  path: '/api/feedback',
  tags,
  summary: 'Add feedback, all or nothing',
  description:
    'Beside what there is of the same user, item and type: values add up. The same again with its time changes nothing.',
  request: given,
  responses: committed,
});
const overwrite = createRoute({
  ...needs('write'),
  method: 'put',
  path: '/api/feedback',
  tags,
  summary: 'Put feedback in the place of what there is of the same user, item and type, all or nothing',
  request: given,
  responses: committed,
});
const all = createRoute({
  ...needs('read'),
  method: 'get',
  path: '/api/feedback',
  tags,
  summary: 'All feedback in pages',
  request: { query },
  responses: { 200: page, ...problems(409, 422) },
});
const ofType = createRoute({
  ...needs('read'),
  method: 'get',
  path: '/api/feedback/{type}',
  tags,
  summary: 'Feedback of a type in pages',
  request: { params: z.object({ type }), query },
  responses: { 200: page, ...problems(409, 422) },
});
const pair = z.object({ user: userId, item: itemId });
const triple = z.object({ type, user: userId, item: itemId });
const ofPair = createRoute({
  ...needs('read'),
  method: 'get',
  path: '/api/feedback/{user}/{item}',
  tags,
  summary: 'Feedback of a user about an item',
  request: { params: pair },
  responses: { 200: list, ...problems(409, 422) },
});
const removePair = createRoute({
  ...needs('write'),
  method: 'delete',
  path: '/api/feedback/{user}/{item}',
  tags,
  summary: 'Remove feedback of a user about an item',
  request: { params: pair },
  responses: { 200: json('Committed', success), ...problems(409, 422) },
});
const ofTriple = createRoute({
  ...needs('read'),
  method: 'get',
  path: '/api/feedback/{type}/{user}/{item}',
  tags,
  summary: 'Feedback of a type, of a user about an item',
  request: { params: triple },
  responses: { 200: json('The feedback', gorseFeedbackSchema), ...problems(404, 409, 422) },
});
const removeTriple = createRoute({
  ...needs('write'),
  method: 'delete',
  path: '/api/feedback/{type}/{user}/{item}',
  tags,
  summary: 'Remove feedback of a type, of a user about an item',
  request: { params: triple },
  responses: { 200: json('Committed', success), ...problems(409, 422) },
});
const ofUser = createRoute({
  ...needs('read'),
  method: 'get',
  path: '/api/user/{id}/feedback',
  tags,
  summary: 'Feedback of a user',
  request: { params: z.object({ id: userId }) },
  responses: { 200: list, ...problems(409, 422) },
});
const ofUserAndType = createRoute({
  ...needs('read'),
  method: 'get',
  path: '/api/user/{id}/feedback/{type}',
  tags,
  summary: 'Feedback of a user, of a type',
  request: { params: z.object({ id: userId, type }) },
  responses: { 200: list, ...problems(409, 422) },
});
const ofItem = createRoute({
  ...needs('read'),
  method: 'get',
  path: '/api/item/{id}/feedback',
  tags,
  summary: 'Feedback about an item',
  request: { params: z.object({ id: itemId }) },
  responses: { 200: list, ...problems(409, 422) },
});
const ofItemAndType = createRoute({
  ...needs('read'),
  method: 'get',
  path: '/api/item/{id}/feedback/{type}',
  tags,
  summary: 'Feedback about an item, of a type',
  request: { params: z.object({ id: itemId, type }) },
  responses: { 200: list, ...problems(409, 422) },
});

export function gorseFeedbackRoutes(app: OpenAPIHono<AppEnv>, deps: AppDependencies): void {
  const write = async (c: AppContext, given: readonly z.infer<typeof gorseFeedbackBody>[], instead: boolean) => {
    c.set('changed', { users: [...new Set(given.map(({ UserId }) => String(UserId)))] });
    await inGraph(deps, (graph) => writeFeedback(graph, given, { now: c.get('since') ?? Date.now(), instead }));
    return { RowAffected: given.length };
  };
  const read = (choice: InteractionChoice) => inGraph(deps, (graph) => feedbackOf(graph, choice));
  const remove = async (c: AppContext, user: string, item: string, type?: string) => {
    c.set('changed', { users: [user] });
    return { RowAffected: await inGraph(deps, (graph) => removeInteractions(graph, [{ user, item, type }])) };
  };
  const turn = async (n: number, cursor: string | undefined, type?: string) => {
    const list = ['gorse feedback', type];
    const key = keyOf(list, cursor || undefined, [z.string(), z.string(), z.string()]);
    const after = key && { user: key[0], item: key[1], type: key[2] };
    const { feedback, last } = await inGraph(deps, (graph) => pageOfFeedback(graph, type, after, n));
    return { Cursor: last ? cursorOf(list, [last.user, last.item, last.type]) : '', Feedback: feedback };
  };

  app.openapi(insert, async (c) => c.json(await write(c, c.req.valid('json'), false), 200));
  app.openapi(overwrite, async (c) => c.json(await write(c, c.req.valid('json'), true), 200));
  app.openapi(all, async (c) => {
    const { n, cursor, Cursor } = c.req.valid('query');
    return c.json(await turn(n, cursor ?? Cursor), 200);
  });
  app.openapi(ofType, async (c) => {
    const { n, cursor, Cursor } = c.req.valid('query');
    return c.json(await turn(n, cursor ?? Cursor, c.req.valid('param').type), 200);
  });
  app.openapi(ofPair, async (c) => c.json(await read(c.req.valid('param')), 200));
  app.openapi(removePair, async (c) => {
    const { user, item } = c.req.valid('param');
    return c.json(await remove(c, user, item), 200);
  });
  app.openapi(ofTriple, async (c) => {
    const choice = c.req.valid('param');
    const [found] = await read(choice);
    if (!found) throw new TastegraphError('interaction/not-in-graph', choice);
    return c.json(found, 200);
  });
  app.openapi(removeTriple, async (c) => {
    const { user, item, type } = c.req.valid('param');
    return c.json(await remove(c, user, item, type), 200);
  });
  app.openapi(ofUser, async (c) => c.json(await read({ user: c.req.valid('param').id }), 200));
  app.openapi(ofUserAndType, async (c) => {
    const { id: user, type } = c.req.valid('param');
    return c.json(await read({ user, type }), 200);
  });
  app.openapi(ofItem, async (c) => c.json(await read({ item: c.req.valid('param').id }), 200));
  app.openapi(ofItemAndType, async (c) => {
    const { id: item, type } = c.req.valid('param');
    return c.json(await read({ item, type }), 200);
  });
}

/** Features as resources: what items and users share. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { TastegraphError } from '../../../errors.ts';
import { addFeature, pageOfFeatures, readFeature, removeFeature, renameFeature } from '../../../pipeline/resources.ts';
import type { Change } from '../../../serving/answerMemory.ts';
import type { AppDependencies, AppEnv } from '../../context.ts';
import { cursor, cursorOf, keyOf } from '../../cursor.ts';
import { ifMatch, ifNoneMatch, isUnchanged, matchOf, notModified } from '../../etag.ts';
import { featureKind, featureResource, featureValue, next, writtenSchema } from '../../resourceSchemas.ts';
import { limit } from '../../schemas.ts';
import { needs } from '../../scope.ts';
import { body, json, problems } from '../answers.ts';
import { inGraph } from '../inGraph.ts';

const tags = ['Features'];
const path = '/v1/features/{kind}/{value}';
const params = z.object({ kind: featureKind, value: featureValue });
const markedSchema = z
  .object({ nodes: z.number().int().meta({ description: 'Items and users that have, or had, the feature' }) })
  .openapi('MarkedNodes');

export const listFeatures = createRoute({
  ...needs('read'),
  method: 'get',
  path: '/v1/features',
  tags,
  summary: 'Features in pages, by kind and value',
  request: { query: z.strictObject({ limit, cursor, kind: featureKind.optional() }), headers: ifNoneMatch },
  responses: {
    200: json('A page', z.object({ features: z.array(featureResource), next }).openapi('FeaturePage')),
    ...notModified,
    ...problems(409, 422),
  },
});

export const showFeature = createRoute({
  ...needs('read'),
  method: 'get',
  path,
  tags,
  summary: 'One feature, and how many have it',
  request: { params, headers: ifNoneMatch },
  responses: { 200: json('The feature', featureResource), ...notModified, ...problems(404, 409, 422) },
});

export const putFeature = createRoute({
  ...needs('write'),
  method: 'put',
  path,
  tags,
  summary: 'See to it that a feature exists',
  request: { params },
  responses: { 200: json('There', writtenSchema), 201: json('Created', writtenSchema), ...problems(409, 422) },
});

export const patchFeature = createRoute({
  ...needs('write'),
  method: 'patch',
  path,
  tags,
  summary: 'Give a feature another value',
  description:
    'All that have it have the other one from then on. Circumstances of interactions that name it keep its old name.',
  request: { params, headers: ifMatch, body: body(z.strictObject({ value: featureValue }).openapi('FeaturePatch')) },
  responses: { 200: json('Renamed', markedSchema), ...problems(404, 409, 412, 413, 415, 422) },
});

export const deleteFeature = createRoute({
  ...needs('write'),
  method: 'delete',
  path,
  tags,
  summary: 'Remove a feature from all that have it',
  request: { params, headers: ifMatch },
  responses: { 200: json('Removed', markedSchema), ...problems(404, 409, 412, 422) },
});

/** Of what is kept, reasons speak of features; lists that go by a filter are given up once the items have been read. */
const nodesAlone: Change = { users: [], nodes: true };

export function featureRoutes(app: OpenAPIHono<AppEnv>, deps: AppDependencies): void {
  app.openapi(listFeatures, async (c) => {
    const { limit, cursor, kind } = c.req.valid('query');
    const list = ['features', kind];
    const [after = ''] = keyOf(list, cursor, [z.string()]) ?? [];
    const features = await inGraph(deps, (graph) => pageOfFeatures(graph, kind, after, limit));
    const last = features.length === limit ? features.at(-1) : undefined;
    const answer = { features, ...(last && { next: cursorOf(list, [`${last.kind}:${last.value}`]) }) };
    return isUnchanged(c, answer) ? c.body(null, 304) : c.json(answer, 200);
  });

  app.openapi(showFeature, async (c) => {
    const feature = c.req.valid('param');
    const found = await inGraph(deps, (graph) => readFeature(graph, feature));
    if (!found) throw new TastegraphError('feature/not-in-graph', feature);
    return isUnchanged(c, found) ? c.body(null, 304) : c.json(found, 200);
  });

  app.openapi(putFeature, async (c) => {
    c.set('changed', nodesAlone);
    const created = await inGraph(deps, (graph) => addFeature(graph, c.req.valid('param')));
    return created ? c.json({ created }, 201) : c.json({ created }, 200);
  });

  app.openapi(patchFeature, async (c) => {
    c.set('changed', nodesAlone);
    const feature = c.req.valid('param');
    const nodes = await inGraph(deps, (graph) => renameFeature(graph, feature, c.req.valid('json').value, matchOf(c)));
    if (nodes === undefined) throw new TastegraphError('feature/not-in-graph', feature);
    return c.json({ nodes }, 200);
  });

  app.openapi(deleteFeature, async (c) => {
    c.set('changed', nodesAlone);
    const feature = c.req.valid('param');
    const nodes = await inGraph(deps, (graph) => removeFeature(graph, feature, matchOf(c)));
    if (nodes === undefined) throw new TastegraphError('feature/not-in-graph', feature);
    return c.json({ nodes }, 200);
  });
}

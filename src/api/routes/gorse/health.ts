/** Gorse's probes. Its data store is Neo4j here, and what it keeps in a cache store is the published version, which is loaded. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { TastegraphError } from '../../../errors.ts';
import type { AppDependencies, AppEnv } from '../../context.ts';
import { needs } from '../../scope.ts';
import { json, problems } from '../answers.ts';
import { graphAnswers } from '../inGraph.ts';
import { tags } from './schemas.ts';

const failure = z.object({}).nullable();
const status = z
  .object({
    Ready: z.boolean(),
    DataStoreError: failure,
    CacheStoreError: failure,
    DataStoreConnected: z.boolean().meta({ description: 'Neo4j answers' }),
    CacheStoreConnected: z.boolean().meta({ description: 'A version is loaded' }),
  })
  .openapi('GorseHealth');

const live = createRoute({
  ...needs('open'),
  method: 'get',
  path: '/api/health/live',
  tags,
  summary: 'The process answers',
  responses: { 200: json('Alive, and ready or not', status) },
});
const ready = createRoute({
  ...live,
  path: '/api/health/ready',
  summary: 'A version is loaded and Neo4j answers',
  responses: { 200: json('Ready', status), ...problems(503) },
});

export function gorseHealthRoutes(app: OpenAPIHono<AppEnv>, { reach, stopping }: AppDependencies): void {
  const health = async (): Promise<z.infer<typeof status>> => {
    const isConnected = await graphAnswers(reach);
    const isGone = reach.graph !== undefined && !isConnected;
    return {
      Ready: !isGone && !stopping?.(),
      DataStoreError: isGone ? {} : null,
      CacheStoreError: null,
      DataStoreConnected: isConnected,
      CacheStoreConnected: true,
    };
  };
  app.openapi(live, async (c) => c.json(await health(), 200));
  app.openapi(ready, async (c) => {
    const found = await health();
    if (stopping?.()) throw new TastegraphError('api/stopping');
    if (!found.Ready)
      throw new TastegraphError('neo4j/unreachable', {
        uri: reach.graph?.connection.uri ?? 'none',
        problem: 'no answer in time',
        told: 'no answer in time',
      });
    return c.json(found, 200);
  });
}

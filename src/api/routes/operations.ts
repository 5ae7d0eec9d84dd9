/** Is it alive, is it ready, how is it doing. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { AggregatorRegistry, type Registry } from 'prom-client';
import { TastegraphError } from '../../errors.ts';
import type { AppDependencies, AppEnv } from '../context.ts';
import { needs } from '../scope.ts';
import { json, problems } from './answers.ts';
import { graphAnswers } from './inGraph.ts';

export const live = createRoute({
  ...needs('open'),
  method: 'get',
  path: '/health/live',
  tags: ['Operations'],
  summary: 'The process answers',
  responses: { 200: json('Alive', z.object({ status: z.literal('live') })) },
});

export const ready = createRoute({
  ...needs('open'),
  method: 'get',
  path: '/health/ready',
  tags: ['Operations'],
  summary: 'A version is loaded and Neo4j answers',
  description:
    'While Neo4j does not answer, recommendations are still given, without what happened since the snapshot.',
  responses: {
    200: json(
      'Ready',
      z.object({ status: z.literal('ready'), version: z.string(), graph: z.enum(['none', 'reached']) }),
    ),
    ...problems(503),
  },
});

const metrics = createRoute({
  ...needs('read'),
  method: 'get',
  path: '/metrics',
  tags: ['Operations'],
  summary: 'Figures for Prometheus',
  responses: {
    200: { description: 'Prometheus text format', content: { 'text/plain': { schema: z.string() } } },
    ...problems(),
  },
});

export function operationRoutes(app: OpenAPIHono<AppEnv>, deps: AppDependencies, registry: Registry): void {
  const { recommender, reach, stopping, colleagues, tenant = '' } = deps;
  app.openapi(live, (c) => c.json({ status: 'live' as const }, 200));

  app.openapi(ready, async (c) => {
    if (stopping?.()) throw new TastegraphError('api/stopping');
    const { id: version } = recommender.version;
    if (!reach.graph) return c.json({ status: 'ready' as const, version, graph: 'none' as const }, 200);
    if (!(await graphAnswers(reach))) {
      const { uri } = reach.graph.connection;
      throw new TastegraphError('neo4j/unreachable', { uri, problem: 'no answer in time', told: 'no answer in time' });
    }
    return c.json({ status: 'ready' as const, version, graph: 'reached' as const }, 200);
  });

  colleagues?.onFigures(tenant, () => registry.getMetricsAsJSON());
  app.openapi(metrics, async (c) => {
    const all = colleagues ? AggregatorRegistry.aggregate([...(await colleagues.figures(tenant))]) : registry;
    return c.text(await all.metrics(), 200, { 'content-type': registry.contentType });
  });
}

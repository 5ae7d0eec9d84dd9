/** Where published versions come from. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { lineageOf } from '../../pipeline/lineage.ts';
import type { AppDependencies, AppEnv } from '../context.ts';
import { needs } from '../scope.ts';
import { json, problems } from './answers.ts';
import { inGraph } from './inGraph.ts';

const at = z.number().int().meta({ description: 'ms since 1970' });
const succession = z.array(z.object({ version: z.string(), at }));
const count = z.number().int();
const lineageSchema = z
  .object({
    version: z.string(),
    model: z.string(),
    seed: count,
    dim: count.meta({ description: 'Width of the vectors; 0 where the model has none' }),
    at,
    options: z.record(z.string(), z.unknown()),
    metrics: z.record(z.string(), z.number()).meta({ description: 'On the test part' }),
    current: z.boolean(),
    publishedAt: z.array(at).meta({ description: 'Every moment at which it became the current one' }),
    removedAt: at.optional().meta({ description: 'There where its files were removed' }),
    snapshot: z
      .object({ digest: z.string(), asOf: at, users: count, items: count, features: count, interactions: count })
      .optional(),
    slots: z
      .array(z.object({ slot: z.enum(['vectorA', 'vectorB']), current: z.boolean() }))
      .meta({ description: 'Where its vectors lie' }),
    follows: succession.meta({ description: 'What was current before it, each time that it became so' }),
    followedBy: succession,
    siblings: z.array(z.string()).meta({ description: 'Other versions of the same snapshot' }),
  })
  .openapi('Lineage');

export const lineage = createRoute({
  ...needs('read'),
  method: 'get',
  path: '/v1/versions/{id}/lineage',
  tags: ['Versions'],
  summary: 'Where a version comes from: its snapshot, options and metrics, which it followed and which followed it',
  description: 'As the graph tells it, also of a version whose files are removed.',
  request: { params: z.object({ id: z.string().min(1).max(64) }) },
  responses: { 200: json('The lineage', lineageSchema), ...problems(404, 422) },
});

export function lineageRoutes(app: OpenAPIHono<AppEnv>, deps: AppDependencies): void {
  app.openapi(lineage, async (c) => {
    const { id } = c.req.valid('param');
    const known = await inGraph(deps, (graph) => lineageOf(graph, id));
    return c.json(known as z.output<typeof lineageSchema>, 200);
  });
}

/** Finds what is in the graph by what people type. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { search as searchGraph } from '../../pipeline/resources.ts';
import type { AppDependencies, AppEnv } from '../context.ts';
import { numberFrom } from '../numberFrom.ts';
import { featureResource } from '../resourceSchemas.ts';
import { needs } from '../scope.ts';
import { json, problems } from './answers.ts';
import { inGraph } from './inGraph.ts';

const text = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .refine((given) => !/\p{Surrogate}/u.test(given), 'holds half a character')
  .meta({ description: 'How an id begins, or words of a title or value, each to be begun alone', example: 'star wa' });
const limit = numberFrom(z.number().int().min(1).max(50).default(10)).meta({ description: 'Most of each kind' });

const foundSchema = z
  .object({
    users: z.array(z.object({ id: z.string() })).readonly(),
    items: z
      .array(z.object({ id: z.string(), title: z.string() }))
      .readonly()
      .meta({ description: 'By id, then by title, the best first' }),
    features: z.array(featureResource).readonly(),
  })
  .openapi('Found');

export const search = createRoute({
  ...needs('read'),
  method: 'get',
  path: '/v1/search',
  tags: ['Recommend'],
  summary: 'Users and items whose ids begin with a text; items and features with its words in their titles and values',
  description: 'Letters and digits count, in any case; a word finds what begins with it, and all words must be there.',
  request: { query: z.strictObject({ q: text, limit }) },
  responses: { 200: json('What was found', foundSchema), ...problems(409, 422) },
});

export function searchRoutes(app: OpenAPIHono<AppEnv>, deps: AppDependencies): void {
  app.openapi(search, async (c) => {
    const { q, limit } = c.req.valid('query');
    return c.json(await inGraph(deps, (graph) => searchGraph(graph, q, limit)), 200);
  });
}

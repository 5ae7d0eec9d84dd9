/** What users do, as it happens. */
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { problemOf, TastegraphError } from '../../errors.ts';
import { writeInteractions } from '../../graph/interactions.ts';
import type { AppDependencies, AppEnv } from '../context.ts';
import { acceptedSchema, postedSchema } from '../schemas.ts';
import { json, problems } from './answers.ts';

const post = createRoute({
  method: 'post',
  path: '/v1/interactions',
  tags: ['Interactions'],
  summary: 'Add a batch of interactions',
  description:
    'What is acknowledged is committed in Neo4j, all of the batch or nothing. There is one interaction per user, item, type and time: sending a batch again changes nothing, so a request whose answer was lost can be repeated. Unknown users and items are created; they take part from the next training on. The items are left out of the next recommendations of these users.',
  request: { body: { required: true, content: { 'application/json': { schema: postedSchema } } } },
  responses: { 200: json('Committed', acceptedSchema), ...problems(413, 415, 422) },
});

export function interactionRoutes(app: OpenAPIHono<AppEnv>, { reach }: AppDependencies): void {
  app.openapi(post, async (c) => {
    const { interactions } = c.req.valid('json');
    const { graph } = reach;
    if (!graph)
      throw new TastegraphError('neo4j/unreachable', { uri: 'none', problem: 'the server runs without a database' });
    const now = Date.now();
    try {
      const created = await writeInteractions(
        graph,
        interactions.map(({ user, item, type, value, at = now }) => ({ user, item, type, value, at })),
      );
      return c.json({ accepted: interactions.length, created }, 200);
    } catch (cause) {
      if (cause instanceof TastegraphError) throw cause;
      const { uri } = graph.connection;
      throw new TastegraphError('neo4j/unreachable', { uri, problem: problemOf(cause) }, cause);
    }
  });
}

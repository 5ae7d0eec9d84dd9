/** Who is to be forgotten. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { TastegraphError } from '../../errors.ts';
import type { AppDependencies, AppEnv } from '../context.ts';
import { block, userId } from '../schemas.ts';
import { needs } from '../scope.ts';
import { json, problems } from './answers.ts';
import { unlessGone } from './inGraph.ts';

const ids = z.array(z.string()).readonly();
const count = z.number().int();
const receipt = z.object({
  format: z.string(),
  operation: z.string(),
  key: z.string().meta({ description: "SHA-256 of 'user', a line feed and the id: the receipt names nobody" }),
  known: z.boolean().meta({ description: 'Whether anything of the user was found' }),
  startedAt: z.string(),
  finishedAt: z.string(),
  removed: z.object({
    graph: z
      .record(z.string(), count)
      .optional()
      .meta({ description: 'By kind; absent where the server has no database' }),
    snapshots: z.array(z.object({ from: z.string(), to: z.string() })).readonly(),
    versions: ids,
    withdrawn: ids.meta({ description: 'Versions that were removed, since none can be made of them without the user' }),
    checkpoints: ids,
    quarantineLines: count,
  }),
  blocked: z.boolean(),
  influenced: ids.meta({ description: 'Versions that learned from the user what they know of items and others' }),
  free: ids.meta({ description: 'Versions that did not' }),
  proof: z.object({
    graph: z.record(z.string(), count).optional(),
    snapshots: count,
    versions: count,
    files: z.object({ scanned: count, holding: ids }).optional(),
  }),
  beyond: ids.meta({ description: 'What the operation does not reach' }),
  earlier: ids.meta({ description: 'Earlier operations for the same user' }),
});
const signedSchema = z
  .object({
    receipt,
    signature: z.string().meta({ description: 'Ed25519, of the receipt as JSON without white space, base64' }),
    publicKey: z.string().meta({ description: 'SubjectPublicKeyInfo, base64' }),
  })
  .openapi('ForgetReceipt');

export const forgetRoute = createRoute({
  ...needs('admin'),
  method: 'delete',
  path: '/v1/users/{id}',
  tags: ['Users'],
  summary: 'Forget a user',
  description:
    'Removes everything that is kept of the user: edges, node, vectors, impressions and trust in Neo4j, rows of stored snapshots and published versions, checkpoints, quarantined lines. Answers the signed receipt when the server itself has gone over to what is left. With `block` the user is never taken in again. A request that took too long goes on: ask again, which changes nothing more and names the operation in `earlier`.',
  request: { params: z.object({ id: userId }), query: z.strictObject({ block }) },
  responses: { 200: json('The receipt', signedSchema), ...problems(404, 409, 422) },
});

export function forgetRoutes(app: OpenAPIHono<AppEnv>, deps: AppDependencies): void {
  const { forget: act, recommender } = deps;
  app.openapi(forgetRoute, async (c) => {
    if (!act) throw new TastegraphError('api/not-found', { path: c.req.path });
    const { id } = c.req.valid('param');
    const signed = await unlessGone(deps, () => act(id, c.req.valid('query')));
    recommender.reload();
    c.set('changed', { versions: true });
    return c.json(signed, 200);
  });
}

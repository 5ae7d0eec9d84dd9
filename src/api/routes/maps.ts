/** The vectors of a version as a plane, for a picture. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { TastegraphError } from '../../errors.ts';
import { mapSides } from '../../serving/map/map.ts';
import type { AppDependencies, AppEnv } from '../context.ts';
import { ifNoneMatch, isUnchanged, notModified } from '../etag.ts';
import { needs } from '../scope.ts';
import { json, problems } from './answers.ts';

const base64 = (what: string) => z.string().openapi({ example: 'AAAAPwAAgD4=' }).meta({ description: what });
const mapSchema = z
  .object({
    version: z.string(),
    of: z.enum(mapSides),
    method: z.enum(['pca', 'neighbours']).meta({
      description: "'pca': the two directions of most variance; 'neighbours': from there, neighbours drawn together",
    }),
    count: z.number().int(),
    positions: base64('x and y of each, little-endian float32 in base64, within ±1.1'),
    ids: z.array(z.string()).readonly(),
    titles: z.array(z.string()).readonly().optional().meta({ description: 'Of items' }),
    kinds: z
      .array(
        z.object({
          kind: z.string(),
          values: z.array(z.string()).readonly(),
          codes: base64('The place of the value of each, a byte in base64; 255 for none of them'),
        }),
      )
      .readonly(),
  })
  .openapi('VersionMap');

export const map = createRoute({
  ...needs('read'),
  method: 'get',
  path: '/v1/versions/{id}/map',
  tags: ['Versions'],
  summary: "A version's items or users as points of a plane, near where their vectors point the same way",
  description: 'Made once for each version, which takes seconds, and kept. The same vectors give the same plane.',
  request: {
    params: z.object({ id: z.string().min(1).max(64) }),
    query: z.strictObject({ of: z.enum(mapSides).default('items') }),
    headers: ifNoneMatch,
  },
  responses: { 200: json('The map', mapSchema), ...notModified, ...problems(404, 409, 422) },
});

const encoded = ({ buffer, byteOffset, byteLength }: Float32Array | Uint8Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('base64');

export function mapRoutes(app: OpenAPIHono<AppEnv>, { maps, recommender }: AppDependencies): void {
  app.openapi(map, async (c) => {
    if (!maps) throw new TastegraphError('api/not-found', { path: c.req.path });
    const { id } = c.req.valid('param');
    const { of } = c.req.valid('query');
    const { served, release } = recommender.acquire();
    try {
      const version = served.manifest.id === id ? served.published : await maps.load(id);
      if (isUnchanged(c, [id, of, await maps.digest(version, of), version.manifest.snapshot])) return c.body(null, 304);
      const { method, plane, ids, titles, kinds } = await maps.map(version, of);
      const coded = kinds.map(({ codes, ...kind }) => ({ ...kind, codes: encoded(codes) }));
      const about = { version: id, of, method, count: ids.length, positions: encoded(plane), ids };
      return c.json({ ...about, ...(titles && { titles }), kinds: coded }, 200);
    } finally {
      release();
    }
  });
}

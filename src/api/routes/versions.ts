/** The published versions, and which of them is served. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { TastegraphError } from '../../errors.ts';
import type { VersionAdministration } from '../../pipeline.ts';
import type { AppContext, AppDependencies, AppEnv } from '../context.ts';
import { needs } from '../scope.ts';
import { json, problems } from './answers.ts';
import { unlessGone } from './inGraph.ts';

const at = z.number().int().meta({ description: 'ms since 1970' });
const count = z.number().int();
const metrics = z.record(z.string(), z.number());
const versionSchema = z
  .object({
    id: z.string().openapi({ example: '20260501-120000-1a2b3c' }),
    current: z.boolean().meta({ description: 'Whether it is the one that is served' }),
    at,
    model: z.string(),
    options: z.record(z.string(), z.unknown()),
    snapshot: z.string().meta({ description: 'Digest of the data that it was trained on' }),
    split: z.string(),
    seed: count,
    epochs: count,
    seconds: z.number().meta({ description: 'Of training' }),
    users: count,
    items: count,
    pairs: count.meta({ description: 'User-item pairs of the training part' }),
    dim: count.meta({ description: 'Width of the vectors; 0 where the model has none' }),
    test: metrics.meta({ description: 'On the test part' }),
    popularity: metrics.meta({ description: 'The same for recommending what is popular' }),
    forgotten: count.meta({ description: 'Users who were forgotten since, of whom it keeps what it learned' }),
  })
  .openapi('Version');
const versionsSchema = z
  .object({
    versions: z.array(versionSchema).readonly(),
    history: z
      .array(z.object({ id: z.string(), at }))
      .readonly()
      .meta({ description: 'Every switch, oldest first; the last names the current one' }),
  })
  .openapi('Versions');
const switchedSchema = z
  .object({ current: z.string().meta({ description: 'The version that is served from now on' }) })
  .openapi('SwitchedVersion');

const id = z
  .string()
  .regex(/^\d{8}-\d{6}-[0-9a-f]{6}$/)
  .openapi({ example: '20260501-120000-1a2b3c' });

export const list = createRoute({
  ...needs('read'),
  method: 'get',
  path: '/v1/versions',
  tags: ['Versions'],
  summary: 'The published versions: what each was trained on, how, and how good it is',
  responses: { 200: json('Newest first', versionsSchema), ...problems(404) },
});
export const promote = createRoute({
  ...needs('admin'),
  method: 'post',
  path: '/v1/admin/versions/{id}/promote',
  tags: ['Versions'],
  summary: 'Serve a version from now on, newer or older',
  description: 'Requests that have begun are answered by the version before. The graph is told, and gets its vectors.',
  request: { params: z.object({ id }) },
  responses: { 200: json('Switched', switchedSchema), ...problems(404, 409, 422) },
});
export const rollback = createRoute({
  ...needs('admin'),
  method: 'post',
  path: '/v1/admin/versions/rollback',
  tags: ['Versions'],
  summary: 'Serve the version before the current one again',
  description: 'A second time: the one before that.',
  responses: { 200: json('Switched', switchedSchema), ...problems(404, 409) },
});

export function versionRoutes(app: OpenAPIHono<AppEnv>, deps: AppDependencies): void {
  const { versions } = deps;
  const versionsFor = (c: AppContext): VersionAdministration => {
    if (!versions) throw new TastegraphError('api/not-found', { path: c.req.path });
    return versions;
  };

  app.openapi(list, async (c) => {
    const { versions, history } = await versionsFor(c).list();
    const described = versions.map(({ manifest, current }) => {
      const { id, at, model, options, snapshot, split, seed, epochs, seconds, users, items, pairs, dim } = manifest;
      const { test, popularity, forgotten = [] } = manifest;
      const trained = { model, options, snapshot, split, seed, epochs, seconds: seconds.fit, users, items, pairs, dim };
      return { id, current, at, ...trained, test, popularity, forgotten: forgotten.length };
    });
    return c.json({ versions: described, history }, 200);
  });

  app.openapi(promote, async (c) => {
    const versions = versionsFor(c);
    const { id } = await unlessGone(deps, () => versions.promote(c.req.valid('param').id));
    c.set('changed', { versions: true });
    return c.json({ current: id }, 200);
  });

  app.openapi(rollback, async (c) => {
    const versions = versionsFor(c);
    const { id } = await unlessGone(deps, () => versions.rollback());
    c.set('about', id);
    c.set('changed', { versions: true });
    return c.json({ current: id }, 200);
  });
}

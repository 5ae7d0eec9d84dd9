/** Keys, and what administrators did. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { scopes } from '../../access/caller.ts';
import { TastegraphError } from '../../errors.ts';
import { durationOf, option } from '../../options.ts';
import type { KeyAdministration } from '../../pipeline.ts';
import type { AppContext, AppDependencies, AppEnv } from '../context.ts';
import { limit } from '../schemas.ts';
import { needs } from '../scope.ts';
import { json, problems } from './answers.ts';

const at = z.number().int().meta({ description: 'ms since 1970' });
const keyRecord = {
  id: z.string(),
  name: z.string(),
  scopes: z.array(z.enum(scopes)).readonly(),
  tenant: z.string().optional().meta({ description: "Whose data it opens; absent for the server's own home" }),
  state: z.enum(['active', 'expired', 'revoked']),
  at,
  expiresAt: at.optional(),
  revokedAt: at.optional(),
  rotatedAt: at.meta({ description: 'ms since 1970; when its newest secret was made' }),
};
const keySchema = z.object(keyRecord).openapi('Key');
const newKeySchema = z
  .object({ ...keyRecord, key: z.string().meta({ description: 'The key itself. It is shown this once' }) })
  .openapi('NewKey');
const draftSchema = z.strictObject({
  name: option.name.unwrap(),
  scopes: option.scope.unwrap(),
  expires: option.expires,
  tenant: option.tenant,
});
const entrySchema = z
  .object({
    at,
    who: z.object({ kind: z.enum(['anyone', 'token', 'key', 'jwt', 'command line', 'unknown']), id: z.string() }),
    tenant: z.string().optional(),
    what: z.string().meta({ description: 'The route, never a body or the id of a user' }),
    about: z.string().optional().meta({ description: 'Key, rule or question that it was about' }),
    status: z.number().int().optional(),
    code: z.string().optional().meta({ description: 'Of the error, where it was refused or failed' }),
    requestId: z.string().optional(),
  })
  .openapi('AuditEntry');

const callerSchema = z
  .object({
    kind: z.enum(['anyone', 'token', 'key', 'jwt']).openapi({ example: 'key' }).meta({
      description: "How the caller was recognised; 'anyone' where the server asks nobody who they are",
    }),
    id: z.string().openapi({ example: '4f3a9c1b20de' }).meta({ description: 'Of the key, or the subject of the JWT' }),
    scopes: z.array(z.enum(scopes)).readonly(),
    tenant: z.string().optional().meta({ description: "Whose data is seen; absent for the server's own home" }),
  })
  .openapi('Caller');

const tags = ['Administer'];
const id = z
  .string()
  .regex(/^[0-9a-f]{12}$/)
  .openapi({ example: '4f3a9c1b20de' })
  .meta({ description: 'Id of a key' });

export const me = createRoute({
  ...needs('read'),
  method: 'get',
  path: '/v1/me',
  tags: ['Operations'],
  summary: 'Who asks, and what they may',
  responses: { 200: json('The caller', callerSchema), ...problems() },
});
export const list = createRoute({
  ...needs('admin'),
  method: 'get',
  path: '/v1/admin/keys',
  tags,
  summary: 'Every key that was made, without the keys themselves',
  responses: {
    200: json('In the order of their making', z.object({ keys: z.array(keySchema).readonly() })),
    ...problems(),
  },
});
export const create = createRoute({
  ...needs('admin'),
  method: 'post',
  path: '/v1/admin/keys',
  tags,
  summary: 'Make a key',
  description:
    'The key is in the answer and nowhere else. An administrator of a tenant makes keys of that tenant alone.',
  request: { body: { required: true, content: { 'application/json': { schema: draftSchema } } } },
  responses: { 201: json('The key', newKeySchema), ...problems(404, 413, 415, 422) },
});
export const rotate = createRoute({
  ...needs('admin'),
  method: 'post',
  path: '/v1/admin/keys/{id}/rotate',
  tags,
  summary: 'Give a key a new secret; the one before stays good for a while',
  request: {
    params: z.object({ id }),
    body: { required: true, content: { 'application/json': { schema: z.strictObject({ grace: option.grace }) } } },
  },
  responses: { 200: json('The key with its new secret', newKeySchema), ...problems(404, 409, 413, 415, 422) },
});
export const revoke = createRoute({
  ...needs('admin'),
  method: 'delete',
  path: '/v1/admin/keys/{id}',
  tags,
  summary: 'End a key at once',
  request: { params: z.object({ id }) },
  responses: { 200: json('Revoked; it stays in the list', keySchema), ...problems(404, 409, 422) },
});
export const audit = createRoute({
  ...needs('admin'),
  method: 'get',
  path: '/v1/admin/audit',
  tags,
  summary: 'What administrators did, and what others tried that only they may',
  request: { query: z.strictObject({ limit }) },
  responses: {
    200: json('Newest first', z.object({ entries: z.array(entrySchema).readonly() })),
    ...problems(404, 422),
  },
});

export function accessRoutes(app: OpenAPIHono<AppEnv>, { keys, audits, tenant, tenantNames }: AppDependencies): void {
  const keysFor = (c: AppContext): KeyAdministration => {
    if (!keys) throw new TastegraphError('api/not-found', { path: c.req.path });
    return keys;
  };

  app.openapi(me, (c) => {
    const { kind, id, scopes } = c.get('caller')!;
    return c.json({ kind, id, scopes, ...(tenant !== undefined && { tenant }) }, 200);
  });

  app.openapi(list, async (c) => c.json({ keys: await keysFor(c).list(tenant) }, 200));

  app.openapi(create, async (c) => {
    const { name, scopes, expires, tenant: wanted = tenant } = c.req.valid('json');
    if (wanted !== tenant && tenant !== undefined) throw new TastegraphError('api/other-tenant');
    if (wanted !== undefined && !tenantNames?.includes(wanted))
      throw new TastegraphError('tenant/unknown', { name: wanted });
    const expiresAt = expires === undefined ? undefined : Date.now() + durationOf(expires);
    const made = await keysFor(c).create({ name, scopes, tenant: wanted, expiresAt });
    c.set('about', made.id);
    return c.json(made, 201);
  });

  app.openapi(rotate, async (c) => {
    const { grace } = c.req.valid('json');
    return c.json(await keysFor(c).rotate(c.req.valid('param').id, durationOf(grace), tenant), 200);
  });

  app.openapi(revoke, async (c) => c.json(await keysFor(c).revoke(c.req.valid('param').id, tenant), 200));

  app.openapi(audit, (c) => {
    if (!audits) throw new TastegraphError('api/not-found', { path: c.req.path });
    return c.json({ entries: audits.read(c.req.valid('query').limit, tenant) }, 200);
  });
}

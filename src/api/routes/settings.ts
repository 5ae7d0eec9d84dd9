/** What the server was started with. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { TastegraphError } from '../../errors.ts';
import { settingSources } from '../../options/sections.ts';
import type { AppDependencies, AppEnv } from '../context.ts';
import { needs } from '../scope.ts';
import { json, problems } from './answers.ts';

const settingSchema = z
  .object({
    key: z.string().meta({ description: 'As in the config file', example: 'maxBodyBytes' }),
    section: z.string().meta({ example: 'Serving' }),
    source: z.enum(settingSources),
    value: z.unknown().optional().meta({ description: 'In force; absent where there is none, and for secrets' }),
    defaultValue: z.unknown().optional(),
    secret: z
      .enum(['set', 'not set'])
      .optional()
      .meta({ description: 'There for secrets: their values are in no answer' }),
    flag: z.string().optional().meta({ example: 'max-body-bytes' }),
    env: z.string().meta({ example: 'TASTEGRAPH_MAX_BODY_BYTES' }),
    unit: z.string().optional(),
    choices: z.array(z.string()).readonly(),
    description: z.string(),
    reason: z.string().optional(),
    here: z.boolean().meta({
      description: 'Whether the server goes by it; the others are for other commands in the same environment',
    }),
  })
  .openapi('Setting');

export const settings = createRoute({
  ...needs('admin'),
  method: 'get',
  path: '/v1/admin/settings',
  tags: ['Administer'],
  summary: 'Every option with its value in force and where it comes from',
  description: "For the server's own administrators; those of a tenant are told nothing of the server.",
  responses: { 200: json('By section', z.object({ settings: z.array(settingSchema).readonly() })), ...problems(404) },
});

export function settingsRoutes(app: OpenAPIHono<AppEnv>, { settings: inForce, tenant }: AppDependencies): void {
  app.openapi(settings, (c) => {
    if (!inForce || tenant !== undefined) throw new TastegraphError('api/not-found', { path: c.req.path });
    return c.json({ settings: inForce }, 200);
  });
}

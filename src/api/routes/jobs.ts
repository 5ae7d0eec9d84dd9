/** Long work that left a record. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { TastegraphError } from '../../errors.ts';
import { jobKinds } from '../../pipeline/jobs.ts';
import { runStates } from '../../training/runs.ts';
import type { AppDependencies, AppEnv } from '../context.ts';
import { needs } from '../scope.ts';
import { json, problems } from './answers.ts';

const at = z.number().int().meta({ description: 'ms since 1970' });
const jobSchema = z
  .object({
    kind: z.enum(jobKinds),
    id: z.string().meta({ description: 'Of the run, snapshot, version or record; the key of a receipt names nobody' }),
    state: z.enum([...runStates, 'unfinished']),
    about: z.string(),
    outcome: z.string().optional().meta({ description: 'What came of it; of a failed one the code of the error' }),
    at,
    endedAt: at.optional(),
    progress: z
      .object({ phase: z.string(), done: z.number(), total: z.number().optional(), unit: z.string() })
      .optional()
      .meta({ description: 'Of what is at work' }),
  })
  .openapi('Job');

export const jobs = createRoute({
  ...needs('admin'),
  method: 'get',
  path: '/v1/admin/jobs',
  tags: ['Administer'],
  summary: 'Trainings, snapshots, published versions, forgotten users, ingests, exports and backups, newest first',
  description: 'What leaves a record below the home.',
  responses: { 200: json('The jobs', z.object({ jobs: z.array(jobSchema).readonly() })), ...problems(404) },
});

export function jobRoutes(app: OpenAPIHono<AppEnv>, deps: AppDependencies): void {
  app.openapi(jobs, async (c) => {
    if (!deps.jobs) throw new TastegraphError('api/not-found', { path: c.req.path });
    return c.json({ jobs: await deps.jobs() }, 200);
  });
}

/** Experiments between pipelines, what they have shown, and what a pipeline would have been worth that was not shown. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { option } from '../../options.ts';
import { estimatePipeline } from '../../pipeline/estimate.ts';
import { experimentReport, listExperiments } from '../../pipeline/experiments.ts';
import type { AppDependencies, AppEnv } from '../context.ts';
import {
  experimentsSchema,
  pipelineEstimateSchema,
  placesQuery,
  reportSchema,
  shownQuery,
} from '../experimentSchemas.ts';
import { needs } from '../scope.ts';
import { json, problems } from './answers.ts';
import { unlessGone } from './inGraph.ts';

const name = z.string().min(1).max(63);

export const list = createRoute({
  ...needs('read'),
  method: 'get',
  path: '/v1/experiments',
  tags: ['Experiments'],
  summary: 'The experiments that are declared: arms, shares, and the control',
  responses: { 200: json('By name', experimentsSchema), ...problems() },
});

export const report = createRoute({
  ...needs('admin'),
  method: 'get',
  path: '/v1/experiments/{name}/report',
  tags: ['Experiments'],
  summary: 'What an experiment has shown so far, arm by arm',
  description:
    'Counts what was shown and of it what was taken: what the user did anything with, of `types`, within `window` after it. Lists whose window is not over are left out. Says first whether the arms hold the users that their shares say.',
  request: { params: z.object({ name }), query: z.strictObject(shownQuery) },
  responses: { 200: json('The report', reportSchema), ...problems(404, 422, 503) },
});

export const estimate = createRoute({
  ...needs('admin'),
  method: 'get',
  path: '/v1/pipelines/{name}/estimate',
  tags: ['Experiments'],
  summary: 'What a pipeline would have been worth, by lists that another one drew',
  description:
    'Replay, self-normalised inverse propensities and doubly robust, over the last lists that a pipeline with epsilon-greedy or plackett-luce drew since the version was made. The pipeline is run anew for each of them as of the moment when it was shown; of lists that half the time of a request is too short for, the earliest are left out, and a caveat says so.',
  request: { params: z.object({ name }), query: z.strictObject({ ...shownQuery, ...placesQuery }) },
  responses: { 200: json('The estimates', pipelineEstimateSchema), ...problems(404, 422, 503) },
});

/** What a query does not say. */
const usual = {
  resamples: option.resamples.parse(undefined),
  seed: option.seed.parse(undefined),
  clip: option.clip.parse(undefined),
};

/** Share of a request's time in which an estimate looks at lists; the rest is for the graph's answer before and the intervals after. */
const looking = 0.5;

export function experimentRoutes(app: OpenAPIHono<AppEnv>, deps: AppDependencies): void {
  const withinMs = looking * deps.options.requestTimeoutMs;
  app.openapi(list, (c) => c.json({ experiments: listExperiments(deps) }, 200));

  app.openapi(report, async (c) => {
    const { name } = c.req.valid('param');
    const asked = { ...c.req.valid('query'), ...usual };
    return c.json(await unlessGone(deps, () => experimentReport(deps, name, asked)), 200);
  });

  app.openapi(estimate, async (c) => {
    const asked = { ...c.req.valid('query'), ...usual, withinMs };
    const { name } = c.req.valid('param');
    return c.json(await unlessGone(deps, () => estimatePipeline(deps, name, asked)), 200);
  });
}

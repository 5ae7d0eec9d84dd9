/** What the API says of pipelines, as zod. */
import { z } from '@hono/zod-openapi';
import { pipelineSchema } from '../options.ts';

export const pipelineName = z.string().meta({ description: 'The pipeline that made the list' });

export const experimentArm = z
  .object({ name: z.string(), arm: z.string() })
  .meta({ description: "The experiment that chose the pipeline, and the user's arm" });

export const traceSchema = z
  .object({
    experiment: z
      .object({
        name: z.string(),
        arm: z.string(),
        share: z.number().meta({ description: 'Of the users' }),
        point: z.number().meta({ description: "Where the user's hash lies, from 0 to 1" }),
        forced: z.literal(true).optional().meta({ description: 'There, where another arm than hers was asked for' }),
      })
      .optional()
      .meta({ description: 'There, where an experiment chose the pipeline' }),
    stages: z
      .array(
        z.object({
          stage: z.string(),
          ms: z.number(),
          in: z.number().int().meta({ description: 'Candidates that came in; sources take in none' }),
          out: z.number().int().meta({ description: 'Candidates that went out' }),
          note: z.string().optional(),
        }),
      )
      .readonly(),
    items: z
      .array(
        z.object({
          item: z.string(),
          score: z.number(),
          from: z
            .array(
              z.object({
                source: z.string(),
                place: z.number().int().meta({ description: 'Among what the source found, from 1' }),
                score: z.number().meta({ description: "On the source's own scale" }),
              }),
            )
            .readonly()
            .meta({ description: 'The sources that found it' }),
          propensity: z
            .number()
            .optional()
            .meta({ description: 'With what probability it stands where it stands, where a stage drew' }),
        }),
      )
      .readonly(),
  })
  .openapi('Trace', { description: 'What each stage of the pipeline did, in their order' });

export const pipelinesSchema = z.object({
  pipelines: z.array(z.object({ name: z.string(), ...pipelineSchema.shape })).readonly(),
  warnings: z
    .array(
      z.object({
        pipeline: pipelineName,
        stage: z.string(),
        key: z.string().meta({ description: 'Of the stage' }),
        value: z.string(),
        problem: z.string(),
      }),
    )
    .readonly()
    .meta({ description: 'What they name and neither the version nor the graph has: misspelt, or not there yet' }),
});

const losses = [
  'unknown',
  'unavailable',
  'done',
  'not-found',
  'below-quota',
  'removed',
  'ranked-low',
  'recommended',
] as const;

export const whyNotSchema = z
  .object({
    user: z.string(),
    item: z.string(),
    title: z.string().optional(),
    version: z.string().meta({ description: 'Id of the version that answered' }),
    pipeline: pipelineName,
    experiment: experimentArm.optional(),
    lost: z.enum(losses).meta({
      description:
        "unknown: the version does not know the item; unavailable: marked so, or removed from the graph; done: the user has interacted with it; not-found: by no source; below-quota: sources have it behind the last place that they may bring; removed: by `stage`, a re-ranker, or the 'filter' or the 'rules' of the request; ranked-low: behind the list's last place; recommended: it is in the list",
    }),
    because: z.string(),
    stage: z.string().optional().meta({ description: 'The stage that lost it, where it got so far' }),
    rule: z.string().optional().meta({ description: 'The rule of the request that lost it, where one did' }),
    place: z
      .number()
      .int()
      .optional()
      .meta({ description: 'In the list, or where it would stand in a longer one; from 1' }),
    sources: z
      .array(z.object({ source: z.string(), place: z.number().int(), quota: z.number().int() }))
      .readonly()
      .meta({ description: 'Where each source has it, asked without its quota' }),
  })
  .openapi('WhyNot');

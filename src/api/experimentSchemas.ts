/** What the API says of experiments and estimates, as zod. */
import { z } from '@hono/zod-openapi';
import { option } from '../options.ts';
import { numberFrom } from './numberFrom.ts';
import { pipelineName } from './pipelineSchemas.ts';
import { moment } from './schemas.ts';

const estimate = z.object({
  value: z.number(),
  low: z.number().meta({ description: 'Lower end of the interval of 95 %' }),
  high: z.number(),
});
const count = z.number().int();
const share = z.number().meta({ description: 'Of the users' });

export const experimentsSchema = z.object({
  experiments: z
    .array(
      z.object({
        name: z.string(),
        salt: z.string(),
        control: z.string().meta({ description: 'The arm that the others are compared with' }),
        arms: z.array(z.object({ name: z.string(), pipeline: pipelineName, share })).readonly(),
      }),
    )
    .readonly(),
});

/** Which impressions, and what counts as taken. */
export const shownQuery = {
  window: option.window,
  types: z
    .preprocess((given) => (typeof given === 'string' ? [given] : given), option.types)
    .openapi({ type: 'array', items: { type: 'string' } }),
  shownFrom: option.shownFrom,
};
export const placesQuery = { places: numberFrom(option.places), mostLists: numberFrom(option.mostLists) };

const about = {
  window: z.string(),
  types: z.array(z.string()).readonly(),
  since: moment.meta({ description: 'ms since 1970: shown from here on' }),
  until: moment.meta({ description: 'ms since 1970: shown before, so that each window is over' }),
};
const caveats = z.array(z.string()).readonly().meta({ description: 'What to know before it is believed' });
const comparison = z.object({
  difference: estimate,
  lift: estimate
    .optional()
    .meta({ description: "The difference as a share of the control's; absent where either is 0" }),
});

export const reportSchema = z
  .object({
    experiment: z.string(),
    ...about,
    arms: z
      .array(
        z.object({
          arm: z.string(),
          pipeline: pipelineName,
          share,
          isControl: z.boolean(),
          users: count,
          answers: count.meta({ description: 'Lists that were shown' }),
          impressions: count.meta({ description: 'Items in them' }),
          taken: count.meta({ description: 'Of these, those that were taken within the window' }),
          rate: estimate.meta({
            description:
              "Taken of what was shown; the interval by a bootstrap over users, or Wilson's over users where nothing was taken or all",
          }),
          converted: count.meta({ description: 'Users who took something' }),
          conversion: estimate.meta({ description: "Their share; the interval is Wilson's" }),
          beside: z
            .object({
              rate: comparison,
              conversion: comparison.extend({
                p: z.number().meta({ description: 'How often two equal arms would differ as much' }),
              }),
            })
            .optional()
            .meta({ description: 'Beside the control' }),
        }),
      )
      .readonly(),
    sampleRatio: z
      .object({ chiSquare: z.number(), degrees: count, p: z.number(), isMismatch: z.boolean() })
      .meta({ description: 'Whether users are in the arms as the shares say' }),
    usersInSeveralArms: count.meta({ description: 'Left out' }),
    caveats,
  })
  .openapi('ExperimentReport');

export const pipelineEstimateSchema = z
  .object({
    pipeline: pipelineName,
    version: z.string(),
    ...about,
    lists: count,
    users: count,
    places: count.meta({
      description: 'First places of each list that are looked at; figures are items taken of these, a list',
    }),
    logged: estimate.meta({ description: 'Of the lists as they were shown' }),
    replay: estimate.extend({
      matched: z.number().meta({ description: 'Lists that the pipeline would have shown too' }),
    }),
    snips: estimate.meta({ description: 'Self-normalised inverse propensities' }),
    doublyRobust: estimate,
    gain: estimate.meta({ description: 'Doubly robust, less what was taken of the lists as they were shown' }),
    weights: z.object({
      effectiveLists: z.number().meta({ description: 'So many lists of its own would tell as much' }),
      support: z
        .number()
        .meta({ description: 'Mean weight: about 1 where all that it would show could have been shown' }),
      clipped: count.meta({ description: 'Lists whose weight was cut off' }),
      biasAtMost: z.number().meta({ description: 'What the cut can have moved SNIPS by, at most' }),
    }),
    leftOut: z.object({
      certain: count.meta({ description: 'Lists in which chance had no part' }),
      short: count.meta({ description: 'Lists shorter than the places that are looked at' }),
    }),
    caveats,
  })
  .openapi('PipelineEstimate');

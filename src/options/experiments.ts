/** Users split between pipelines, and what is told from what was shown: of the split, and of a pipeline that nobody was shown yet. */
import { z } from 'zod';
import { duration, durationOf } from './duration.ts';
import { about, count } from './meta.ts';
import { name } from './pipelines.ts';

const experimentSchema = z
  .strictObject({
    arms: z.record(
      name,
      z.strictObject({
        pipeline: name.meta(about('What makes the lists of its users')),
        share: z.number().gt(0).max(1).meta(about('Share of users; those of all arms are 1 together')),
      }),
    ),
    salt: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .meta(about("Users are split anew under another; the experiment's name where not given")),
    control: name.optional().meta(about('The arm that the others are compared with; the first where not given')),
  })
  .superRefine(({ arms, control }, context) => {
    const names = Object.keys(arms);
    const issue = (message: string, ...path: string[]) => context.addIssue({ code: 'custom', path, message });
    if (names.length < 2) issue('an experiment compares two arms or more', 'arms');
    const sum = Object.values(arms).reduce((shares, { share }) => shares + share, 0);
    if (Math.abs(sum - 1) > 1e-6) issue(`the shares are ${Number(sum.toFixed(6))} together, not 1`, 'arms');
    if (control !== undefined && !names.includes(control))
      issue(`no arm is called so. There are: ${names.join(', ')}`, 'control');
  });

export const experimentsOption = {
  experiments: z
    .record(name, experimentSchema)
    .optional()
    .meta(
      about(
        'Experiments by name: for each its `arms`, a pipeline and a share of the users for each; `salt`, `control`',
        {
          reason: 'a user is in the arm that the hash of her id and the salt says, always the same',
        },
      ),
    ),
  experiment: name.optional().meta(about("Let this experiment say the pipeline: that of the user's arm")),
  arm: name.optional().meta(
    about('Look at this arm of the experiment, whosesoever it is; over HTTP for administrators alone', {
      reason: 'nothing of it is noted as shown',
    }),
  ),
};

/** Which of what was shown is looked at, and how. */
export const shownOption = {
  window: duration
    .refine((text) => durationOf(text) > 0, 'is no time at all: nothing can be taken in it. Write 30s, 15m, 24h or 90d')
    .default('7d')
    .meta(
      about('How long after it was shown an interaction with an item counts', {
        reason: 'what was shown less long ago is left out until then: it would count as not taken',
      }),
    ),
  types: z
    .array(z.string().min(1).max(256))
    .max(50)
    .default([])
    .meta(about('Types of interactions that count; all where none is given')),
  shownFrom: z.iso
    .datetime({ offset: true })
    .optional()
    .meta(about('What was shown before this moment is left out: 2026-05-01T00:00:00Z')),
  resamples: count(100)
    .max(10_000)
    .default(1000)
    .meta(
      about('Samples of the bootstrap that intervals come from', {
        reason: 'the ends of a 95 % interval are then known to a tenth of its width',
      }),
    ),
  places: count()
    .max(100)
    .default(1)
    .meta(
      about('How many of the first places of each list are looked at', {
        unit: 'places',
        reason: 'each further one multiplies the weights, and their spread with them',
      }),
    ),
  clip: z
    .number()
    .min(1)
    .max(1e9)
    .default(100)
    .meta(
      about('Weights are cut off here', {
        reason: 'few heavy lists would carry the estimate; how wrong that can make it is said',
      }),
    ),
  mostLists: count()
    .max(100_000)
    .default(2000)
    .meta(
      about('How many lists that were shown are looked at, the last ones', {
        unit: 'lists',
        reason: 'the pipeline is run anew for each: some milliseconds',
      }),
    ),
};

/** As declared, after the defaults. */
export type DeclaredExperiments = Readonly<Record<string, z.output<typeof experimentSchema>>>;

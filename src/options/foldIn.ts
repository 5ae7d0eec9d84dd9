/** Lists for those who are no single known user: sessions without a name, and groups. */
import { z } from 'zod';
import { about } from './meta.ts';

/** How a group's list is made; see `serving/groups/aggregate.ts`. */
export const aggregates = ['average', 'least-misery', 'most-pleasure', 'fairness'] as const;

export const foldInOption = {
  items: z
    .array(z.string().min(1))
    .default([])
    .meta(about('Items of a session without a user, oldest first, in place of a user')),
  session: z
    .string()
    .min(1)
    .max(256)
    .optional()
    .meta(
      about('Key of a session without a user, which the client keeps as long as it lasts: an experiment splits by it', {
        reason: 'the same key, the same arm',
      }),
    ),
  group: z.array(z.string().min(1)).default([]).meta(about('Users of a group that wants one list, in place of a user')),
  decay: z
    .number()
    .positive()
    .max(1)
    .default(0.8)
    .meta(
      about('How much an item of a session counts beside the one after it; 1 counts all the same', {
        reason: 'of 0.8 to 1 the best for the first ten interactions of users of ml-100k',
      }),
    ),
  aggregate: z
    .enum(aggregates)
    .default('average')
    .meta(
      about(
        "What a group's list goes by: the mean of its members, the least pleased, the most pleased, or evenness among them",
      ),
    ),
  fairness: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .meta(
      about("How much evenness counts against the members' mean, where a group's list goes by fairness", {
        reason: 'both count the same',
      }),
    ),
};

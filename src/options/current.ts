/** Which moment of the graph a snapshot is of, and what it is read from. */
import { z } from 'zod';
import { about } from './meta.ts';

/** ISO 8601, with a zone where it has a time of day, or ms since 1970. */
const moment = /^(?:-?\d{1,16}|\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d))?)$/;

/** ms since 1970 of what the option says; NaN where there is no such moment. */
export const momentOf = (text: string): number => (/^-?\d+$/.test(text) ? Number(text) : Date.parse(text));

export const currentOption = {
  asOf: z
    .string()
    .regex(moment, 'is no moment: write 2024-05-01, 2024-05-01T12:00:00Z or ms since 1970')
    .refine((text) => Math.abs(momentOf(text)) <= 8.64e15, 'is no moment that there is')
    .optional()
    .meta(
      about('Leave out what came after this moment (2024-05-01, 2024-05-01T12:00:00Z or ms since 1970)', {
        reason: 'evaluation as it would have been then; interactions without a time count as from before it',
      }),
    ),
  full: z
    .boolean()
    .default(false)
    .meta(
      about('Read the whole graph, not only what has changed since the newest stored snapshot of it', {
        reason: 'both give the same; changes are found by marks that all writers of this program set',
      }),
    ),
};

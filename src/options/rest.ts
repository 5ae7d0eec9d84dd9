/** What the resources of the API take in. */
import { z } from 'zod';
import { about, count } from './meta.ts';

export const restOption = {
  maxUploadMb: count()
    .max(1 << 20)
    .default(4096)
    .meta(
      about('Largest upload of lines', {
        unit: 'MiB',
        reason: 'it is taken in line by line, so that it costs time and no memory',
      }),
    ),
  filter: z
    .string()
    .min(1)
    .max(2000)
    .optional()
    .meta(
      about('Which of them, as in genre:Action AND year>=1990 AND NOT available:false', {
        reason: 'fields are id, title, at, available, and the kinds of features; in lists of the graph also attributes',
      }),
    ),
};

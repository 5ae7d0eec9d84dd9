/** How a user is forgotten. */
import { z } from 'zod';
import { about } from './meta.ts';

export const forgetOption = {
  block: z
    .boolean()
    .default(false)
    .meta(
      about('Never take the user in again: an ingest leaves them out, a request is refused', {
        reason: 'else the same files bring the user back',
      }),
    ),
  withId: z
    .boolean()
    .default(false)
    .meta(about('Write the id into the receipt', { reason: 'by default it holds a hash alone' })),
  verify: z
    .boolean()
    .default(false)
    .meta(about('Check a receipt, and say which versions are free of the user by now, in place of forgetting anybody')),
};

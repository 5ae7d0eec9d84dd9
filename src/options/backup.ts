/** How a backup is made and put back. */
import { z } from 'zod';
import { about } from './meta.ts';

export const backupOption = {
  force: z
    .boolean()
    .default(false)
    .meta(
      about(
        'Go on where others are connected to the database, and cut them off; and where its counts are not the backup’s',
        {
          reason: 'both need the database to themselves',
        },
      ),
    ),
};

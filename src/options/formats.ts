/** Which attributes are more than tokens, and what an export writes. */
import { z } from 'zod';
import { about } from './meta.ts';

/** The ways in which an export writes its tables, and the tables. */
export const encodings = ['parquet', 'csv', 'jsonl'] as const;
export const exportTables = ['users', 'items', 'features', 'interactions', 'trust', 'embeddings'] as const;

const untyped =
  "where the header does not say it ('price:float'); other columns are tokens, which nodes share as features";

export const formatsOption = {
  numberColumns: z
    .array(z.string())
    .default([])
    .meta(about('Attribute columns that hold numbers', { reason: untyped })),
  textColumns: z
    .array(z.string())
    .default([])
    .meta(about('Attribute columns that hold free text', { reason: untyped })),
  vectorColumns: z
    .array(z.string())
    .default([])
    .meta(about('Attribute columns that hold lists of numbers', { reason: untyped })),
  as: z.enum(encodings).default('parquet').meta(about('How the tables are written')),
  what: z
    .array(z.enum(exportTables))
    .optional()
    .meta(
      about('Tables to write: users, items, features, interactions, trust, embeddings', {
        reason: 'all where not given; embeddings where a version with vectors is published',
      }),
    ),
  overwrite: z.boolean().default(false).meta(about('Replace an earlier export in that folder')),
};

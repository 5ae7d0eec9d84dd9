/** What is read, and how it is cut into parts. */
import { z } from 'zod';
import { about, count } from './meta.ts';

export const formats = [
  'movielens-100k',
  'movielens-csv',
  'lightgcn',
  's3rec',
  'lastfm',
  'libfm',
  'csv',
  'jsonl',
  'parquet',
  'recbole',
  'gorse',
  'tastegraph',
] as const;
export const splits = ['given', 'ratio', 'leave-one-out', 'time'] as const;

export const dataOption = {
  data: z
    .string()
    .optional()
    .meta(about("Files to read instead of the graph: a file, a folder, or '-' for standard input")),
  format: z
    .enum(formats)
    .optional()
    .meta(about('Format of the files', { reason: 'recognised where not given' })),
  userColumn: z.string().default('user').meta(about('Column or key of the user id (csv, jsonl, parquet)')),
  itemColumn: z.string().default('item').meta(about('Column or key of the item id (csv, jsonl, parquet)')),
  typeColumn: z
    .string()
    .default('type')
    .meta(about('Column or key of the interaction type (csv, jsonl, parquet); may be absent')),
  valueColumn: z
    .string()
    .default('value')
    .meta(about('Column or key of the value (csv, jsonl, parquet); may be absent')),
  timeColumn: z
    .string()
    .default('time')
    .meta(
      about(
        'Column or key of the time (csv, jsonl, parquet): seconds or milliseconds since 1970, or ISO 8601; may be absent',
      ),
    ),
  delimiter: z
    .string()
    .length(1)
    .optional()
    .meta(about('Column separator (csv)', { reason: 'comma, tab, semicolon or bar, recognised from the header' })),
  userFile: z
    .string()
    .optional()
    .meta(about('CSV, JSONL or Parquet of user attributes: an id column, every other column an attribute')),
  itemFile: z
    .string()
    .optional()
    .meta(about('CSV, JSONL or Parquet of item attributes: an id column, title, every other column an attribute')),
  socialFile: z.string().optional().meta(about('CSV, JSONL or Parquet of who trusts whom: two columns of user ids')),
  maxBadPercent: z
    .number()
    .min(0)
    .max(100)
    .default(1)
    .meta(about('Share of bad lines over which an ingest stops', { unit: '%' })),
  restart: z.boolean().default(false).meta(about('Read from the beginning even where a cut-off ingest could go on')),
  minValue: z
    .number()
    .optional()
    .meta(
      about('Least value of an interaction that counts as liked', {
        reason: 'all count where not given; 4 suits ratings from 1 to 5',
      }),
    ),
  split: z
    .enum(splits)
    .optional()
    .meta(about('How the test part is cut', { reason: "'given' where the data comes with a test part, else 'ratio'" })),
  testRatio: z
    .number()
    .gt(0)
    .lt(1)
    .default(0.2)
    .meta(about("Share of each user's interactions in the test part (ratio), or of all, the newest (time)")),
  validationRatio: z
    .number()
    .min(0)
    .lt(1)
    .default(0.1)
    .meta(
      about('Share cut from the training part for validation', {
        reason: 'with 0 nothing is chosen: the model trains for as many epochs as it is given, once',
      }),
    ),
  seed: count(0).max(0xffffffff).default(2026).meta(about('Seed of everything random; reported with every figure')),
};

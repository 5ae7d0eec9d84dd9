/** What is asked of a published version, and where it is served. */
import { z } from 'zod';
import { about, count } from './meta.ts';

export const servingOption = {
  limit: count().max(1000).default(10).meta(about('How many items or rows')),
  version: z
    .string()
    .optional()
    .meta(about('A published version', { reason: 'the current one where not given' })),
  explain: z.boolean().default(true).meta(about('Give reasons with each item')),
  promote: z.string().optional().meta(about('Make this version the current one')),
  rollback: z.boolean().default(false).meta(about('Make the version before the current one current again')),
  host: z
    .string()
    .default('127.0.0.1')
    .meta(about('Address to listen on; anything but loopback needs a key, a token or JWTs')),
  port: count(0).max(65535).default(8080).meta(about('Port to listen on; 0 picks a free one')),
  token: z
    .string()
    .min(16)
    .optional()
    .meta(about('A token that opens everything, as a key with the scope admin does', { secret: true })),
  maxBodyBytes: count()
    .default(1 << 20)
    .meta(about('Largest request body', { unit: 'bytes' })),
  requestTimeoutMs: count()
    .default(10_000)
    .meta(about('Longest time for one request', { unit: 'ms' })),
  exit: z.boolean().default(false).meta(about('End after the demo instead of serving on')),
};

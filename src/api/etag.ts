/** Conditional requests, RFC 9110 section 13: an ETag is the hash of what is answered, so that equal content has equal tags. */
import { hash } from 'node:crypto';
import { z } from '@hono/zod-openapi';
import { TastegraphError } from '../errors.ts';
import type { AppContext } from './context.ts';

/** Header of reads. */
export const ifNoneMatch = z.object({
  'if-none-match': z
    .string()
    .max(1000)
    .optional()
    .meta({ description: 'ETags that the caller has the content of: answered with 304 where it is still that' }),
});

/** Headers of changes. */
export const ifMatch = z.object({
  'if-match': z
    .string()
    .max(1000)
    .optional()
    .meta({ description: 'ETag of what is to be changed: answered with 412 where it is not that any more' }),
  'if-none-match': z.literal('*').optional().meta({ description: 'Only where there is none yet; else 412' }),
});

export const notModified = { 304: { description: 'Not modified' } } as const;

/** Of JSON as it is sent. */
export const etagOfText = (json: string): string => `"${hash('sha256', json, 'base64url').slice(0, 27)}"`;

export const etagOf = (content: unknown): string => etagOfText(JSON.stringify(content));

/** The tags of a header; weak ones count as what they are of. */
const tagsIn = (header: string): string[] => header.split(',').map((tag) => tag.trim().replace(/^W\//, ''));

/** Sets the tag of what is to be answered, which may be kept if it is asked for again each time; true where the caller has it. */
export const isUnchanged = (c: AppContext, content: unknown): boolean => hasTagged(c, etagOf(content));

/** The same by its tag. */
export function hasTagged(c: AppContext, tag: string): boolean {
  c.header('etag', tag);
  c.header('cache-control', 'private, no-cache');
  const given = c.req.header('if-none-match');
  return given !== undefined && tagsIn(given).some((each) => each === tag || each === '*');
}

/** What `requireMatch` does with what is there, for whoever changes it; undefined where the caller has no condition. */
export function matchOf(c: AppContext): ((current: unknown) => void) | undefined {
  const isAsked = c.req.header('if-match') !== undefined || c.req.header('if-none-match') !== undefined;
  return isAsked ? (current) => requireMatch(c, current) : undefined;
}

/** Refuses a change of what is not as the caller thinks. Errors: api/precondition. */
export function requireMatch(c: AppContext, current: unknown): void {
  const [wanted, unwanted] = [c.req.header('if-match'), c.req.header('if-none-match')];
  const matches = (header: string): boolean => {
    if (current === undefined) return false;
    const tag = etagOf(current);
    return tagsIn(header).some((each) => each === '*' || each === tag);
  };
  if (wanted !== undefined && !matches(wanted)) throw new TastegraphError('api/precondition');
  if (unwanted !== undefined && matches(unwanted)) throw new TastegraphError('api/precondition');
}

/** The API keys of a home: `keys.json`, without the keys themselves, readable by its owner alone. */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { replaceFile } from '../durable.ts';
import { problemOf, TastegraphError } from '../errors.ts';
import { withLock } from '../lock.ts';
import { scopes } from './caller.ts';

const moment = z.number().int(); // ms since 1970

const storedKey = z.strictObject({
  id: z.string(),
  name: z.string(),
  scopes: z.array(z.enum(scopes)).readonly(),
  tenant: z.string().optional(),
  at: moment,
  expiresAt: moment.optional(),
  revokedAt: moment.optional(),
  /** The newest last. One that was rotated away is good for a while longer: `until`. */
  secrets: z.array(z.strictObject({ sha256: z.string(), at: moment, until: moment.optional() })).readonly(),
});
const keyFile = z.strictObject({ format: z.literal(1), keys: z.array(storedKey).readonly() });

export type StoredKey = z.output<typeof storedKey>;

export const keyFileOf = (home: string): string => join(home, 'keys.json');

/** Errors: key/file. */
export function parseKeyFile(path: string, text: string): readonly StoredKey[] {
  try {
    return keyFile.parse(JSON.parse(text)).keys;
  } catch (cause) {
    const problem = cause instanceof z.ZodError ? z.prettifyError(cause).replace(/\s+/g, ' ') : problemOf(cause);
    throw new TastegraphError('key/file', { path, problem }, cause);
  }
}

/** The keys of a home, in the order in which they were made. Errors: key/file. */
export function readKeys(home: string): readonly StoredKey[] {
  const path = keyFileOf(home);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new TastegraphError('key/file', { path, problem: problemOf(cause) }, cause);
  }
  return parseKeyFile(path, text);
}

/** Puts what `change` makes of the keys in their place, one process after another. Errors: key/file, key/locked. */
export async function changeKeys<T>(
  home: string,
  change: (keys: readonly StoredKey[]) => { readonly keys: readonly StoredKey[]; readonly answer: T },
): Promise<T> {
  mkdirSync(home, { recursive: true });
  const lock = join(home, 'keys.lock');
  const locked = (holder?: { readonly pid: number; readonly since: string }) =>
    new TastegraphError('key/locked', { pid: holder?.pid ?? 0, since: holder?.since ?? 'now', lock });
  return await withLock(lock, { patience: 10_000, locked }, async () => {
    const { keys, answer } = change(readKeys(home));
    replaceFile(keyFileOf(home), `${JSON.stringify({ format: 1, keys }, null, 2)}\n`, 0o600);
    return answer;
  });
}

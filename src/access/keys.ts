/**
 * API keys: `tg_ID_SECRET`, the secret 256 random bits. A secret of that size cannot be guessed from its hash however fast the
 * hash is, so SHA-256 keeps it; the id finds the key without trying all.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { TastegraphError } from '../errors.ts';
import type { Caller, Scope } from './caller.ts';
import { freshFile } from './freshFile.ts';
import { changeKeys, keyFileOf, parseKeyFile, readKeys, type StoredKey } from './keyFile.ts';

const form = /^tg_([0-9a-f]{12})_[\w-]{43}$/;

/** A key as lists show it. */
export interface KeyRecord {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Whose data it opens; absent for the server's own home. */
  readonly tenant?: string | undefined;
  readonly state: 'active' | 'expired' | 'revoked';
  /** All moments in ms since 1970. */
  readonly at: number;
  readonly expiresAt?: number | undefined;
  readonly revokedAt?: number | undefined;
  /** When its newest secret was made. */
  readonly rotatedAt: number;
}

/** A key at the only moment at which its text is known. */
export interface NewKey extends KeyRecord {
  readonly key: string;
}

export interface KeyDraft {
  /** For people: what the key is for. */
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly tenant?: string | undefined;
  /** ms since 1970; never where absent. */
  readonly expiresAt?: number | undefined;
}

/** Whoever asks sees the keys of this tenant alone; all where absent. */
interface Within {
  readonly tenant?: string | undefined;
}

const digestOf = (key: string): string => createHash('sha256').update(key).digest('hex');
const isSame = (one: string, other: string): boolean => timingSafeEqual(Buffer.from(one), Buffer.from(other));

function draw(id: string, at: number) {
  const key = `tg_${id}_${randomBytes(32).toString('base64url')}`;
  return { key, secret: { sha256: digestOf(key), at } };
}

function recordOf({ secrets, ...key }: StoredKey, now: number): KeyRecord {
  const expired = key.expiresAt !== undefined && key.expiresAt <= now;
  const state = key.revokedAt !== undefined ? 'revoked' : expired ? 'expired' : 'active';
  return { ...key, state, rotatedAt: secrets.at(-1)?.at ?? key.at };
}

const isWithin = (key: StoredKey, { tenant }: Within): boolean => tenant === undefined || key.tenant === tenant;

/** Every key that was ever made, without its secret. Errors: key/file. */
export function listKeys(home: string, within: Within = {}, now = Date.now()): readonly KeyRecord[] {
  return readKeys(home)
    .filter((key) => isWithin(key, within))
    .map((key) => recordOf(key, now));
}

/** Makes a key. Errors: key/file, key/locked. */
export async function createKey(home: string, draft: KeyDraft, now = Date.now()): Promise<NewKey> {
  return await changeKeys(home, (keys) => {
    const id = randomBytes(6).toString('hex');
    const { key, secret } = draw(id, now);
    const { name, scopes, tenant, expiresAt } = draft;
    const stored: StoredKey = { id, name, scopes: [...new Set(scopes)], tenant, at: now, expiresAt, secrets: [secret] };
    return { keys: [...keys, stored], answer: { ...recordOf(stored, now), key } };
  });
}

/**
 * Gives a key a new secret. The ones before it are good for `graceMs` more, so that whoever uses the key can change over.
 * Errors: key/unknown, key/revoked, key/expired, key/file, key/locked.
 */
export async function rotateKey(
  home: string,
  id: string,
  { graceMs, ...within }: Within & { readonly graceMs: number },
  now = Date.now(),
): Promise<NewKey> {
  return await changeOne(home, id, within, (stored) => {
    refuseDead(stored, now);
    const { key, secret } = draw(id, now);
    const before = stored.secrets
      .map((each) => ({ ...each, until: Math.min(each.until ?? Number.MAX_SAFE_INTEGER, now + graceMs) }))
      .filter(({ until }) => until > now);
    const changed = { ...stored, secrets: [...before, secret] };
    return { changed, answer: { ...recordOf(changed, now), key } };
  });
}

/** Ends a key at once; it stays in the list. Again: the same. Errors: key/unknown, key/file, key/locked. */
export async function revokeKey(home: string, id: string, within: Within = {}, now = Date.now()): Promise<KeyRecord> {
  return await changeOne(home, id, within, (stored) => {
    const changed = { ...stored, revokedAt: stored.revokedAt ?? now };
    return { changed, answer: recordOf(changed, now) };
  });
}

async function changeOne<T>(
  home: string,
  id: string,
  within: Within,
  change: (key: StoredKey) => { readonly changed: StoredKey; readonly answer: T },
): Promise<T> {
  return await changeKeys(home, (keys) => {
    const stored = keys.find((key) => key.id === id && isWithin(key, within));
    if (!stored) throw new TastegraphError('key/unknown', { id });
    const { changed, answer } = change(stored);
    return { keys: keys.map((key) => (key === stored ? changed : key)), answer };
  });
}

function refuseDead(key: StoredKey, now: number): void {
  const { state, id } = recordOf(key, now);
  if (state === 'revoked') throw new TastegraphError('key/revoked', { id });
  if (state === 'expired') throw new TastegraphError('key/expired', { id });
}

/** The keys of a home as a running server looks them up. */
export interface KeyRing {
  /** Whether a key was ever made. Errors: key/file. */
  isUsed(): boolean;
  /** Whose key this is; undefined where it is none of ours. Errors: key/revoked and key/expired, for whoever has it; key/file. */
  identify(text: string, now?: number): Caller | undefined;
}

/** Looks keys up in a home's file, which others may change at any time. */
export function openKeyRing(home: string): KeyRing {
  const path = keyFileOf(home);
  const read = freshFile(path, (text) => new Map(parseKeyFile(path, text).map((key) => [key.id, key])));
  return {
    isUsed: () => (read()?.size ?? 0) > 0,
    identify(text, now = Date.now()) {
      const id = form.exec(text)?.[1];
      const key = id === undefined ? undefined : read()?.get(id);
      if (!key) return undefined;
      const given = digestOf(text);
      const good = key.secrets.some(
        ({ sha256, until }) => isSame(sha256, given) && (until === undefined || now < until),
      );
      if (!good) return undefined;
      refuseDead(key, now);
      return { kind: 'key', id: key.id, scopes: key.scopes, tenant: key.tenant };
    },
  };
}

/** Who may use the API: keys that are handed out, tokens of an identity provider, and what administrators did. */
import { userInfo } from 'node:os';
import type { Access } from '../access/access.ts';
import type { AuditLog } from '../access/auditLog.ts';
import type { Buckets } from '../access/bucket.ts';
import type { Scope } from '../access/caller.ts';
import type { KeyDraft, KeyRecord, NewKey } from '../access/keys.ts';
import type { AccessOptions, EverywhereOptions, ListenOptions } from '../options.ts';

export type { AuditEntry } from '../access/auditLog.ts';
export type { KeyDraft, KeyRecord, NewKey, Scope };

type Home = Pick<EverywhereOptions, 'home'>;

/** The keys of a home. `tenant` bounds what is seen and touched to that tenant's keys; all where it is undefined. */
export interface KeyAdministration {
  list(tenant?: string): Promise<readonly KeyRecord[]>;
  create(draft: KeyDraft): Promise<NewKey>;
  rotate(id: string, graceMs: number, tenant?: string): Promise<NewKey>;
  revoke(id: string, tenant?: string): Promise<KeyRecord>;
}

/** Errors of its calls: key/unknown, key/revoked, key/expired, key/file, key/locked. */
export function keysOf({ home }: Home): KeyAdministration {
  const load = () => import('../access/keys.ts');
  return {
    list: async (tenant) => (await load()).listKeys(home, { tenant }),
    create: async (draft) => await (await load()).createKey(home, draft),
    rotate: async (id, graceMs, tenant) => await (await load()).rotateKey(home, id, { graceMs, tenant }),
    revoke: async (id, tenant) => await (await load()).revokeKey(home, id, { tenant }),
  };
}

/** What stands at the door of a server: who may come in, how often, and where it is written down what administrators do. */
export interface Door {
  readonly access: Access;
  readonly buckets: Buckets | undefined;
  readonly audits: AuditLog;
  readonly keys: KeyAdministration;
}

/** Errors: options/missing, options/invalid, api/jwks-unreachable, key/file. */
export async function openDoor(options: Home & Pick<ListenOptions, 'token'> & AccessOptions): Promise<Door> {
  const [{ openAccess }, { openAuditLog }, { openBuckets }] = await Promise.all([
    import('../access/access.ts'),
    import('../access/auditLog.ts'),
    import('../access/bucket.ts'),
  ]);
  const { home, rateLimit, rateBurst, auditLogMb } = options;
  return {
    access: await openAccess(options),
    buckets: rateLimit === undefined ? undefined : openBuckets(rateLimit, rateBurst),
    audits: openAuditLog(home, auditLogMb * 2 ** 20),
    keys: keysOf(options),
  };
}

/** Writes into a home's audit log what was done to its keys on this machine. */
export async function auditCommand({ home }: Home, what: string, about: KeyRecord): Promise<void> {
  const [{ openAuditLog }, { option }] = await Promise.all([import('../access/auditLog.ts'), import('../options.ts')]);
  const { username } = userInfo();
  openAuditLog(home, option.auditLogMb.parse(undefined) * 2 ** 20).record({
    at: Date.now(),
    who: { kind: 'command line', id: username },
    tenant: about.tenant,
    what,
    about: about.id,
  });
}

/** Who may come in, how often, and from which pages; the keys that are handed out. */
import { z } from 'zod';
import { about, count } from './meta.ts';

const units = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** '90d' → ms. */
export const durationOf = (text: string): number =>
  Number(text.slice(0, -1)) * units[text.slice(-1) as keyof typeof units];

export const duration = z.string().regex(/^\d{1,6}[smhd]$/, 'is no length of time: write 30s, 15m, 24h or 90d');
const tenantName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'is no name of a tenant: small letters, digits and dashes');

/** What a key is made with; `keys create` and `POST /v1/admin/keys` take it. */
export const keyOption = {
  name: z.string().min(1).max(100).optional().meta(about('What a key is for, in words')),
  scope: z
    .array(z.enum(['read', 'write', 'admin']))
    .min(1)
    .optional()
    .meta(
      about('What a key may: read, write, admin', {
        reason: 'admin holds the others; write does not hold read, for those who only bring events',
      }),
    ),
  expires: duration.optional().meta(about('How long a key is good (30s, 15m, 24h, 90d); for ever where not given')),
  tenant: tenantName
    .optional()
    .meta(about("Whose data a key opens, by name in `tenants`; the home's own where not given")),
  grace: duration.default('24h').meta(
    about('How long the secret before stays good when a key is rotated', {
      reason: 'whoever uses the key can change over in that time; 0s ends it at once',
    }),
  ),
};

export const accessOption = {
  jwksUrl: z
    .url({ protocol: /^https?$/ })
    .optional()
    .meta(about("Where an identity provider publishes its keys (JWKS); its tokens then open the API's doors too")),
  jwksFile: z.string().optional().meta(about('A file with those keys, instead; read again when it changes')),
  jwtIssuer: z.string().min(1).optional().meta(about('Who must have signed a token (claim iss)')),
  jwtAudience: z.string().min(1).optional().meta(about('Whom a token must be for (claim aud)')),
  jwtScopeClaim: z
    .string()
    .min(1)
    .default('scope')
    .meta(about('Claim of a token with its scopes: read, write, admin, as words or as a list')),
  jwtTenantClaim: z.string().min(1).default('tenant').meta(about('Claim of a token with the name of its tenant')),
  tenants: z
    .record(
      tenantName,
      z.strictObject({
        home: z.string().min(1),
        neo4jUri: z.string().optional(),
        neo4jDatabase: z.string().optional(),
      }),
    )
    .default({})
    .meta(
      about('Tenants that are served beside the home, each from a home and a database of its own, by name', {
        reason: 'two that share a home or a database are refused',
      }),
    ),
  rateLimit: z
    .number()
    .gt(0)
    .max(1e6)
    .optional()
    .meta(about('Most requests of one key, in the long run; no limit where not given', { unit: 'requests/s' })),
  rateBurst: count()
    .max(1e6)
    .optional()
    .meta(
      about('Most requests of one key at once', {
        unit: 'requests',
        reason: 'two seconds of the rate limit where not given',
      }),
    ),
  corsOrigins: z
    .array(
      z.string().regex(/^https?:\/\/[a-z0-9.[\]:-]+$/i, 'is no origin: write https://shop.example, without a path'),
    )
    .default([])
    .meta(
      about('Origins whose pages may ask the API from a browser', { reason: 'none: no page of another origin may' }),
    ),
  auditLogMb: count()
    .max(1024)
    .default(16)
    .meta(
      about('Size at which the log of what administrators did is laid aside; the newest four parts are kept', {
        unit: 'MiB',
      }),
    ),
};

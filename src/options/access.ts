/** Who may come in, how often, and from which pages; the keys that are handed out. */
import { z } from 'zod';
import { duration } from './duration.ts';
import { experimentsOption } from './experiments.ts';
import { about, count } from './meta.ts';
import { pipelinesOption } from './pipelines.ts';

const tenantName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'is no name of a tenant: small letters, digits and dashes');

/** What a key is made with; `keys create` and `POST /v1/admin/keys` take it. */
export const keyOption = {
  name: z
    .string()
    .min(1)
    .max(100)
    .refine((text) => !/\p{Cc}/u.test(text), 'holds a control character')
    .optional()
    .meta(about('What a key is for, in words')),
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
        /** Its password stands in `tenantPasswords`. */
        neo4jUsername: z.string().min(1).optional(),
        neo4jDatabase: z.string().optional(),
        pipelines: pipelinesOption.pipelines,
        experiments: experimentsOption.experiments,
      }),
    )
    .default({})
    .meta(
      about(
        'Tenants that are served beside the home, by name: for each its `home`; `neo4jUri`, `neo4jDatabase`, `neo4jUsername`; `pipelines`, `experiments`',
        {
          reason:
            "two that share a home or a database are refused; a tenant without pipelines or a user of its own has the server's",
        },
      ),
    ),
  tenantPasswords: z
    .record(tenantName, z.string())
    .default({})
    .meta(about('Neo4j passwords of tenants that have a user of their own, by name', { secret: true })),
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

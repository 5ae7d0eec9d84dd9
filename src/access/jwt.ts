/**
 * JSON Web Tokens of an identity provider (RFC 7519), checked with its published keys (JWKS, RFC 7517) as RFC 8725 says:
 * asymmetric algorithms alone, so that neither `none` nor a public key taken for an HMAC secret passes; issuer, audience, expiry
 * and subject always there and always checked.
 */
import { isLoopback } from '../address.ts';
import { problemOf, TastegraphError } from '../errors.ts';
import { type Caller, type Scope, scopes } from './caller.ts';
import { freshFile } from './freshFile.ts';

const algorithms = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'Ed25519', 'EdDSA'],
];

/** How far the clocks of the provider and of this machine may lie apart, s. */
const clockTolerance = 30;

export interface JwtOptions {
  readonly jwksUrl?: string | undefined;
  readonly jwksFile?: string | undefined;
  readonly jwtIssuer?: string | undefined;
  readonly jwtAudience?: string | undefined;
  readonly jwtScopeClaim: string;
  readonly jwtTenantClaim: string;
  /** Where there are any, a token must say whose it is. */
  readonly tenants: Readonly<Record<string, unknown>>;
}

/** Whose token this is. Errors: api/jwt-refused, api/jwks-unreachable. */
export type IdentifyJwt = (text: string) => Promise<Caller>;

/** Undefined where no keys are named. Errors: options/missing, options/invalid, api/jwks-unreachable for a file that is none. */
export async function openJwt(options: JwtOptions): Promise<IdentifyJwt | undefined> {
  const { jwksUrl, jwksFile, jwtIssuer: issuer, jwtAudience: audience } = options;
  if (jwksUrl === undefined && jwksFile === undefined) return undefined;
  if (jwksUrl !== undefined && jwksFile !== undefined)
    throw refuse('--jwks-url', 'it goes without --jwks-file', jwksUrl);
  for (const [name, value] of [
    ['--jwt-issuer', issuer],
    ['--jwt-audience', audience],
  ] as const) {
    const todo =
      'Say who signs the tokens and whom they are for: anybody with an account there could come in otherwise';
    if (value === undefined) throw new TastegraphError('options/missing', { name, todo });
  }
  const hasTenants = Object.keys(options.tenants).length > 0;
  const { errors, jwtVerify } = await import('jose');
  const keys = jwksUrl === undefined ? await keysOfFile(jwksFile!) : await keysOfUrl(jwksUrl);
  return async (text) => {
    try {
      const { payload } = await jwtVerify(text, keys, {
        algorithms,
        issuer: issuer!,
        audience: audience!,
        clockTolerance,
        requiredClaims: ['exp', 'sub', ...(hasTenants ? [options.jwtTenantClaim] : [])],
      });
      const tenant = payload[options.jwtTenantClaim];
      if (tenant !== undefined && typeof tenant !== 'string')
        throw new TastegraphError('api/jwt-refused', { problem: `its claim ${options.jwtTenantClaim} is no text` });
      return { kind: 'jwt', id: payload.sub!, scopes: scopesOf(payload[options.jwtScopeClaim]), tenant };
    } catch (cause) {
      if (cause instanceof TastegraphError) throw cause;
      // The names of claims and what is wrong with them; never what they hold.
      const refused =
        cause instanceof errors.JOSEError &&
        !(cause instanceof errors.JWKSTimeout) &&
        cause.code !== 'ERR_JOSE_GENERIC';
      throw new TastegraphError(
        refused ? 'api/jwt-refused' : 'api/jwks-unreachable',
        { problem: problemOf(cause), from: jwksUrl ?? jwksFile! },
        cause,
      );
    }
  };
}

const refuse = (name: string, problem: string, given: string) =>
  new TastegraphError('options/invalid', { name, where: 'the options', problem, given });

/** 'read write' (RFC 8693) or a list; of what stands there, the words that are scopes here. */
function scopesOf(claim: unknown): readonly Scope[] {
  const words: readonly unknown[] = typeof claim === 'string' ? claim.split(' ') : Array.isArray(claim) ? claim : [];
  return scopes.filter((scope) => words.includes(scope));
}

/** Asked again after ten minutes, and for a key that is not known, at most every 30 s. */
async function keysOfUrl(given: string) {
  const { createRemoteJWKSet } = await import('jose');
  const url = new URL(given);
  // Whoever changes the keys on their way decides who comes in.
  if (url.protocol !== 'https:' && !isLoopback(url.hostname))
    throw refuse('--jwks-url', 'it must be https, except on this machine', given);
  return createRemoteJWKSet(url, { timeoutDuration: 5000, cooldownDuration: 30_000, cacheMaxAge: 600_000 });
}

async function keysOfFile(path: string) {
  const { createLocalJWKSet } = await import('jose');
  const read = freshFile(path, (text) => createLocalJWKSet(JSON.parse(text)));
  const keys = () => {
    try {
      const found = read();
      if (found) return found;
    } catch (cause) {
      throw new TastegraphError('api/jwks-unreachable', { from: path, problem: problemOf(cause) }, cause);
    }
    throw new TastegraphError('api/jwks-unreachable', { from: path, problem: 'there is no such file' });
  };
  keys(); // One that cannot be used is said at the start, not to the first who asks.
  return (...given: Parameters<ReturnType<typeof keys>>) => keys()(...given);
}

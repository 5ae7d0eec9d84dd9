/** Who may come in: the server's one token, API keys of a home, and tokens of an identity provider. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { TastegraphError } from '../errors.ts';
import { type Caller, scopes } from './caller.ts';
import { type IdentifyJwt, type JwtOptions, openJwt } from './jwt.ts';
import { type KeyRing, openKeyRing } from './keys.ts';

export interface Access {
  /** Whether requests must say who they are. Once true it stays so, also where the file of keys is lost. Errors: key/file. */
  isGuarded(): boolean;
  /**
   * Whose credential this is; where the server is not guarded, anyone's.
   * Errors: api/unauthorized, api/jwt-refused, api/jwks-unreachable, key/revoked, key/expired, key/file.
   */
  identify(credential: string | undefined): Promise<Caller>;
}

export interface AccessParts {
  readonly token?: string | undefined;
  readonly keys?: KeyRing | undefined;
  readonly jwt?: IdentifyJwt | undefined;
}

/** Anyone, where nobody is asked who they are. */
const anyone: Caller = { kind: 'anyone', id: 'anyone', scopes };

export function createAccess({ token, keys, jwt }: AccessParts): Access {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  const wanted = token === undefined ? undefined : digest(token);
  let guarded = wanted !== undefined || jwt !== undefined;
  const isGuarded = () => {
    guarded ||= keys?.isUsed() === true;
    return guarded;
  };
  return {
    isGuarded,
    async identify(credential) {
      if (!isGuarded()) return anyone;
      if (credential === undefined) throw new TastegraphError('api/unauthorized');
      // Digests are of one length, so the time taken tells nothing of the token.
      if (wanted && timingSafeEqual(digest(credential), wanted)) return { kind: 'token', id: 'token', scopes };
      const caller = keys?.identify(credential);
      if (caller) return caller;
      if (jwt && /^[\w-]+\.[\w-]+\.[\w-]*$/.test(credential)) return await jwt(credential);
      throw new TastegraphError('api/unauthorized');
    },
  };
}

/** Everything that the options name. Errors: options/missing, options/invalid, api/jwks-unreachable, key/file. */
export async function openAccess(
  options: { readonly home: string; readonly token?: string | undefined } & JwtOptions,
): Promise<Access> {
  const access = createAccess({
    token: options.token,
    keys: openKeyRing(options.home),
    jwt: await openJwt(options),
  });
  access.isGuarded();
  return access;
}

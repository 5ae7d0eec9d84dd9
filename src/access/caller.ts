/** Who asks, and what they may. */

/** What a route can need. `admin` holds the others; `write` does not hold `read`: who only brings events in reads nothing. */
export const scopes = ['read', 'write', 'admin'] as const;
export type Scope = (typeof scopes)[number];

export interface Caller {
  /** How it was recognised; anyone where the server asks nobody who they are. */
  readonly kind: 'anyone' | 'token' | 'key' | 'jwt';
  /** The same in every request of the caller, and no secret: what rate limits and the audit log go by. */
  readonly id: string;
  readonly scopes: readonly Scope[];
  /** Whose data it sees; absent for the server's own home. */
  readonly tenant?: string | undefined;
}

export const allows = ({ scopes }: Caller, needed: Scope): boolean =>
  scopes.includes(needed) || scopes.includes('admin');

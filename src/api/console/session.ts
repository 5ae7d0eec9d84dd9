/** Who is signed in. The key lives in this tab's session storage: closing the tab signs out. */
import { type AnswerOf, ApiProblem, type Client, createClient } from '../../client.ts';
import { apiUrl } from './router.tsx';
import { createStore } from './store.ts';

export type Caller = AnswerOf<'get', '/v1/me'>;
export type Scope = Caller['scopes'][number];

export type Session =
  | { readonly state: 'asking' }
  /** `problem`: why the key that was given, or was good until now, is not taken. */
  | { readonly state: 'out'; readonly problem?: string }
  | { readonly state: 'in'; readonly caller: Caller; readonly api: Client }
  | { readonly state: 'failed'; readonly error: unknown };

const kept = 'tastegraph-key';
const session = createStore<Session>({ state: 'asking' });

/** Hook: the session. */
export const useSession = session.use;

/** Asks who the key makes one; without a key a server that is open to all says so too. */
export async function enter(key = sessionStorage.getItem(kept) ?? undefined): Promise<void> {
  let settled = false;
  const watched: typeof fetch = async (...request) => {
    const response = await fetch(...request);
    // A key that ends while it is used.
    if (response.status === 401 && settled) leave('Your key is not good any more. Sign in again.');
    return response;
  };
  const api = createClient({ url: apiUrl, token: key, fetch: watched });
  try {
    const caller = await api.get('/v1/me');
    settled = true;
    if (key !== undefined) sessionStorage.setItem(kept, key);
    session.set({ state: 'in', caller, api });
  } catch (error) {
    const refused = error instanceof ApiProblem && (error.status === 401 || error.status === 403);
    if (!refused) return session.set({ state: 'failed', error });
    sessionStorage.removeItem(kept);
    session.set(key === undefined ? { state: 'out' } : { state: 'out', problem: error.message });
  }
}

export function leave(problem?: string): void {
  sessionStorage.removeItem(kept);
  session.set(problem === undefined ? { state: 'out' } : { state: 'out', problem });
}

/** Hook for pages, which are shown only to who is signed in: the typed client with the key of the session. */
export function useApi(): Client {
  const now = session.use();
  if (now.state !== 'in') throw new Error('Pages are shown only to who is signed in');
  return now.api;
}

/** Hook for pages: whether the caller has a scope. */
export function useMay(scope: Scope): boolean {
  const now = session.use();
  return now.state === 'in' && may(now.caller, scope);
}

export const may = ({ scopes }: Caller, scope: Scope): boolean => scopes.includes(scope) || scopes.includes('admin');

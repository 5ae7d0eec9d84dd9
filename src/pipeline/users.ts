/** Users by their taste. */
import { TastegraphError } from '../errors.ts';
import type { SimilarUser } from '../serving/similarUsers.ts';
import type { Service } from './service.ts';

export interface SimilarUsers {
  readonly user: string;
  readonly version: string;
  readonly users: readonly SimilarUser[];
}

/** The users most like a user. Errors: user/unknown. */
export async function usersLike(
  { recommender }: Pick<Service, 'recommender'>,
  user: string,
  { limit }: { readonly limit: number },
): Promise<SimilarUsers> {
  const { similarUsers } = await import('../serving/similarUsers.ts');
  const { served, release } = recommender.acquire();
  try {
    const users = similarUsers(served, user, limit);
    if (!users) throw new TastegraphError('user/unknown', { user });
    return { user, version: served.manifest.id, users };
  } finally {
    release();
  }
}

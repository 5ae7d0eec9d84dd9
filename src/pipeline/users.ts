/** Users by their taste. */
import { TastegraphError } from '../errors.ts';
import type { FoldedIn } from '../serving/foldIn/taste.ts';
import type { SimilarUser } from '../serving/similarUsers.ts';
import type { Service } from './service.ts';

export interface SimilarUsers {
  readonly user: string;
  readonly version: string;
  /** There, where she is compared by what she has done up to now, which the version was not made with. */
  readonly foldedIn?: FoldedIn;
  readonly users: readonly SimilarUser[];
}

/** The users most like a user by what she has done up to now. Errors: user/unknown where neither the version nor the graph knows her. */
export async function usersLike(
  { recommender, reach }: Pick<Service, 'recommender' | 'reach'>,
  user: string,
  { limit }: { readonly limit: number },
): Promise<SimilarUsers> {
  const [{ currentUser }, { similarUsers }] = await Promise.all([
    import('../serving/foldIn/current.ts'),
    import('../serving/similarUsers.ts'),
  ]);
  const { served: version, release } = recommender.acquire();
  try {
    const { served, done = [], foldedIn } = await currentUser(reach, version, user);
    // Who did things that tell the version nothing is like nobody, and is known all the same.
    const users = similarUsers(served, user, limit) ?? (done.length > 0 ? [] : undefined);
    if (!users) throw new TastegraphError('user/unknown', { user });
    return { user, version: served.manifest.id, ...(foldedIn && { foldedIn }), users };
  } finally {
    release();
  }
}

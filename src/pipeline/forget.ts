import type { Graph } from '../graph/driver.ts';
import type { CommandOptions } from '../options.ts';
import { withGraph } from './database.ts';
import type { Influence } from './forget/influence.ts';
import type { SignedReceipt } from './forget/receipt.ts';
import type { GraphOptions, Run } from './run.ts';
import { hasGraph } from './service.ts';

export type { ForgetReceipt, SignedReceipt } from './forget/receipt.ts';

export type ForgetOptions = GraphOptions & Pick<CommandOptions<'forget'>, 'block' | 'withId'>;

/**
 * Removes all that is kept of a user: from the graph, where the home has one, from stored snapshots, versions, checkpoints and
 * quarantined lines; proves it and answers the signed receipt. Cut off at any moment, the next call for the same user goes on; for
 * a user who is not known it clears what may be left, and the receipt says so. One at a time in a home.
 * Errors: forget/locked, forget/returned, forget/interrupted, neo4j/*, snapshot/corrupt, version/corrupt, version/locked.
 */
export async function forgetUser(
  user: string,
  options: ForgetOptions,
  run: Run,
  given: { readonly graph?: Graph | undefined } = {},
): Promise<SignedReceipt> {
  const [{ withForgetLock }, { forgetOne }, { TastegraphError }] = await Promise.all([
    import('./forget/ledger.ts'),
    import('./forget/operation.ts'),
    import('../errors.ts'),
  ]);
  const forget = async (graph?: Graph) => await forgetOne(user, options, run, graph);
  try {
    return await withForgetLock(options.home, run, async () => {
      if (given.graph || !hasGraph(options)) return await forget(given.graph);
      return await withGraph(options, run, forget);
    });
  } catch (thrown) {
    if (run.signal.aborted) throw new TastegraphError('forget/interrupted', {}, thrown);
    throw thrown;
  }
}

export interface VerifiedReceipt extends SignedReceipt {
  /** Whether this home's key signed it; otherwise whoever has that public key did. */
  readonly own: boolean;
  /** As the home's versions are now; `current` says where the one stands that is served. */
  readonly versions: Influence & { readonly current?: keyof Influence };
}

/** Checks a receipt's signature, and says which versions are free of the user by now. Errors: data/not-found, forget/receipt. */
export async function verifyReceipt(path: string, { home }: Pick<GraphOptions, 'home'>): Promise<VerifiedReceipt> {
  const [{ isOwn, readReceipt }, { influence }, { readCurrent }] = await Promise.all([
    import('./forget/receipt.ts'),
    import('./forget/influence.ts'),
    import('../serving/versions.ts'),
  ]);
  const signed = readReceipt(path);
  const versions = influence(home, signed.receipt.key);
  const served = readCurrent(home)?.current;
  const kinds = ['influenced', 'free', 'returned'] as const;
  const current = kinds.find((kind) => served !== undefined && versions[kind].includes(served));
  return { ...signed, own: isOwn(home, signed), versions: { ...versions, ...(current && { current }) } };
}

/** What re-rankers ask of the graph. */
import type { Snapshot } from '../sampling/snapshot.ts';
import type { Showing } from '../serving/stages/candidate.ts';
import type { Service } from './service.ts';

/** Impressions older than this say nothing of today. */
const windowDays = 90;
/** Most items that impressions are read of; those shown last. */
const mostItems = 10_000;
const dayMs = 86_400_000;

/**
 * What a user was shown and has not taken since, by dense index, for re-rankers that read `Asker.shown`; undefined where there is no graph,
 * or it does not answer in time. `now` in ms since 1970.
 */
export async function showingsOf(
  { reach }: Pick<Service, 'reach'>,
  { items }: Pick<Snapshot, 'items'>,
  user: string,
  now: number,
): Promise<ReadonlyMap<number, Showing> | undefined> {
  const { untakenItems } = await import('../graph/impressions.ts');
  const since = now - windowDays * dayMs;
  const untaken = await reach.ask((graph, timeoutMs) =>
    untakenItems(graph, user, { since, limit: mostItems, timeoutMs }),
  );
  if (!untaken) return undefined;
  const showings = new Map<number, Showing>();
  for (const { item, times, last } of untaken) {
    const index = items.index(item);
    if (index !== undefined) showings.set(index, { times, last });
  }
  return showings;
}

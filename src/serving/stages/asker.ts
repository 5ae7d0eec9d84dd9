/** Who asks, as far as a version and the request know. */
import { isAllowed } from '../index/vectorIndex.ts';
import type { Asker, Deed, LeftOut } from './candidate.ts';
import type { StageData } from './stageData.ts';

/** What a request knows of its user, beside what the version does. */
export interface AskerKnown extends Pick<Asker, 'vector' | 'taste' | 'shown'> {
  /** Of `RecommendOptions`. */
  readonly only?: Uint8Array | undefined;
  /** Outside id. */
  readonly user: string;
  /** Ids of all that she has done up to now, as the graph says. Ids that the version does not know are passed over. */
  readonly since: Iterable<string>;
  /** The same with types and times, oldest first, where they are known. */
  readonly deeds?: readonly Deed[];
}

/** What the version's snapshot does not have of what she did counts as done last. */
export function askerOf(
  data: StageData,
  { user, since, deeds: told, only, ...taste }: AskerKnown,
  now = Date.now(),
): Asker {
  const { snapshot } = data.published;
  const { history } = data.base;
  const index = snapshot.users.index(user);
  const left = new Set<number>();
  if (index !== undefined)
    for (const item of history.indices.subarray(history.offsets[index], history.offsets[index + 1])) left.add(item);
  const before = index === undefined ? [] : data.deeds(index);
  const known = new Set(before.map(({ item }) => item));
  const deeds = [...before, ...(told ?? []).filter(({ item }) => !known.has(item))];
  const timed = new Set(deeds.map(({ item }) => item));
  for (const id of since) {
    const item = snapshot.items.index(id);
    if (item === undefined) continue;
    left.add(item);
    if (!timed.has(item)) deeds.push({ item, type: 'interaction', value: 1 });
  }
  return {
    user,
    ...(index !== undefined && { index }),
    ...taste,
    deeds,
    left: within(left, data.base.allowedBy(only)),
    now,
  };
}

const within = (left: ReadonlySet<number>, allowed: Int32Array | undefined): LeftOut =>
  allowed
    ? { allowed, has: (item) => !isAllowed(allowed, item) || left.has(item), [Symbol.iterator]: () => left.values() }
    : left;

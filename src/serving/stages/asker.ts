/** Who asks, as far as a version and the request know. */
import { isAllowed } from '../index/vectorIndex.ts';
import type { Asker, Deed, LeftOut } from './candidate.ts';
import type { StageData } from './stageData.ts';

/** What a request knows of its user, beside what the version does. */
export interface AskerKnown extends Pick<Asker, 'vector' | 'taste' | 'shown' | 'decay'> {
  /** Of `RecommendOptions`. */
  readonly only?: Uint8Array | undefined;
  /** Outside id; absent for sessions. */
  readonly user?: string;
  /** Ids of all that she has done up to now, as the graph says. Ids that the version does not know are passed over. */
  readonly since: Iterable<string>;
  /** The same with types and times, oldest first, where they are known. */
  readonly deeds?: readonly Deed[];
  /** There, where these deeds are all that she has done: what the snapshot has of hers is past. */
  readonly isAll?: true;
}

/** What has no time, and the version's snapshot does not have, counts as done last. */
export function askerOf(
  data: StageData,
  { user, since, deeds: told = [], isAll, only, ...taste }: AskerKnown,
  now = Date.now(),
): Asker {
  const { snapshot } = data.published;
  const { history } = data.base;
  const index = user === undefined ? undefined : snapshot.users.index(user);
  const known = isAll ? undefined : index;
  const left = new Set<number>();
  if (isAll) for (const { item } of told) left.add(item);
  if (known !== undefined)
    for (const item of history.indices.subarray(history.offsets[known], history.offsets[known + 1])) left.add(item);
  const deeds = known === undefined ? [...told] : merged(data.deeds(known), told);
  const timed = new Set(deeds.map(({ item }) => item));
  for (const id of since) {
    const item = snapshot.items.index(id);
    if (item === undefined) continue;
    left.add(item);
    if (!timed.has(item)) deeds.push({ item, type: 'interaction', value: 1 });
  }
  return {
    ...(user !== undefined && { user }),
    ...(index !== undefined && { index }),
    ...taste,
    deeds,
    ...(isAll && { isAll }),
    left: within(left, data.base.allowedBy(only)),
    now,
  };
}

/** Both by time, each (item, type, time) once: as it was told, where both have it. */
function merged(before: readonly Deed[], told: readonly Deed[]): Deed[] {
  if (told.length === 0) return [...before];
  const toldOf = new Map<number, Deed[]>();
  for (const deed of told) toldOf.set(deed.item, [...(toldOf.get(deed.item) ?? []), deed]);
  const isTold = ({ item, type, at = 0 }: Deed) =>
    toldOf.get(item)?.some((other) => other.type === type && (other.at ?? 0) === at) === true;
  const all = [...before.filter((deed) => !isTold(deed)), ...told];
  return all.sort((a, b) => (a.at ?? 0) - (b.at ?? 0));
}

const within = (left: ReadonlySet<number>, allowed: Int32Array | undefined): LeftOut =>
  allowed
    ? { allowed, has: (item) => !isAllowed(allowed, item) || left.has(item), [Symbol.iterator]: () => left.values() }
    : left;

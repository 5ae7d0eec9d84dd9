import { firstOfBoth } from '../recent.ts';
import type { CandidateSource } from '../source.ts';
import { firstOf } from '../source.ts';
import type { StageData } from '../stageData.ts';

/** What most people chose, those since the snapshot among them as far as they are known. Score: how many. */
export function popular(name: string, data: StageData): CandidateSource {
  const { people } = data.base;
  /** With those that were added, as long as nothing else is known. */
  let last: { readonly added: ReadonlyMap<number, number>; readonly now: ReadonlyMap<number, number> } | undefined;
  return {
    name,
    find({ asker, recent }, most) {
      const added = recent?.()?.people;
      if (!added?.size) return firstOf(data.byPeople, (item) => people[item]!, asker.left, most);
      if (last?.added !== added)
        last = { added, now: new Map(Array.from(added, ([item, count]) => [item, people[item]! + count])) };
      return firstOfBoth(data.byPeople, (item) => people[item]!, last.now, asker.left, most);
    },
  };
}

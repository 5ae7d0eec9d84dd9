import { firstOfBoth } from '../recent.ts';
import type { CandidateSource } from '../source.ts';
import { firstOf } from '../source.ts';
import type { StageData } from '../stageData.ts';

/** What most people chose, those since the snapshot among them as far as they are known. Score: how many. */
export const popular = (name: string, data: StageData): CandidateSource => ({
  name,
  find({ asker, recent }, most) {
    const { people } = data.base;
    const added = recent?.()?.people;
    if (!added?.size) return firstOf(data.byPeople, (item) => people[item]!, asker.left, most);
    const now = new Map(Array.from(added, ([item, count]) => [item, people[item]! + count]));
    return firstOfBoth(data.byPeople, (item) => people[item]!, now, asker.left, most);
  },
});

import type { CandidateSource } from '../source.ts';
import { firstOf } from '../source.ts';
import type { StageData } from '../stageData.ts';

/** What most people chose. Score: how many. */
export const popular = (name: string, data: StageData): CandidateSource => ({
  name,
  find: ({ asker }, most) => firstOf(data.byPeople, (item) => data.base.people[item]!, asker.left, most),
});

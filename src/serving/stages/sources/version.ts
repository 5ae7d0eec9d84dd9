import type { StageContext } from '../candidate.ts';
import type { OtherVersion } from '../otherVersion.ts';
import type { CandidateSource, Found } from '../source.ts';
import { nothing } from '../source.ts';
import type { StageData } from '../stageData.ts';

/** The ranking of the version that answers, by a taste that was folded in where there is one. Score: its own. */
export const ownVersion = (name: string, data: StageData): CandidateSource => ({
  name,
  find({ asker }, most) {
    const { taste, index, left } = asker;
    if (taste) return taste.best(most, [...left], left.allowed);
    if (index === undefined || !data.knowsTaste(asker)) return nothing;
    return data.base.ranking.best(index, most, [...left], left.allowed);
  },
});

/** The ranking of another published version, by what it was trained with or the asker has done since, over the items that both know. Score: that version's. */
export const otherVersion = (name: string, other: () => OtherVersion): CandidateSource => ({
  name,
  find({ asker }: StageContext, most): Found {
    const { fromOwn, toOwn, knows, allowedBy } = other();
    const { taste, caveat } = knows(asker);
    const said = caveat === undefined ? {} : { note: caveat };
    if (!taste) return { ...nothing, ...said };
    const left = [...asker.left].map((item) => fromOwn[item]!).filter((item) => item >= 0);
    const { ids, scores } = taste.best(most, left, allowedBy(asker.left.allowed));
    return { ids: ids.map((item) => toOwn[item]!), scores, ...said };
  },
});

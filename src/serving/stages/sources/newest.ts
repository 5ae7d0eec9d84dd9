import type { CandidateSource } from '../source.ts';
import { firstOf } from '../source.ts';
import type { StageData } from '../stageData.ts';

/** What came last. Score: ms since 1970 of the item's own time, or of the first interaction with it where it has none. */
export const newest = (name: string, data: StageData): CandidateSource => ({
  name,
  find({ asker }, most) {
    const { times, order } = data.once('newest', () => {
      const times = arrivals(data);
      return { times, order: data.orderBy(times) };
    });
    return firstOf(order, (item) => times[item]!, asker.left, most);
  },
});

/** NaN where nothing is known. [|I|] */
function arrivals({ published }: StageData): Float64Array {
  const { items, interactions } = published.snapshot;
  const times = Float64Array.from(items.at);
  for (let entry = 0; entry < interactions.count; entry++) {
    const at = interactions.at[entry]!; // in time order: the first one counts; 0 stands for no time
    if (at !== 0 && Number.isNaN(times[interactions.items[entry]!]!)) times[interactions.items[entry]!] = at;
  }
  return times;
}

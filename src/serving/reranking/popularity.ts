import type { ConfigOf } from '../../options.ts';
import type { Reranker } from '../stages/candidate.ts';
import { damped } from './order.ts';

/**
 * score · ((1 + people of the least chosen candidate) / (1 + people))^power
 *
 * counted from the lowest score on. The weight 1 / people^power of a hit is that of Steck's popularity-stratified recall ("Item Popularity
 * and Recommendation Accuracy", RecSys 2011), for which a list so ordered is good.
 */
export function popularity({ kind: name, power }: ConfigOf<'popularity'>): Reranker {
  return {
    name,
    apply(candidates, { people }) {
      const fewest = candidates.reduce((least, { item }) => Math.min(least, people[item]!), Infinity);
      const factor = (item: number): number => ((1 + fewest) / (1 + people[item]!)) ** power;
      return { candidates: damped(candidates, ({ item }) => factor(item)), removed: [] };
    },
  };
}

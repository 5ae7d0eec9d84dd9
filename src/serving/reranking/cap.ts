import type { ConfigOf } from '../../options.ts';
import type { Candidate, Reranker } from '../stages/candidate.ts';
import { requiredKind } from './kinds.ts';
import { inOrder } from './order.ts';

/**
 * At most `max` items that share a value of a feature, in the list or in any `window` of items in a row: each place goes to the first
 * candidate that fits there. Where none fits, the first of them comes all the same (`later`), or all that are left are taken out
 * (`remove`). Items without the feature always fit. Errors: reranking/no-feature.
 */
export function cap({ kind: name, feature, max, window, over }: ConfigOf<'cap'>): Reranker {
  return {
    name,
    apply(candidates, { published, wanted }) {
      const kind = requiredKind(published.snapshot, feature, name);
      const counts = new Int32Array(kind.values.length);
      const left = [...candidates];
      const list: Candidate[] = [];
      const { offsets, indices } = kind.shares;
      const count = ({ item }: Candidate, by: number): void => {
        for (let e = offsets[item]!; e < offsets[item + 1]!; e++) counts[indices[e]!]! += by;
      };
      const fits = ({ item }: Candidate): boolean => {
        for (let e = offsets[item]!; e < offsets[item + 1]!; e++) if (counts[indices[e]!]! >= max) return false;
        return true;
      };
      // Beyond what is wanted the order is left alone; what is to be taken out is taken out of the whole.
      const places = over === 'remove' ? candidates.length : wanted;
      while (list.length < places && left.length > 0) {
        if (window !== undefined && list.length >= window) count(list[list.length - window]!, -1);
        const fitting = left.findIndex(fits);
        if (fitting < 0 && over === 'remove') break;
        const [next] = left.splice(Math.max(fitting, 0), 1);
        list.push(next!);
        count(next!, 1);
      }
      if (over === 'later') return { candidates: inOrder([...list, ...left]), removed: [] };
      const among = window === undefined ? 'in the list' : `among ${window} in a row`;
      const because = `more than ${max} ${among} would have the same ${feature}`;
      return { candidates: inOrder(list), removed: left.map(({ item }) => ({ item, stage: name, because })) };
    },
  };
}

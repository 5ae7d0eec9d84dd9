import type { ConfigOf } from '../../options.ts';
import type { Candidate, Reranker } from '../stages/candidate.ts';
import { inOrder } from './order.ts';

/**
 * Items at given places, counted from 1, and the others around them as they stood. An item that is not among the candidates is not
 * pinned; one whose place is beyond the end comes last. Those whom the version does not know are passed over.
 */
export function pins({ kind: name, items }: ConfigOf<'pins'>): Reranker {
  const pinned = [...items].sort((one, other) => one.position - other.position);
  return {
    name,
    items: items.map(({ item }) => item),
    apply(candidates, { published }) {
      const byItem = new Map(candidates.map((candidate) => [candidate.item, candidate]));
      const present = pinned.flatMap(({ item, position }) => {
        const index = published.snapshot.items.index(item);
        const candidate = index === undefined ? undefined : byItem.get(index);
        return candidate ? [{ candidate, position }] : [];
      });
      const set = new Set<Candidate>(present.map(({ candidate }) => candidate));
      const list = candidates.filter((candidate) => !set.has(candidate));
      for (const { candidate, position } of present) list.splice(position - 1, 0, candidate);
      return { candidates: inOrder(list), removed: [] };
    },
  };
}

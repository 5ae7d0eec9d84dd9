/** Which evidence is told: few paths, of more than one kind where there are. */
import type { EvidencePath } from '../graph/evidence.ts';

/** The most paths told for one item. */
export const mostPaths = 3;

/**
 * Up to `limit` of the paths (given in the order of score): the best of each kind first, since two kinds say more than two of one;
 * then the best of the rest. Answered in the order of score.
 */
export function choosePaths(paths: readonly EvidencePath[], limit = mostPaths): EvidencePath[] {
  const chosen = new Set<EvidencePath>();
  const kinds = new Set<EvidencePath['kind']>();
  for (const path of paths) {
    if (chosen.size === limit) break;
    if (kinds.has(path.kind)) continue;
    kinds.add(path.kind);
    chosen.add(path);
  }
  for (const path of paths) {
    if (chosen.size === limit) break;
    chosen.add(path);
  }
  return paths.filter((path) => chosen.has(path));
}

/** Finds users, items and features by what people type: how an id begins, or words of a title or value. */
import type { Graph } from '../driver.ts';
import { statement } from '../statements.ts';
import type { FeatureResource } from './features.ts';
import { refuseUnserved } from './nodes.ts';

export interface Found {
  readonly users: readonly { readonly id: string }[];
  readonly items: readonly { readonly id: string; readonly title: string }[];
  readonly features: readonly FeatureResource[];
}

/** Letters and digits alone stand in it, so that nothing that was typed is a sign of the index's language; small, so that no word is. */
function wordsOf(text: string): string | undefined {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu);
  return words?.map((word) => `${word}*`).join(' AND ');
}

/** At most `limit` of each kind; items by id before those by title. Errors: mapping/unserved; those of the database. */
export async function search(graph: Graph, text: string, limit: number): Promise<Found> {
  refuseUnserved(graph);
  const words = wordsOf(text);
  return await graph.read(async (tx) => {
    const ask = async <T>(name: string, parameters: object): Promise<T[]> => {
      const { records } = await tx.run(statement(`read/search-${name}`), { ...parameters, limit });
      return records.map((record) => record.toObject() as T);
    };
    const users = await ask<{ id: string }>('users', { text });
    const byId = await ask<{ id: string; title: string }>('items', { text });
    if (words === undefined) return { users, items: byId, features: [] };
    const byTitle = await ask<{ id: string; title: string }>('titles', { words });
    const known = new Set(byId.map(({ id }) => id));
    const items = [...byId, ...byTitle.filter(({ id }) => !known.has(id))].slice(0, limit);
    return { users, items, features: await ask<FeatureResource>('features', { words }) };
  }, 'that searches');
}

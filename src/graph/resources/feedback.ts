/** Interactions as Gorse has feedback: one a user, item and type, its value the sum of all and its time the last. */
import type { Graph } from '../driver.ts';
import type { PostedInteraction } from '../interactions.ts';
import { statement } from '../statements.ts';
import type { InteractionChoice } from './interactions.ts';
import { refuseUnserved } from './nodes.ts';

/** Feedback after a row, by user, item and type. Errors of all here: mapping/unserved; those of the database. */
export async function pageOfFeedback(
  graph: Graph,
  only: string | undefined,
  after: Pick<PostedInteraction, 'user' | 'item' | 'type'> | undefined,
  limit: number,
): Promise<PostedInteraction[]> {
  const { user, item, type } = after ?? { user: '', item: '', type: '' };
  return await read(graph, 'feedback-page', { user, item, type, only: only ?? null, limit });
}

/** Feedback of a user, or about an item; at most 100,000 rows. */
export async function feedbackOf(graph: Graph, { user, item, type }: InteractionChoice): Promise<PostedInteraction[]> {
  const only = type ?? null;
  if (user === undefined) return await read(graph, 'feedback-of-item', { item, only });
  return await read(graph, 'feedback-of-user', { user, item: item ?? null, only });
}

async function read(graph: Graph, name: string, parameters: object): Promise<PostedInteraction[]> {
  refuseUnserved(graph);
  return await graph.read(async (tx) => {
    const { records } = await tx.run(statement(`read/${name}`), parameters);
    return records.map((record) => record.toObject() as PostedInteraction);
  }, 'that reads feedback');
}

/** Interactions in pages, and their values. */
import type { Graph } from '../driver.ts';
import type { PostedInteraction } from '../interactions.ts';
import { refuseMapped } from '../schema.ts';
import { given, statement } from '../statements.ts';
import { refuseUnserved } from './nodes.ts';

export interface InteractionChoice {
  readonly user?: string | undefined;
  readonly item?: string | undefined;
  readonly type?: string | undefined;
  /** Of a user, or with an item: 'newest' turns the order round. */
  readonly order?: 'oldest' | 'newest' | undefined;
}

/** The interaction that a page ends with: the next one begins after it. */
export type InteractionPlace = Pick<PostedInteraction, 'user' | 'item' | 'type' | 'at'>;

const beginning: InteractionPlace = { user: '', item: '', type: '', at: -1 };
/** Later than all. */
const ending: InteractionPlace = { ...beginning, at: Number.MAX_SAFE_INTEGER };

/**
 * At most `limit` interactions after a place: of a user by time, with an item by user and time, else all by user and time; of a user or
 * an item also newest first.
 * What is written meanwhile moves nothing on later pages. Errors: mapping/unserved; those of the database.
 */
export async function pageOfInteractions(
  graph: Graph,
  { user, item, type: only, order }: InteractionChoice,
  after: InteractionPlace = order === 'newest' ? ending : beginning,
  limit: number,
): Promise<PostedInteraction[]> {
  refuseUnserved(graph);
  const common = { at: after.at, only: only ?? null, limit };
  const page = order === 'newest' ? 'newest' : 'page';
  const [name, parameters] =
    user !== undefined
      ? [`user-interactions-${page}`, { user, item: item ?? null, afterItem: after.item, afterType: after.type }]
      : item !== undefined
        ? [`item-interactions-${page}`, { item, user: after.user, type: after.type }]
        : ['interactions-page', { user: after.user, item: after.item, type: after.type }];
  return await graph.read(async (tx) => {
    const { records } = await tx.run(statement(`read/${name as string}`), { ...(parameters as object), ...common });
    return records.map((record) => record.toObject() as PostedInteraction);
  }, 'that lists interactions');
}

/** Sets values of interactions that are there; answers how many were. Errors: mapping/read-only; those of the database. */
export async function changeValues(graph: Graph, rows: readonly PostedInteraction[]): Promise<number> {
  refuseMapped(graph, 'interactions');
  const users = [...new Set(rows.map(({ user }) => user))].sort();
  return await graph.write(async (tx) => {
    await tx.run(statement('write/users-lock'), given({ ids: users }));
    const { records } = await tx.run(statement('write/interactions-value'), { rows: [...rows] });
    return records[0]!.get('found') as number;
  }, 'that sets values of interactions');
}

/** Which items are not available or not there any more: all, or what has changed since a moment (`changes.ts` says why nothing is missed). */
import { int } from 'neo4j-driver';
import { asking } from './asking.ts';
import { clockSlack } from './changes.ts';
import type { Graph } from './driver.ts';
import type { GraphSchema } from './schema.ts';

export interface ItemAvailability {
  readonly id: string;
  readonly available: boolean;
}

export interface ItemStatesRead {
  /** From where on the next reading has to look, ms since 1970 of the server's clock; absent where the graph has no marks of changes. */
  readonly since?: number;
  /** Whether these are all that are unavailable, in place of what has changed. */
  readonly isWhole: boolean;
  readonly items: readonly ItemAvailability[];
  /** Hashes of the ids of removed items (`removedKey`), some of which may be there again. */
  readonly removed: ReadonlySet<string>;
}

/** More changed items than this, and all that are unavailable are read instead. */
const mostChanged = 20_000;

/** Whether a graph says of its items whether they are available. */
export const tellsAvailability = ({ names }: GraphSchema): boolean =>
  names === undefined || names.Item.properties.available?.('i') !== 'null';

/** What has changed since a moment, or all where that is not given or the graph has no marks. Errors: those of the driver. */
export async function readItemStates(
  graph: Graph,
  since: number | undefined,
  timeoutMs: number,
): Promise<ItemStatesRead> {
  const read = await asking(graph, timeoutMs, async (rows): Promise<ItemStatesRead | undefined> => {
    if (graph.schema.names)
      return { isWhole: true, items: unavailable(await rows('items-unavailable')), removed: new Set() };
    const [moment] = await rows<{ readonly now: number; readonly oldest: number | null }>('moment');
    const next = Math.min(moment!.now, moment!.oldest ?? moment!.now) - clockSlack;
    const keys = await rows<{ readonly key: string }>('items-removed', { since: int(since ?? 0) });
    const about = { since: next, removed: new Set(keys.map(({ key }) => key)) };
    const changed =
      since === undefined
        ? undefined
        : await rows<ItemAvailability>('changed-availability', { since: int(since), most: int(mostChanged + 1) });
    if (!changed) return { ...about, isWhole: true, items: unavailable(await rows('items-unavailable')) };
    return changed.length > mostChanged ? undefined : { ...about, isWhole: false, items: changed };
  });
  return read ?? (await readItemStates(graph, undefined, timeoutMs));
}

/** Those of some items that there are. Errors: those of the driver. */
export async function availabilityOfItems(
  graph: Graph,
  ids: readonly string[],
  timeoutMs: number,
): Promise<readonly ItemAvailability[]> {
  if (ids.length === 0) return [];
  const keys = ids.map(graph.schema.itemKey);
  return await asking(graph, timeoutMs, (rows) => rows('items-available', { ids: keys }));
}

const unavailable = (rows: readonly { readonly id: string }[]): ItemAvailability[] =>
  rows.map(({ id }) => ({ id, available: false }));

/**
 * Which items are not available or not there any more, all or what has changed since a moment, and what is said of the changed ones
 * (`changes.ts` says why nothing is missed).
 */
import { int } from 'neo4j-driver';
import { asking } from './asking.ts';
import { clockSlack } from './changes.ts';
import type { Graph } from './driver.ts';
import { type ContentRow, contentsOf, type ItemContent, mostContents } from './itemContents.ts';
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
  /** What is said of those that were marked as changed, by outside id, the last ones last. */
  readonly contents: ReadonlyMap<string, ItemContent>;
  /** Hashes of the ids of removed items (`removedKey`), some of which may be there again. */
  readonly removed: ReadonlySet<string>;
}

export interface ItemStatesAsked {
  /** From where on marks of changes are looked at, ms since 1970 of the server's clock; what is there is not looked at where absent. */
  readonly since?: number | undefined;
  /** All that are unavailable, in place of what has changed. */
  readonly isWhole: boolean;
}

/** Whether a graph says of its items whether they are available. */
export const tellsAvailability = ({ names }: GraphSchema): boolean =>
  names === undefined || names.Item.properties.available?.('i') !== 'null';

/** What has changed since a moment, and all that are unavailable where that is asked or more has changed than is read. Errors: those of the driver. */
export async function readItemStates(
  graph: Graph,
  { since, isWhole }: ItemStatesAsked,
  timeoutMs: number,
): Promise<ItemStatesRead> {
  return await asking(graph, timeoutMs, async (rows): Promise<ItemStatesRead> => {
    const allUnavailable = async (): Promise<readonly ItemAvailability[]> =>
      (await rows<{ readonly id: string }>('items-unavailable')).map(({ id }) => ({ id, available: false }));
    if (graph.schema.names) {
      const items = tellsAvailability(graph.schema) ? await allUnavailable() : [];
      return { isWhole: true, items, contents: new Map(), removed: new Set() };
    }
    const [moment] = await rows<{ readonly now: number; readonly oldest: number | null }>('moment');
    const next = Math.min(moment!.now, moment!.oldest ?? moment!.now) - clockSlack;
    const keysSince = async (from: number) =>
      new Set((await rows<{ readonly key: string }>('items-removed', { since: int(from) })).map(({ key }) => key));
    const most = { since: int(since ?? next), most: int(mostContents) };
    const changed = since === undefined ? [] : await rows<ChangedRow>('changed-contents', most);
    const about = { since: next, contents: contentsOf(changed.toReversed()) };
    if (!isWhole && changed.length < mostContents)
      return { ...about, isWhole, items: changed, removed: await keysSince(since ?? next) };
    return { ...about, isWhole: true, removed: await keysSince(0), items: await allUnavailable() };
  });
}

type ChangedRow = ContentRow & ItemAvailability;

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

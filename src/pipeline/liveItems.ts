/** Reads from the graph which items may be shown now and what filters judge them by, and keeps what is served told of it. */
import { atMost } from '../atMost.ts';
import { clockSlack } from '../graph/changes.ts';
import type { Graph } from '../graph/driver.ts';
import { availabilityOfItems, type ItemStatesRead, readItemStates, tellsAvailability } from '../graph/itemStates.ts';
import type { GraphReach } from '../graph/reach.ts';
import { removedAmong } from '../graph/removedNodes.ts';
import type { ItemState, LiveItems, LiveView } from '../serving/liveItems.ts';
import { compareItems } from './comparedItems.ts';

export interface LiveFeed {
  /**
   * Whatever was not read yet, and all again after a while, since not everything that is written leaves a mark: for whoever looks at the
   * graph now and then. Nobody waits for it.
   */
  catchUp(): void;
}

/** How long a reading may take before the graph counts as silent, ms: of what has changed, and of the whole graph. */
const [patienceMs, wholePatienceMs] = [10_000, 60_000];
/** How long a start waits for the first reading, and who writes for the next one, ms; either ends without them. */
const [firstPatienceMs, writersPatienceMs] = [20_000, 4_000];
/** After this time a whole reading that failed is tried again, ms. */
const retryMs = 5_000;
/** A graph without marks of changes is read again after so long, ms. */
const unmarkedPauseMs = 10_000;
/** No graph is read whole again sooner than after so many times what the last reading took. */
const restOfTime = 20;
/** One with marks is not where that takes longer, ms: who writes an item waits for the reading that is under way. */
const longestRepeatedMs = 1000;

/**
 * Reads it once, as far as it answers, before it returns; again whenever `live.refresh` is called. `everyMs`: one with marks is read
 * whole again after so long.
 */
export async function feedLiveItems(live: LiveItems, reach: GraphReach, everyMs = 60_000): Promise<LiveFeed> {
  const { graph } = reach;
  if (!graph) return { catchUp() {} };
  const hasMarks = !graph.schema.names;
  const asksAvailability = tellsAvailability(graph.schema);
  const nextIn = (took: number): number => {
    if (hasMarks && took > longestRepeatedMs) return Number.POSITIVE_INFINITY;
    return Math.max(hasMarks ? everyMs : unmarkedPauseMs, restOfTime * took);
  };
  let since: number | undefined;
  /** From where on marks were looked at for contents. */
  let heardFrom = Number.POSITIVE_INFINITY;
  let isBehind = false;
  let dueAt = 0;
  const removed = new Set<string>();
  const seen = new WeakSet<LiveView>();
  const comparison = compareItems(live, reach, hasMarks ? everyMs : unmarkedPauseMs);

  let round = 0;
  async function readOnce(graph: Graph, isWhole: boolean, timeoutMs: number): Promise<void> {
    const own = ++round;
    const views = [...live.views];
    const oldest = Math.min(...views.map(takenAt));
    const from = since === undefined || oldest < heardFrom ? oldest : since;
    const asked = { since: Number.isFinite(from) ? from : undefined, isWhole };
    const read = await readItemStates(graph, asked, timeoutMs);
    if (own !== round) return; // given up, and begun again
    if (read.isWhole) removed.clear();
    for (const key of read.removed) removed.add(key);
    const gone = new Set<string>();
    for (const view of views) {
      const keys = seen.has(view) ? read.removed : removed;
      for (const id of await removedAmong('item', view.snapshot.items, keys)) gone.add(id);
    }
    const news = await availabilityNow(graph, views, read, gone, timeoutMs);
    if (own !== round) return;
    live.take(news, read.isWhole);
    live.takeContents(read.contents);
    comparison.heard(read.contents.keys());
    heardFrom = Math.min(heardFrom, oldest);
    ({ since } = { since: undefined, ...read });
    for (const view of views) seen.add(view);
  }

  async function availabilityNow(
    graph: Graph,
    views: readonly LiveView[],
    read: ItemStatesRead,
    gone: ReadonlySet<string>,
    timeoutMs: number,
  ): Promise<ReadonlyMap<string, ItemState>> {
    if (!asksAvailability) return new Map();
    const asked = [...new Set([...gone, ...views.flatMap((view) => unsaid(live, view, read))])];
    const news = new Map<string, ItemState>(asked.map((id) => [id, gone.has(id) ? 'removed' : 'unknown']));
    for (const { id, available } of [...read.items, ...(await availabilityOfItems(graph, asked, timeoutMs))])
      news.set(id, available ? 'available' : 'unavailable');
    return news;
  }

  /** One reading at a time; of what has changed, where that is known, unless all is asked for. */
  const read = async (all: boolean): Promise<void> => {
    const began = performance.now();
    const isWhole = all || since === undefined;
    // What was not read in time the last time may be much.
    const patience = isWhole || isBehind ? wholePatienceMs : patienceMs;
    isBehind = false;
    const answered = await reach.ask(
      async (graph, timeoutMs) => {
        await readOnce(graph, isWhole, timeoutMs);
        return true;
      },
      false,
      patience,
    );
    const now = performance.now();
    if (isWhole) dueAt = now + (answered ? nextIn(now - began) : retryMs);
    else if (!answered) isBehind = true;
  };
  let reading: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  /** What was written before this was called is read when it returns: the reading that is under way may have begun before. */
  const refresh = (all = false): Promise<void> => {
    if (!reading) {
      reading = read(all).finally(() => {
        reading = undefined;
      });
      return reading;
    }
    next ??= reading.then(() => {
      next = undefined;
      return refresh();
    });
    return next;
  };

  if (hasMarks)
    live.readBy(
      async () => {
        if (since === undefined) isBehind = true;
        else await atMost(writersPatienceMs, refresh());
      },
      () => void refresh(),
    );
  // The second time it asks what it asks from then on, so that the first write waits for no plans.
  const twice = refresh().then(() => (since === undefined ? undefined : refresh()));
  await atMost(
    firstPatienceMs,
    twice.then(() => comparison.run()),
  );
  return {
    catchUp() {
      const isNew = [...live.views].some((view) => !seen.has(view));
      const isDue = performance.now() >= dueAt;
      if (!reading && (isBehind || isNew || isDue)) void refresh(isDue);
      comparison.catchUp();
    },
  };
}

/** From where on marks tell what a snapshot lacks, ms since 1970 of the server's clock; by our own clock where it was not made of a graph. */
const takenAt = ({ snapshot }: LiveView): number => Math.floor(snapshot.mark?.since ?? snapshot.asOf - clockSlack);

/** Items that the snapshot has as unavailable, of which the graph is to say whether they are so still. */
function unsaid(live: LiveItems, { snapshot: { items } }: LiveView, { isWhole }: ItemStatesRead): string[] {
  const ids: string[] = [];
  for (let item = 0; item < items.count; item++) {
    if (items.available[item] === 1) continue;
    const id = items.id(item);
    if (isWhole || live.stateOf(id) === undefined) ids.push(id);
  }
  return ids;
}

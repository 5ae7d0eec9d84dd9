/** Finds what was said of items without a mark of the change, where the graph has few enough of them: all are compared now and then. */
import { setImmediate } from 'node:timers/promises';
import { allContents, type ItemContent } from '../graph/itemContents.ts';
import type { GraphReach } from '../graph/reach.ts';
import type { LiveItems } from '../serving/liveItems.ts';

export interface Comparison {
  /** Compares all, as far as the graph answers. */
  run(): Promise<void>;
  /** The same, where it is due again and none is under way. Nobody waits for it. */
  catchUp(): void;
  /** To be told which items were read otherwise: what a comparison that is under way says of them may be older. */
  heard(ids: Iterable<string>): void;
}

/** Graphs of more items than this are not compared. */
const mostCompared = 20_000;
/** How long each question may take, ms; after what time one that was not answered is put again. */
const [patienceMs, retryMs] = [20_000, 10_000];
/** It takes at most this share of the time. */
const shareOfTime = 1 / 20;
/** Items that are compared at a time: a few ms. */
const slice = 500;

/** `pauseMs`: the shortest time from one comparison to the next. */
export function compareItems(live: LiveItems, reach: GraphReach, pauseMs: number): Comparison {
  let dueAt = 0;
  let heardMeanwhile: Set<string> | undefined;

  async function compare(all: ReadonlyMap<string, ItemContent>, heard: ReadonlySet<string>): Promise<void> {
    const news = new Map<string, ItemContent>();
    let looked = 0;
    for (const [id, content] of all) {
      if (++looked % slice === 0) await setImmediate(); // requests are answered in between
      if (live.contentOf(id) || live.isNews(id, content)) news.set(id, content);
    }
    for (const id of heard) news.delete(id);
    live.takeContents(
      news,
      [...live.contentIds()].filter((id) => !all.has(id) && !heard.has(id)),
    );
  }

  async function run(): Promise<void> {
    const heard = new Set<string>();
    heardMeanwhile = heard;
    const began = performance.now();
    const answered = await reach.ask(
      async (graph, timeoutMs) => {
        const all = await allContents(graph, mostCompared, timeoutMs);
        if (all) await compare(all, heard);
        return all ? 'compared' : 'too many';
      },
      false,
      patienceMs,
    );
    heardMeanwhile = undefined;
    const now = performance.now();
    if (answered === 'too many') dueAt = Number.POSITIVE_INFINITY;
    else dueAt = now + (answered ? Math.max(pauseMs, (now - began) / shareOfTime) : retryMs);
  }

  return {
    run,
    catchUp() {
      if (!heardMeanwhile && performance.now() >= dueAt) void run();
    },
    heard(ids) {
      for (const id of ids) heardMeanwhile?.add(id);
    },
  };
}

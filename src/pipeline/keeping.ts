/** Answers that are kept, beside a graph that is watched for what makes them wrong. */
import type { Graph } from '../graph/driver.ts';
import type { UserInteraction } from '../graph/interactions.ts';
import { type GraphReach, type ReachOptions, type RecallInteractions, reachOf } from '../graph/reach.ts';
import { type GraphWatch, type HeardChange, watchedPauseMs, watchGraph } from '../graph/watch.ts';
import { AnswerMemory } from '../serving/answerMemory.ts';
import type { LiveItems } from '../serving/liveItems.ts';
import { openRecent, type RecentReader } from '../serving/stages/recent.ts';
import { feedLiveItems, type LiveFeed } from './liveItems.ts';
import type { ServiceOptions } from './service.ts';

export interface KeptAnswers {
  readonly reach: GraphReach;
  readonly memory: AnswerMemory | undefined;
  /** Absent without a graph. */
  readonly recent: RecentReader | undefined;
  stop(): void;
}

/**
 * A graph as far as it answers, what it said being remembered where the options allow memory for it; `live` is told which items may be
 * shown, before this returns where the graph says so in time.
 */
export async function keepAnswers(
  graph: Graph | undefined,
  { answerCacheMb = 0, answerCacheSeconds = 0, watchMs = 0, worker }: ServiceOptions,
  reaching: ReachOptions,
  live: LiveItems,
): Promise<KeptAnswers> {
  let watch: GraphWatch | undefined;
  const isCertain = () => !graph || (watch ? watch.isCurrent : reach.state === 'reached');
  const limits = { maxBytes: answerCacheMb * 2 ** 20, maxAgeMs: answerCacheSeconds * 1000, isCertain };
  const memory = answerCacheMb > 0 && answerCacheSeconds > 0 ? new AnswerMemory(limits) : undefined;
  const pause = watchMs > 0 && { pauseMs: watchedPauseMs };
  const hears = () => watch?.isCurrent ?? false;
  const reach = reachOf(graph, { ...reaching, ...pause, hears, recall: memory && recallOf(memory) });
  live.onChange((change) =>
    memory?.change({ users: [], ...(change === 'shown' ? { items: true as const } : { contents: true as const }) }),
  );
  // Lists that counted what was known before are not given any more.
  const onRead = () => memory?.change({ users: [] });
  const recent = graph && openRecent(reach, { isWatched: watchMs > 0, onRead });
  let feed: LiveFeed | undefined;
  const onChange = (change: HeardChange): void => {
    memory?.change(change);
    reach.heard(change.users);
    recent?.heard();
    if (change.nodes || !change.users) void live.refresh();
  };
  if (graph && watchMs > 0)
    watch = watchGraph(reach, { everyMs: watchMs, worker, onChange, onLook: () => feed?.catchUp() });
  feed = await feedLiveItems(live, reach, answerCacheSeconds > 0 ? limits.maxAgeMs : undefined);
  const stop = (): void => {
    watch?.stop();
    recent?.stop();
  };
  return { reach, memory, recent, stop };
}

/**
 * The version's manifest says what counts, so it is what the interactions are remembered under. As text: thousands of users' would be
 * millions of objects for the garbage collector to walk, in the way of requests, and a list that is kept is answered without them.
 */
const recallOf =
  (memory: AnswerMemory): RecallInteractions =>
  async (user, basis, ask) => {
    let asked: readonly UserInteraction[] | undefined;
    const recalled = await memory.recall('deeds', { user, what: 'deeds', basis }, async () => {
      asked = await ask();
      if (!asked) return undefined;
      const text = JSON.stringify(asked);
      return { value: text, bytes: 2 * text.length };
    });
    if (!recalled) return undefined;
    const interactions = asked ?? (JSON.parse(recalled.value) as readonly UserInteraction[]);
    return { interactions, isStale: recalled.from === 'stale' };
  };

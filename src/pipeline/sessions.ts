/** Sessions without a name: what to show somebody of whom nothing is known but what she looked at just now. */
import { TastegraphError } from '../errors.ts';
import type { Attribution } from '../explain/attribution.ts';
import type { FoldedIn } from '../serving/foldIn/taste.ts';
import type { RuleMark } from '../serving/rules.ts';
import type { RankedItem, ServedVersion } from '../serving/served.ts';
import { type ListAsked, onlyOf } from './listAsked.ts';
import { type ChosenByPipeline, chooseItems, type ListGround } from './pipelines.ts';
import type { Service } from './service.ts';

export interface SessionItem {
  readonly id: string;
  /** 'interaction' where not given. */
  readonly type?: string | undefined;
  /** 1 where not given. */
  readonly value?: number | undefined;
  /** ms since 1970. */
  readonly at?: number | undefined;
}

export interface SessionOptions extends ListAsked {
  readonly limit: number;
  /** How much an item counts beside the one after it. */
  readonly decay: number;
  readonly exclude?: readonly string[] | undefined;
  /** Id that the client keeps as long as the session lasts: what an experiment splits by. */
  readonly session?: string | undefined;
}

/** `pipeline` and what follows it are there where they were asked for. */
export interface SessionAnswer
  extends Pick<ChosenByPipeline, 'pipeline' | 'experiment' | 'degraded' | 'notes' | 'trace'> {
  readonly version: string;
  /** There, where the session tells nothing that the version knows. */
  readonly fallback?: 'popular';
  readonly foldedIn?: FoldedIn;
  /** Those of the session that came after the training, and count by the vectors that the graph gives them. */
  readonly unseen?: readonly string[];
  /** Those of the session of which nothing is known. */
  readonly unknown: readonly string[];
  /** None of the session is among them. */
  readonly items: readonly SessionRecommendation[];
}

export interface SessionRecommendation extends RankedItem {
  /** In plain words, where the score has parts. */
  readonly reasons: readonly string[];
  /** Shares of the session's items in the score, where it has parts. */
  readonly attribution?: Attribution;
  /** Where rules were named: what brought the item, or let it stay. */
  readonly rules?: readonly RuleMark[];
}

/**
 * The best items for a session, oldest first where no item has a time, else by time, by the pipeline and the rules that are named:
 * rules are asked for a user that nobody is. Without them nothing is read from the graph but what items are like that the version does
 * not know, and nothing is kept. Types count as the version's training has it: a dislike is left out and is no taste. Errors: filter/*, pipeline/unknown, experiment/*, rule/*.
 */
export async function recommendForSession(
  { recommender, ...ground }: Pick<Service, 'recommender'> & ListGround,
  session: readonly SessionItem[],
  { decay, exclude = [], session: unit, filter, rules, ...options }: SessionOptions,
): Promise<SessionAnswer> {
  const [
    { deedsOf },
    { sessionHistory, withUnseen },
    { nobody },
    { attributeFolded },
    { sentenceOfAttribution, speechOf },
  ] = await Promise.all([
    import('../serving/foldIn/current.ts'),
    import('../serving/foldIn/history.ts'),
    import('../serving/served.ts'),
    import('../explain/attribution.ts'),
    import('../explain/sentences.ts'),
  ]);
  const { served, release } = recommender.acquire();
  try {
    const { manifest, published } = served;
    const done = session.map(({ id, type = 'interaction', value = 1, at }) => ({
      item: id,
      type,
      value,
      ...(at !== undefined && { at }),
    }));
    const isTimed = done.every(({ at }) => at !== undefined);
    const inOrder = isTimed ? done.toSorted((a, b) => a.at! - b.at!) : done;
    const deeds = deedsOf(served, inOrder);
    const { items: known } = published.snapshot;
    const strangers = [...new Set(inOrder.map(({ item }) => item).filter((id) => known.index(id) === undefined))];
    const vectors = await vectorsOfUnseen(ground.reach, served, strangers);
    // Items that came after the training stand behind those of the version, so that both fade in one order.
    const places = new Map([...vectors.keys()].map((id, n) => [id, known.count + n]));
    const all = inOrder.flatMap(({ item, ...rest }) => {
      const place = known.index(item) ?? places.get(item);
      return place === undefined ? [] : [{ ...rest, item: place }];
    });
    const own = sessionHistory(all, published.snapshot, manifest, decay);
    const history = withUnseen(own, known.count, [...vectors.values()]);
    const taste = served.fold(history);
    const asked = taste ? served.withTaste(nobody, taste, history) : served;
    const chosen = await chooseItems(ground, asked, nobody, {
      ...options,
      unit,
      rules,
      exclude: session.map(({ id }) => id),
      only: await onlyOf(served, filter, exclude),
      deeds,
      decay,
    });
    const { items, fallback, marks, propensity: _, draws: __, isMomentary: ___, ...more } = chosen;
    return {
      version: manifest.id,
      ...(fallback && { fallback }),
      ...(taste && { foldedIn: taste.foldedIn }),
      ...(vectors.size > 0 && { unseen: strangers.filter((id) => vectors.has(id)) }),
      unknown: strangers.filter((id) => !vectors.has(id)),
      items: items.map((item) => {
        const attribution = asked.folded && attributeFolded(published, asked.folded, item.id);
        const reason = attribution && sentenceOfAttribution(speechOf(manifest), attribution);
        const mark = rules?.uses.length ? { rules: marks.get(item.id) ?? [] } : {};
        return { ...item, reasons: reason ? [reason] : [], ...(attribution && { attribution }), ...mark };
      }),
      ...more,
    };
  } finally {
    release();
  }
}

/** Items of a session that the graph is asked about, those of it that come last: each takes a question. */
const mostUnseen = 5;

/** Vectors of items that the version does not know, oldest first, by what the graph says of them; of those that it can give one. */
async function vectorsOfUnseen(
  reach: ListGround['reach'],
  served: ServedVersion,
  items: readonly string[],
): Promise<ReadonlyMap<string, Float32Array>> {
  const vectors = new Map<string, Float32Array>();
  if (items.length === 0 || !served.published.vectors) return vectors;
  const { vectorFromGraph } = await import('../serving/unseen.ts');
  for (const item of items.slice(-mostUnseen)) {
    try {
      vectors.set(item, (await vectorFromGraph(reach, served, item)).vector);
    } catch (thrown) {
      if (!(thrown instanceof TastegraphError && nothingKnown.has(thrown.code))) throw thrown;
    }
  }
  return vectors;
}

const nothingKnown: ReadonlySet<string> = new Set(['item/unknown', 'item/unseen']);

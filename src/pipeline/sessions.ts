/** Sessions without a name: what to show somebody of whom nothing is known but what she looked at just now. */
import type { Attribution } from '../explain/attribution.ts';
import type { FoldedIn } from '../serving/foldIn/taste.ts';
import type { RankedItem } from '../serving/served.ts';
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

export interface SessionOptions {
  readonly limit: number;
  /** How much an item counts beside the one after it. */
  readonly decay: number;
  readonly exclude?: readonly string[] | undefined;
}

export interface SessionAnswer {
  readonly version: string;
  /** There, where the session tells nothing that the version knows. */
  readonly fallback?: 'popular';
  readonly foldedIn?: FoldedIn;
  /** Those of the session that the version does not know. */
  readonly unknown: readonly string[];
  /** None of the session is among them. */
  readonly items: readonly SessionRecommendation[];
}

export interface SessionRecommendation extends RankedItem {
  /** In plain words, where the score has parts. */
  readonly reasons: readonly string[];
  /** Shares of the session's items in the score, where it has parts. */
  readonly attribution?: Attribution;
}

/**
 * The best items for a session, oldest first where no item has a time, else by time. Nothing is read from the graph and nothing
 * is kept. Types count as the version's training has it: a dislike is left out and is no taste.
 */
export async function recommendForSession(
  { recommender }: Pick<Service, 'recommender'>,
  session: readonly SessionItem[],
  { limit, decay, exclude = [] }: SessionOptions,
): Promise<SessionAnswer> {
  const [
    { deedsOf },
    { fadingHistory, likedItems, sequenceOf },
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
    const liked = likedItems(deeds, published.snapshot, manifest);
    const history = fadingHistory(liked, decay, sequenceOf(liked, deeds));
    const taste = served.fold(history);
    const asked = taste ? served.withTaste(nobody, taste, history) : served;
    const left = [...session.map(({ id }) => id), ...exclude];
    const { items, fallback } = asked.recommend(nobody, { limit, exclude: left });
    return {
      version: manifest.id,
      ...(fallback && { fallback }),
      ...(taste && { foldedIn: taste.foldedIn }),
      unknown: [
        ...new Set(session.map(({ id }) => id).filter((id) => published.snapshot.items.index(id) === undefined)),
      ],
      items: items.map((item) => {
        const attribution = asked.folded && attributeFolded(published, asked.folded, item.id);
        const reason = attribution && sentenceOfAttribution(speechOf(manifest), attribution);
        return { ...item, reasons: reason ? [reason] : [], ...(attribution && { attribution }) };
      }),
    };
  } finally {
    release();
  }
}

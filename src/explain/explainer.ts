/** Why an item: the score's parts, the graph's evidence, and both in words. */
import { type EvidencePath, findEvidence, mostEvidenceItems } from '../graph/evidence.ts';
import type { GraphReach } from '../graph/reach.ts';
import { listModels } from '../models/registry.ts';
import { type Locale, option } from '../options.ts';
import type { PublishedVersion } from '../serving/published.ts';
import type { RankedItem, ServedVersion } from '../serving/served.ts';
import { vectorFromGraph } from '../serving/unseen.ts';
import { type Attribution, type Attributor, attributeByIds, attributeFolded, attributorOf } from './attribution.ts';
import { leaveOneOut } from './leaveOneOut.ts';
import { choosePaths, mostPaths } from './paths.ts';
import { sampledPaths } from './sampledPaths.ts';
import { sentenceOfAttribution, sentenceOfPath, speechOf } from './sentences.ts';

export interface Explanation {
  readonly user: string;
  readonly item: string;
  readonly title: string;
  /** Id of the version that the score is of. */
  readonly version: string;
  /** What the item is ranked by; the number of people where `fallback` says so. */
  readonly score: number;
  readonly fallback?: 'popular';
  /** There for users with interactions, and versions that read them when they are asked: exact where the score is a sum over them. */
  readonly attribution?: Attribution;
  /** Why there is no exact one, in a sentence, for versions whose score is no sum of parts. */
  readonly unattributed?: string;
  /** Up to three, in the order of score; none where the graph does not answer. */
  readonly paths: readonly EvidencePath[];
  /** The above in plain sentences, the strongest first; at least one where anything is known. */
  readonly reasons: readonly string[];
  /** Whether the graph was asked for evidence and answered. */
  readonly graph: GraphReach['state'];
}

/** How much evidence is told. */
export interface ExplainOptions {
  /** Most paths for an item. */
  readonly paths?: number;
  /** Most paths of a kind that are looked for. */
  readonly ofAKind?: number;
  readonly locale?: Locale | undefined;
}

export interface Explainer {
  /** Least number of people that is told. */
  readonly anonymity: number;
  /** Parts of the scores of some items that the version knows, for each of them; undefined where nothing tells the taste. */
  attribute(served: ServedVersion, user: string, items: readonly string[]): (item: string) => Attribution | undefined;
  /** Errors: item/unknown. */
  explain(served: ServedVersion, user: string, item: string, options?: ExplainOptions): Promise<Explanation>;
  /**
   * The same for a list, as one question to the graph: attribution for all, evidence for the first 20, in the order given.
   * Errors: item/unknown.
   */
  explainAll(
    served: ServedVersion,
    user: string,
    items: readonly Pick<RankedItem, 'id'>[],
    options?: ExplainOptions,
  ): Promise<Explanation[]>;
}

/** Explains what a version recommends. `reach`: see `reachOf(graph)`; with `reachOf(undefined)` there is no evidence from the graph. */
export function createExplainer(
  reach: GraphReach,
  { anonymity = option.anonymity.parse(undefined) }: { readonly anonymity?: number | undefined } = {},
): Explainer {
  const attributors = new WeakMap<PublishedVersion, { readonly attributor: Attributor | undefined }>();
  const attributorFor = (served: ServedVersion): Attributor | undefined => {
    let known = attributors.get(served.published);
    if (!known) {
      known = { attributor: attributorOf(served.published, served.parts) };
      attributors.set(served.published, known);
    }
    return known.attributor;
  };

  const attribute: Explainer['attribute'] = (served, user, ids) => {
    const { published, folded } = served;
    const { items } = published.snapshot;
    if (folded?.user === user && folded.taste.parts) return (id) => attributeFolded(published, folded, id);
    const attributor = folded?.user === user ? undefined : attributorFor(served);
    if (attributor) return (id) => (served.tasteOf(user) ? attributeByIds(published, attributor, user, id) : undefined);
    const without = leaveOneOut(
      served,
      user,
      ids.flatMap((id) => items.index(id) ?? []),
    );
    return (id) => without?.(items.index(id)!);
  };

  const explainAll: Explainer['explainAll'] = async (served, user, items, { paths: most, ofAKind, locale } = {}) => {
    const { minValue, interactions, id: version } = served.manifest;
    const unattributed = attributorFor(served) ? undefined : whyNot(served.manifest.model);
    const speech = speechOf(served.manifest, locale);
    const attributionOf = attribute(
      served,
      user,
      items.map(({ id }) => id),
    );
    // All that needs the version comes first: the graph is waited for afterwards.
    const scored = await Promise.all(
      items.map(async ({ id }) => {
        if (served.published.snapshot.items.index(id) === undefined) return await scoreUnseen(reach, served, user, id);
        const { item, fallback } = served.score(user, id);
        return { item, fallback, attribution: fallback ? undefined : attributionOf(id) };
      }),
    );
    const asked = items.slice(0, mostEvidenceItems).map(({ id }) => id);
    const evidence = await reach.ask((graph, timeoutMs) =>
      findEvidence(graph, user, asked, { minValue, interactions, timeoutMs, anonymity, limit: ofAKind }),
    );
    /** Of what very many chose, a sample of all says more than those who came last. */
    const pathsOf = (found: readonly EvidencePath[], id: string): readonly EvidencePath[] => {
      if (!found.some(({ kind, capped }) => kind === 'people' && capped)) return found;
      const others = found.filter(({ kind }) => kind !== 'people');
      const sample = sampledPaths(served, user, id, { anonymity, limit: ofAKind ?? mostPaths });
      return sample.length > 0 ? [...sample, ...others].sort((a, b) => b.score - a.score) : found;
    };
    const graph = evidence ? 'reached' : reach.graph ? 'unreachable' : 'none';
    return scored.map(({ item, fallback, attribution }) => {
      const paths = choosePaths(pathsOf(evidence?.get(item.id) ?? [], item.id), most);
      const first = attribution ? sentenceOfAttribution(speech, attribution) : fallback && speech.words.popular();
      return {
        user,
        item: item.id,
        title: item.title,
        version,
        score: item.score,
        ...(fallback && { fallback }),
        ...(attribution && { attribution }),
        ...(unattributed && !fallback && { unattributed }),
        paths,
        reasons: [...(first ? [first] : []), ...paths.map((path) => sentenceOfPath(speech, path))],
        graph,
      };
    });
  };

  return {
    anonymity,
    attribute,
    explainAll,
    explain: async (served, user, item, options) => (await explainAll(served, user, [{ id: item }], options))[0]!,
  };
}

/** What a model says of itself; versions of models that this program has no more say nothing. */
function whyNot(model: string): string | undefined {
  const definition = listModels().find(({ name }) => name === model);
  return definition && (definition.unattributed ?? 'This model ranks by more than a sum over what the user did');
}

/** An item that came after the training, ranked by the vector that the model gives it: nobody is known to have chosen it. */
async function scoreUnseen(reach: GraphReach, served: ServedVersion, user: string, id: string) {
  const { vector, title } = await vectorFromGraph(reach, served, id);
  const score = served.scoreVector(user, vector);
  const item: RankedItem = { id, title, score: score ?? 0 };
  return { item, fallback: score === undefined ? ('popular' as const) : undefined, attribution: undefined };
}

/** Why an item: the score's parts, the graph's evidence, and both in words. */
import { type EvidencePath, findEvidence, mostEvidenceItems } from '../graph/evidence.ts';
import type { GraphReach } from '../graph/reach.ts';
import { listModels } from '../models/registry.ts';
import { option } from '../options.ts';
import type { PublishedVersion } from '../serving/published.ts';
import type { RankedItem, ServedVersion } from '../serving/served.ts';
import { vectorFromGraph } from '../serving/unseen.ts';
import { type Attribution, type Attributor, attributeByIds, attributeFolded, attributorOf } from './attribution.ts';
import { choosePaths } from './paths.ts';
import { popularSentence, sentenceOfAttribution, sentenceOfPath } from './sentences.ts';

export interface Explanation {
  readonly user: string;
  readonly item: string;
  readonly title: string;
  /** Id of the version that the score is of. */
  readonly version: string;
  /** What the item is ranked by; the number of people where `fallback` says so. */
  readonly score: number;
  readonly fallback?: 'popular';
  /** There for versions whose score is linear in the user's interactions, and users who have some. */
  readonly attribution?: Attribution;
  /** Why there is none, in a sentence, for versions whose score has no such parts. */
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
}

export interface Explainer {
  /** Least number of people that is told. */
  readonly anonymity: number;
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

  const explainAll: Explainer['explainAll'] = async (served, user, items, { paths: most, ofAKind } = {}) => {
    const { minValue, interactions, id: version } = served.manifest;
    const attributor = attributorFor(served);
    const unattributed = attributor ? undefined : whyNot(served.manifest.model);
    // All that needs the version comes first: the graph is waited for afterwards.
    const scored = await Promise.all(
      items.map(async ({ id }) => {
        if (served.published.snapshot.items.index(id) === undefined) return await scoreUnseen(reach, served, user, id);
        const { item, fallback } = served.score(user, id);
        const { folded } = served;
        if (folded?.user === user)
          return { item, fallback, attribution: attributeFolded(served.published, folded, id) };
        const linear = attributor && !fallback;
        return { item, fallback, attribution: linear && attributeByIds(served.published, attributor, user, id) };
      }),
    );
    const asked = items.slice(0, mostEvidenceItems).map(({ id }) => id);
    const evidence = await reach.ask((graph, timeoutMs) =>
      findEvidence(graph, user, asked, { minValue, interactions, timeoutMs, anonymity, limit: ofAKind }),
    );
    const graph = evidence ? 'reached' : reach.graph ? 'unreachable' : 'none';
    return scored.map(({ item, fallback, attribution }) => {
      const paths = choosePaths(evidence?.get(item.id) ?? [], most);
      const first = attribution ? sentenceOfAttribution(attribution) : fallback && popularSentence;
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
        reasons: [...(first ? [first] : []), ...paths.map(sentenceOfPath)],
        graph,
      };
    });
  };

  return {
    anonymity,
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

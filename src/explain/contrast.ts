/** Why one item is above another: the difference of their scores, interaction by interaction. */

import { TastegraphError } from '../errors.ts';
import type { ServedVersion } from '../serving/served.ts';
import type { Attribution, AttributionMethod } from './attribution.ts';
import type { NamedItem } from './counterfactual.ts';
import type { Explainer } from './explainer.ts';

export interface ContrastPart extends NamedItem {
  /** What it brings to the first item less what it brings to the second. */
  readonly difference: number;
}

export interface Contrast {
  readonly user: string;
  readonly above: NamedItem & { readonly score: number };
  readonly below: NamedItem & { readonly score: number };
  /** Of the scores: Σ parts + popularity + own vector + error. */
  readonly difference: number;
  readonly method: AttributionMethod;
  readonly fidelity: number;
  /** The greatest first, for or against. */
  readonly parts: readonly ContrastPart[];
  readonly popularity: number;
  readonly ownVector: number;
  readonly error: number;
}

/** `above` is the one that scores more, whichever was named first. Errors: item/unknown, explain/fixed-taste. */
export async function contrast(
  explainer: Explainer,
  served: ServedVersion,
  user: string,
  items: readonly [string, string],
): Promise<Contrast> {
  const both = items.map((id) => {
    const attribution = explainer.attribute(served, user, [id])(id);
    if (attribution) return { ...named(served, id), attribution };
    const problem = `${served.manifest.model} gives no parts of a score for this user`;
    throw new TastegraphError('explain/fixed-taste', { problem });
  });
  const [a, b] = both.sort((one, other) => other.attribution.score - one.attribution.score) as [Side, Side];
  const ofBelow = new Map(b.attribution.parts.map(({ item, part }) => [item, part]));
  const ofAbove = new Map(a.attribution.parts.map(({ item, part }) => [item, part]));
  const titles = new Map([...a.attribution.parts, ...b.attribution.parts].map(({ item, title }) => [item, title]));
  const parts = Array.from(titles, ([item, title]) => ({
    item,
    title,
    difference: (ofAbove.get(item) ?? 0) - (ofBelow.get(item) ?? 0),
  }));
  const side = ({ item, title, attribution: { score } }: Side) => ({ item, title, score });
  const { method, fidelity } = a.attribution;
  return {
    user,
    above: side(a),
    below: side(b),
    difference: a.attribution.score - b.attribution.score,
    method,
    fidelity,
    parts: parts.sort((x, y) => Math.abs(y.difference) - Math.abs(x.difference) || (x.item < y.item ? -1 : 1)),
    popularity: a.attribution.popularity.part - b.attribution.popularity.part,
    ownVector: a.attribution.ownVector.part - b.attribution.ownVector.part,
    error: a.attribution.error - b.attribution.error,
  };
}

interface Side extends NamedItem {
  readonly attribution: Attribution;
}

function named({ published: { snapshot } }: ServedVersion, item: string): NamedItem {
  const index = snapshot.items.index(item);
  if (index === undefined) throw new TastegraphError('item/unknown', { item });
  return { item, title: snapshot.items.title(index) };
}

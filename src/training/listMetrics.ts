import type { FeatureKind } from '../sampling/featureKinds.ts';
import { divergence, mixOf } from './calibration.ts';
import { longTail } from './longTail.ts';
import type { Metrics } from './result.ts';

/** Share of all choices that the long tail holds. */
const tailShare = 0.2;

export interface ListMetricsContext {
  /** How many chose each item. [|I|] */
  readonly people: Int32Array;
  /** How many there are who could. */
  readonly users: number;
  /** What items are compared by, and what mixes are of. */
  readonly kind: FeatureKind;
}

/**
 * What lists of k are like beside how accurate they are, over all lists L that were added:
 *
 *   coverage    = |∪ L| / |I|                               share of the items that stand in any list
 *   diversity   = mean of 1 − cosine(features of i, of j) over the pairs of a list        (Ziegler et al., WWW 2005)
 *   novelty     = mean of −log2(people_i / users) in bits; items that nobody chose count as chosen once
 *                                                           (Zhou et al., PNAS 2010)
 *   gini        = inequality of how often items stand in lists: 0 where all do alike, to 1     (Gini, 1912)
 *   tail        = share of the places that go to the long tail, the least chosen items with a fifth of all choices
 *   calibration = KL divergence of the list's mix of features from that of the history, in nats; 0 is best   (Steck, RecSys 2018)
 */
export class ListMetrics {
  readonly #at: number;
  readonly #context: ListMetricsContext;
  readonly #tail: Uint8Array;
  readonly #exposures: Float64Array;
  #lists = 0;
  #diversity = 0;
  #novelty = 0;
  #tailPlaces = 0;
  #places = 0;
  #mixes = 0;
  #divergence = 0;

  constructor(at: number, context: ListMetricsContext) {
    this.#at = at;
    this.#context = context;
    this.#tail = longTail(context.people, tailShare);
    this.#exposures = new Float64Array(context.people.length);
  }

  /** A list, best first, and what its reader did before. */
  add(ranked: ArrayLike<number>, history: Iterable<number>): void {
    const { people, users, kind } = this.#context;
    const list = Array.from(ranked).slice(0, this.#at);
    if (list.length === 0) return;
    this.#lists++;
    this.#places += list.length;
    let novelty = 0;
    for (const item of list) {
      this.#exposures[item]! += 1;
      this.#tailPlaces += this.#tail[item]!;
      novelty += Math.log2(users / Math.max(1, people[item]!));
    }
    this.#novelty += novelty / list.length;
    this.#diversity += unlikeness(kind, list);
    const mix = mixOf(kind, history);
    if (mix.every((share) => share === 0)) return;
    this.#mixes++;
    this.#divergence += divergence(mix, mixOf(kind, list));
  }

  result(): Metrics {
    const shown = this.#exposures.reduce((count, times) => count + (times > 0 ? 1 : 0), 0);
    const metrics = {
      coverage: shown / this.#exposures.length,
      diversity: this.#diversity / this.#lists,
      novelty: this.#novelty / this.#lists,
      gini: gini(this.#exposures),
      tail: this.#tailPlaces / this.#places,
      calibration: this.#divergence / this.#mixes,
    };
    return Object.fromEntries(Object.entries(metrics).map(([name, value]) => [`${name}@${this.#at}`, value]));
  }
}

/** Gini coefficient of values of which none is below 0; 0 where all are 0. */
export function gini(values: Float64Array): number {
  const ascending = values.slice().sort();
  let sum = 0;
  let weighted = 0;
  for (const [rank, value] of ascending.entries()) {
    sum += value;
    weighted += (rank + 1) * value;
  }
  const n = values.length;
  return sum > 0 ? (2 * weighted) / (n * sum) - (n + 1) / n : 0;
}

/** Mean of 1 − cosine over the pairs; items without features are like none. */
function unlikeness({ values, shares: { offsets, indices, weights } }: FeatureKind, list: readonly number[]): number {
  if (list.length < 2) return 0;
  // Σ over pairs of ⟨a, b⟩ = (|Σ a|² − Σ |a|²) / 2, for rows of length 1.
  const total = new Float64Array(values.length);
  let own = 0;
  for (const item of list) {
    const [from, to] = [offsets[item]!, offsets[item + 1]!];
    let squares = 0;
    for (let e = from; e < to; e++) squares += weights[e]! ** 2;
    if (squares > 0) own++;
    for (let e = from; e < to; e++) total[indices[e]!]! += weights[e]! / Math.sqrt(squares);
  }
  const cosines = (total.reduce((sum, value) => sum + value * value, 0) - own) / 2;
  return 1 - cosines / ((list.length * (list.length - 1)) / 2);
}

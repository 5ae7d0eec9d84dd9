/**
 * What a pipeline would have been worth, from lists that another drew: replay, inverse propensities and doubly robust.
 *
 * A list is a chain of choices a_1 … a_K, each with the probability μ(a_k | above) that it was drawn with and π(a_k | above) that the
 * pipeline in question would draw it with; r_k is 1 where a_k was taken. What is estimated is Σ_k E_π[r_k], the items taken of the first K.
 *
 *   w_k    = Π_{j ≤ k} π(a_j | above) / μ(a_j | above), cut off at `clip`
 *   replay = Σ m Σ_k r_k / Σ m, with m = Π_{j ≤ K} π(a_j | above)
 *   SNIPS  = Σ_k  Σ w_k r_k / Σ w_k
 *   DR     = Σ_k  Σ w_{k−1} Σ_a π(a | above) q(a) / Σ w_{k−1} + Σ w_k (r_k − q(a_k)) / Σ w_k
 *
 * Replay: Li et al., "Unbiased Offline Evaluation of Contextual-bandit-based News Article Recommendation Algorithms", WSDM 2011; without
 * bias only where the log was drawn evenly. SNIPS: Swaminathan & Joachims, "The Self-Normalized Estimator for Counterfactual Learning",
 * NeurIPS 2015. DR: Dudík et al., "Doubly Robust Policy Evaluation and Learning", ICML 2011: right where either q or μ is. Along a list,
 * where a taking depends on what stands above and not below: McInerney et al., "Counterfactual Evaluation of Slate Recommendations with
 * Sequential Reward Interactions", KDD 2020, and Kiyohara et al., "Doubly Robust Off-Policy Evaluation for Ranking Policies under the
 * Cascade Behavior Model", WSDM 2022.
 */
import { RandomStream } from '../../random.ts';
import { type Estimate, percentiles, resampledSums } from './statistics.ts';

/** One place of a list that was shown. */
export interface LoggedPlace {
  /** r_k: 1 where the item was taken, else 0. */
  readonly reward: number;
  /** μ(a_k | above), above 0. */
  readonly logged: number;
  /** π(a_k | above). */
  readonly target: number;
  /** q(a_k): what a model expects of the item. */
  readonly model: number;
  /** Σ_a π(a | above) q(a): what it expects of the pipeline. */
  readonly expected: number;
}

export interface LoggedList {
  readonly user: string;
  /** [K], of all lists alike. */
  readonly places: readonly LoggedPlace[];
}

export interface EstimateOptions {
  readonly clip: number;
  readonly resamples: number;
  readonly seed: number;
}

export interface PolicyEstimate {
  readonly lists: number;
  readonly users: number;
  readonly places: number;
  /** What was taken of the lists that were shown. */
  readonly logged: Estimate;
  /** `matched`: lists that the pipeline would have shown, each counted with the probability of that. */
  readonly replay: Estimate & { readonly matched: number };
  readonly snips: Estimate;
  readonly doublyRobust: Estimate;
  /** The doubly robust less what was taken. */
  readonly gain: Estimate;
  readonly weights: {
    /** So many lists drawn by the pipeline itself would tell as much: (Σ w)² / Σ w², at the last place. */
    readonly effectiveLists: number;
    /** Mean weight before the cut: about 1, where all that the pipeline would show could have been shown; less, where not. */
    readonly support: number;
    /** Lists whose weight was cut off. */
    readonly clipped: number;
    /** So far from what the whole weights give can the cut have moved SNIPS at most. */
    readonly biasAtMost: number;
  };
}

/** Of one place and one user, summed over her lists. */
const columns = ['weight', 'taken', 'rest', 'before', 'expected', 'logged'] as const;
const width = columns.length;

/** Undefined where no list is one that the pipeline could show. Intervals: 95 %, by a bootstrap over users. */
export async function estimate(
  lists: readonly LoggedList[],
  { clip, resamples, seed }: EstimateOptions,
): Promise<PolicyEstimate | undefined> {
  const places = lists[0]?.places.length ?? 0;
  const users = [...new Set(lists.map(({ user }) => user))].sort();
  const rowOf = new Map(users.map((user, row) => [user, row]));
  // Behind the columns of each place three of the whole list: lists, replay's matches, what was taken of them.
  const row = places * width + 3;
  const table = new Float64Array(users.length * row);
  let [clipped, support, squares] = [0, 0, 0];
  /** By place: Σ w before the cut. */
  const whole = new Float64Array(places);
  for (const { user, places: chain } of lists) {
    const at = rowOf.get(user)! * row;
    let [weight, match, taken] = [1, 1, 0];
    for (const [k, { reward, logged, target, model, expected }] of chain.entries()) {
      const from = at + k * width;
      const before = Math.min(weight, clip);
      weight *= target / logged;
      match *= target;
      taken += reward;
      const cut = Math.min(weight, clip);
      whole[k]! += weight;
      table[from]! += cut;
      table[from + 1]! += cut * reward;
      table[from + 2]! += cut * (reward - model);
      table[from + 3]! += before;
      table[from + 4]! += before * expected;
      table[from + 5]! += reward;
    }
    if (weight > clip) clipped++;
    support += weight / lists.length;
    squares += Math.min(weight, clip) ** 2;
    table[at + row - 3]!++;
    table[at + row - 2]! += match;
    table[at + row - 1]! += match * taken;
  }
  const sums = new Float64Array(row);
  for (let n = 0; n < table.length; n++) sums[n % row]! += table[n]!;
  const last = places === 0 ? 0 : sums[(places - 1) * width]!;
  if (last === 0) return undefined;
  const samples = await resampledSums(table, row, resamples, new RandomStream(seed, 'off-policy'));
  const interval = (of: (sums: Float64Array) => number): Estimate =>
    percentiles(
      of(sums),
      Array.from({ length: resamples }, (_, n) => of(samples.subarray(n * row, (n + 1) * row))),
    );
  const overPlaces = (of: (from: number) => number): number => {
    let sum = 0;
    for (let k = 0; k < places; k++) sum += of(k * width);
    return sum;
  };
  const logged = (s: Float64Array) => overPlaces((from) => s[from + 5]! / s[row - 3]!);
  const snips = (s: Float64Array) => overPlaces((from) => s[from + 1]! / s[from]!);
  const robust = (s: Float64Array) => overPlaces((from) => s[from + 4]! / s[from + 3]! + s[from + 2]! / s[from]!);
  return {
    lists: lists.length,
    users: users.length,
    places,
    logged: interval(logged),
    replay: { ...interval((s) => s[row - 1]! / s[row - 2]!), matched: sums[row - 2]! },
    snips: interval(snips),
    doublyRobust: interval(robust),
    gain: interval((s) => robust(s) - logged(s)),
    weights: {
      effectiveLists: last ** 2 / squares,
      support,
      clipped,
      // Rewards are 0 to 1, so that what was cut away, as a share of all weight, bounds how far it could pull a mean.
      biasAtMost: clipped === 0 ? 0 : overPlaces((from) => 1 - sums[from]! / whole[from / width]!),
    },
  };
}

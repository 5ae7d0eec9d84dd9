/** Of several candidates the one that the model now takes for the best: Zhang et al., "Optimizing Top-N Collaborative Filtering via Dynamic Negative Item Sampling", SIGIR 2013. */

/** Scores candidates [b, c] for users [b] into `scores` [b, c], with the model as it stands. */
export type CandidateScorer = (users: Int32Array, candidates: Int32Array, scores: Float32Array) => void;

/**
 * The best-scored candidate of each of `size` users, ties by the earlier: [size]. Candidates are negatives of a pair batch that
 * has several for each pair, so they are exact already; `out` may be reused from batch to batch.
 */
export function hardestNegatives(
  { users, negatives }: { readonly users: Int32Array; readonly negatives: Int32Array },
  scorer: CandidateScorer,
  out = new Int32Array(users.length),
): Int32Array {
  const perPair = negatives.length / users.length;
  const scores = new Float32Array(negatives.length);
  scorer(users, negatives, scores);
  for (let p = 0; p < users.length; p++) {
    let best = p * perPair;
    for (let at = best + 1; at < (p + 1) * perPair; at++) if (scores[at]! > scores[best]!) best = at;
    out[p] = negatives[best]!;
  }
  return out;
}

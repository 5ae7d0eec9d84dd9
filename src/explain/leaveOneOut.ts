/**
 * Attribution for versions whose score is no sum over what the user did: what each interaction's absence does to the score, all others
 * staying,
 *
 *   part_j = f(N(u)) − f(N(u) ∖ j)
 *
 * f being the version's way of reading a history with its weights fixed. The parts need not sum to the score, and f need not be the
 * score: `error` and `fidelity` say by how much each misses it.
 */
import type { ServedVersion } from '../serving/served.ts';
import { type Attribution, attributed } from './attribution.ts';
import { allScores, tasteByHistory } from './changedTaste.ts';

/** Interactions that are left out one by one: those of the highest scores among themselves, of more. */
const most = 50;

/** Attributions of several items' scores for one user; undefined where what she does has no way into the version. */
export function leaveOneOut(
  served: ServedVersion,
  user: string,
  asked: readonly number[],
): ((item: number) => Attribution) | undefined {
  const taste = tasteByHistory(served, user);
  if (!taste) return undefined;
  const { snapshot, vectors } = served.published;
  const targets = Int32Array.from(asked);
  const whole = taste.by(taste.history);
  const chosen = strongest(taste.history, whole.scores(taste.history));
  const scores = whole.scores(targets);
  const parts = Array.from(chosen, (left) => {
    const without = taste.by(taste.history.filter((item) => item !== left)).scores(targets);
    return { index: left, parts: scores.map((score, n) => score - without[n]!) };
  });
  // Her own score of each item: as the version ranks her, which is not by the history where that is read by least squares.
  const own = served.tasteOf(user) ?? whole;
  const fidelity = taste.isExact
    ? 1
    : correlation(allScores(own, snapshot.items.count), allScores(whole, snapshot.items.count));
  const place = new Map(asked.map((item, n) => [item, n]));
  return (item) => {
    const n = place.get(item)!;
    const named = parts.map(({ index, parts: each }) => ({ index, part: each[n]! }));
    const score = own.scores(Int32Array.of(item))[0]!;
    const rest = { score, own: 0, bias: vectors?.itemBias?.[item] ?? 0 };
    return attributed(snapshot.items, named, rest, { method: 'leave-one-out', fidelity });
  };
}

function strongest(history: Int32Array, scores: Float64Array): Int32Array {
  if (history.length <= most) return history;
  const places = [...history.keys()].sort((a, b) => scores[b]! - scores[a]! || a - b).slice(0, most);
  return Int32Array.from(places, (n) => history[n]!).sort();
}

/** Pearson's, 0 where one of them does not vary. */
function correlation(a: Float64Array, b: Float64Array): number {
  const mean = (x: Float64Array) => x.reduce((sum, value) => sum + value, 0) / x.length;
  const [ma, mb] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let n = 0; n < a.length; n++) {
    ab += (a[n]! - ma) * (b[n]! - mb);
    aa += (a[n]! - ma) ** 2;
    bb += (b[n]! - mb) ** 2;
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : 0;
}

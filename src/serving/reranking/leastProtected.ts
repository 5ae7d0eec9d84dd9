/** The table of FA*IR: Zehlike et al., CIKM 2017, §§ 4.1 to 4.3. */

/**
 * How many of the first 1, 2, …, k places protected items must hold, at least, so that of lists drawn with their `proportion` a share
 * of no more than `significance` fails anywhere. The test of each single prefix is made stricter until that holds for all together.
 */
export function leastProtected(k: number, proportion: number, significance: number): Int32Array {
  const table = (level: number) => prefixTable(k, proportion, level);
  if (failure(table(significance), proportion) <= significance) return table(significance);
  let [low, high] = [0, significance]; // level: holds at low, not at high
  // The share that fails is a step function of the level; this is far finer than its steps.
  for (let step = 0; step < 40; step++) {
    const middle = (low + high) / 2;
    if (failure(table(middle), proportion) <= significance) low = middle;
    else high = middle;
  }
  return table(low);
}

/** For each prefix the least τ with P(at most τ protected) > level, the count being binomial (definition 3). [k] */
export function prefixTable(k: number, proportion: number, level: number): Int32Array {
  const table = new Int32Array(k);
  let counts: Float64Array = Float64Array.of(1); // distribution of the count after j places
  for (let j = 1; j <= k; j++) {
    counts = afterOneMore(counts, proportion, 0);
    let sum = counts[0]!;
    let least = 0;
    while (sum <= level && least < j) sum += counts[++least]!;
    table[j - 1] = least;
  }
  return table;
}

/** Share of lists drawn with the proportion that have too few protected items in some prefix. */
export function failure(table: Int32Array, proportion: number): number {
  let counts: Float64Array = Float64Array.of(1);
  for (const least of table) counts = afterOneMore(counts, proportion, least);
  return 1 - counts.reduce((sum, share) => sum + share, 0);
}

/** The distribution of a count one place later, without those below `least`. */
function afterOneMore(counts: Float64Array, proportion: number, least: number): Float64Array {
  const next = new Float64Array(counts.length + 1);
  for (const [count, share] of counts.entries()) {
    if (count >= least) next[count]! += share * (1 - proportion);
    if (count + 1 >= least) next[count + 1]! += share * proportion;
  }
  return next;
}

/**
 * How probable it was that these items were shown in this order: the product of what each was drawn with, given those above it, which is
 * what an impression is written with. Items that no stage drew count as certain. True where no later stage depends on what was drawn.
 */
export function listPropensity(items: Iterable<number>, propensities: ReadonlyMap<number, number>): number {
  let product = 1;
  for (const item of items) product *= propensities.get(item) ?? 1;
  return product;
}

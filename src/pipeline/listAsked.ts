/** What may be asked of any list, whoever it is for. */

import type { RuleRequest } from '../serving/rules.ts';
import type { ServedVersion } from '../serving/served.ts';
import type { PipelineChoice } from './pipelines.ts';

export interface ListAsked extends Omit<PipelineChoice, 'unit'> {
  /** Which items may be in it, in the language of `serving/filter`. */
  readonly filter?: string | undefined;
  /** Rules that the items go by. */
  readonly rules?: RuleRequest | undefined;
}

/**
 * 1 for each item that may be in a list, else 0: those that a filter lets be, without some ids. [|I|] Undefined where all may.
 * Errors: filter/invalid, filter/type.
 */
export async function onlyOf(
  { published: { snapshot }, base }: ServedVersion,
  filter: string | undefined,
  without: Iterable<string> = [],
): Promise<Uint8Array | undefined> {
  const left: number[] = [];
  for (const id of without) {
    const item = snapshot.items.index(id);
    if (item !== undefined) left.push(item);
  }
  if (filter === undefined && left.length === 0) return undefined;
  const { filterItems } = await import('../serving/filter/items.ts');
  const passing = filter === undefined ? undefined : filterItems(snapshot, filter, base);
  if (left.length === 0) return passing;
  const only = passing?.slice() ?? new Uint8Array(snapshot.items.count).fill(1); // what a filter gives is kept for others
  for (const item of left) only[item] = 0;
  return only;
}

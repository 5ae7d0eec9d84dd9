/** What headers say of a list, since a body of Gorse's shape has no place for it. */
import type { GorseList, GorseRecommended } from '../../../pipeline/gorseLists.ts';
import type { AppContext, AppDependencies } from '../../context.ts';
import { sayWhence } from '../answers.ts';

/** `X-Cache: stale`, where what came since may be missing. */
export function sayStale(c: AppContext, { isStale }: GorseList): void {
  if (isStale) c.header('x-cache', 'stale');
}

/** `Last-Modified`, where Gorse has it. */
export function sayWhen(c: AppContext, { at }: GorseList): void {
  c.header('last-modified', new Date(at).toUTCString());
}

/** As of a list of /v1, and stale also where it was made without the graph just now. */
export function sayFrom(c: AppContext, { memory }: Pick<AppDependencies, 'memory'>, list: GorseRecommended): void {
  if (memory) sayWhence(c, list.from, list.age);
  sayStale(c, list);
}

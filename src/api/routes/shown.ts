/** Notes what somebody was shown. */
import type { ChosenByPipeline } from '../../pipeline/pipelines.ts';
import type { AppDependencies } from '../context.ts';

export interface ShownList {
  /** Of this answer alone. */
  readonly request: string;
  readonly user: string;
  readonly version: string;
  readonly chosen: ChosenByPipeline;
  /** Where less was shown than was chosen: from which place on, and what. */
  readonly part?: { readonly offset: number; readonly items: readonly string[] };
}

/** Hands an answer to the recorder, where there is one: at once, and nothing waits for it. */
export function noteShown(
  { impressions }: Pick<AppDependencies, 'impressions'>,
  { request, user, version, chosen, part }: ShownList,
): void {
  if (!impressions) return;
  const { pipeline, experiment, propensity = 1, draws } = chosen;
  const all = chosen.items.map(({ id }) => id);
  const items = part?.items ?? all;
  const offset = part?.offset ?? 0;
  impressions.record({
    request,
    user,
    at: Date.now(),
    version,
    items,
    ...(propensity !== null && { propensity }),
    ...(offset > 0 && { offset }),
    ...(pipeline !== undefined && { pipeline }),
    ...(experiment && { experiment: experiment.name, arm: experiment.arm }),
    ...(draws && { draws: items.map((item) => draws[all.indexOf(item)] ?? 1) }),
  });
}

/** What each stage of a pipeline did: what came in, what was left, and how long it took. */
import type { AnswerOf } from '../../../client.ts';
import { count, duration } from '../format.ts';

export type Traced = NonNullable<AnswerOf<'get', '/v1/users/{id}/recommendations'>['trace']>;

export function Trace({ trace, name }: { readonly trace: Traced; readonly name: string }) {
  const { stages } = trace;
  const widest = Math.max(1, ...stages.flatMap((stage) => [stage.in, stage.out]));
  const whole = stages.reduce((sum, { ms }) => sum + ms, 0);
  const width = (candidates: number) => (Math.sqrt(candidates / widest) * 100).toFixed(1);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section class="scroll" aria-label={name} tabIndex={0}>
      <table class="trace">
        <caption class="unseen">{name}</caption>
        <thead>
          <tr>
            <th scope="col">Stage</th>
            <th scope="col">Candidates</th>
            <th scope="col" class="number">
              Time
            </th>
          </tr>
        </thead>
        <tbody>
          {stages.map((stage, place) => (
            <tr key={`${place} ${stage.stage}`}>
              <th scope="row">
                {stage.stage}
                {stage.note !== undefined && <small>{stage.note}</small>}
              </th>
              <td>
                <svg class="funnel" viewBox="0 0 100 14" preserveAspectRatio="none" aria-hidden="true">
                  <rect class="came" width={width(stage.in)} height="14" rx="2" />
                  <rect class="went" width={width(stage.out)} height="14" rx="2" />
                </svg>
                <span>
                  {stage.in > 0 && `${count(stage.in)} → `}
                  {count(stage.out)}
                </span>
              </td>
              <td class="number">{duration(stage.ms / 1000)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row" colSpan={2}>
              All stages
            </th>
            <td class="number">{duration(whole / 1000)}</td>
          </tr>
        </tfoot>
      </table>
    </section>
  );
}

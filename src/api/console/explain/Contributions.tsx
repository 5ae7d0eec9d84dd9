/** What a score is made of: bars for and against that sum to it. */
import type { AnswerOf } from '../../../client.ts';
import { aligned, count, figure, share } from '../format.ts';

export type Attribution = NonNullable<
  AnswerOf<'get', '/v1/users/{id}/recommendations/{item}/explanation'>['attribution']
>;

export interface ContributionsProps {
  readonly attribution: Attribution;
  /** Why the model's scores are no sums, where they are none. */
  readonly unattributed: string | undefined;
  /** Items whose interactions are taken away for the moment. */
  readonly removed: ReadonlySet<string>;
  /** Takes an item's interaction away, or puts it back. */
  readonly toggle: (item: string, title: string) => void;
}

interface Bar {
  readonly key: string;
  readonly name: string;
  readonly note?: string | undefined;
  readonly part: number;
  readonly share?: number;
  readonly item?: string;
}

const mostNamed = 8;
const methods = {
  'leave-one-out': 'A part is what the absence of an interaction alone does to the score.',
  'integrated-gradients': 'Parts are taken along its gradients.',
} as const;

/** The parts in few bars: the weightiest by name, the rest in one; nothing is lost, so they sum to the score. */
export function barsOf({ method, parts, ownVector, popularity, error, score }: Attribution): readonly Bar[] {
  const weighty = parts.toSorted((a, b) => Math.abs(b.part) - Math.abs(a.part));
  const named = weighty.length <= mostNamed + 1 ? weighty : weighty.slice(0, mostNamed);
  const others = weighty.slice(named.length);
  const sum = (of: 'part' | 'share') => others.reduce((total, each) => total + each[of], 0);
  return [
    ...named
      .toSorted((a, b) => b.part - a.part)
      .map(({ item, title, part, share }) => ({ key: `item ${item}`, name: title, part, share, item })),
    ...(others.length > 0
      ? [{ key: 'others', name: `The other ${count(others.length)}`, part: sum('part'), share: sum('share') }]
      : []),
    ...(ownVector.part === 0
      ? []
      : [{ key: 'own', name: 'Own taste', note: 'learned beside the interactions', ...ownVector }]),
    ...(popularity.part === 0 ? [] : [{ key: 'popularity', name: 'Popularity', note: 'for everybody', ...popularity }]),
    ...(Math.abs(error) > 5e-4 * Math.max(1, Math.abs(score))
      ? [
          {
            key: 'error',
            name: method === 'exact' ? 'Rounding' : 'Together',
            part: error,
            note: method === 'exact' ? undefined : 'what no single one carries',
          },
        ]
      : []),
  ];
}

export function Contributions({
  attribution,
  unattributed = 'The model is no sum',
  removed,
  toggle,
}: ContributionsProps) {
  const bars = barsOf(attribution);
  const format = aligned([attribution.score, ...bars.map(({ part }) => part)]);
  const [against, most] = [Math.max(0, ...bars.map(({ part }) => -part)), Math.max(0, ...bars.map(({ part }) => part))];
  const scale = 100 / (against + most || 1);
  const zero = against * scale;
  return (
    <section class="scroll" aria-label="Parts of the score">
      <table class="parts">
        <caption class="unseen">What the score is made of; the parts sum to it</caption>
        <thead>
          <tr>
            <th scope="col">From</th>
            <th scope="col">{against > 0 ? 'Against and for' : 'For'}</th>
            <th scope="col" class="number">
              Part
            </th>
            <th scope="col" class="number">
              Share
            </th>
            <th scope="col">
              <span class="unseen">What if</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {bars.map(({ key, name, note, part, share: of, item }) => {
            const isOff = item !== undefined && removed.has(item);
            const length = Math.abs(part) * scale;
            return (
              <tr key={key} class={isOff ? 'off' : undefined}>
                <th scope="row">
                  <span class="bar-name" dir="auto" title={name}>
                    {name}
                  </span>
                  {note && <small class="muted"> {note}</small>}
                </th>
                <td>
                  <svg class="bar-line" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
                    <rect
                      class={part < 0 ? 'minus' : 'plus'}
                      x={part < 0 ? zero - length : zero}
                      width={length}
                      height="10"
                    />
                    <path d={`M${zero} 0V10`} />
                  </svg>
                </td>
                <td class="number">{format(part)}</td>
                <td class="number">{of === undefined ? '' : share(of)}</td>
                <td>
                  {item !== undefined && (
                    <button
                      type="button"
                      class="button quiet small"
                      aria-label={isOff ? `Put ${name} back` : `Remove ${name}`}
                      onClick={() => toggle(item, name)}
                    >
                      {isOff ? 'Put back' : 'Remove'}
                    </button>
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">Score</th>
            <td />
            <td class="number">{format(attribution.score)}</td>
            <td />
            <td />
          </tr>
        </tfoot>
      </table>
      {attribution.method !== 'exact' && (
        <p class="muted small">
          {unattributed}. {methods[attribution.method]} These scores go with those of the version by{' '}
          {figure(attribution.fidelity)}, where 1 is the same.
        </p>
      )}
    </section>
  );
}

/** The metrics of versions beside each other, and beside recommending what is popular. */
import { useState } from 'preact/hooks';
import { figure } from '../../format.ts';
import { Card } from '../../parts/Card.tsx';
import type { Version } from '../versions.tsx';

/** Bars of one chart: the newest versions. */
const mostCompared = 12;

export function Compared({ versions }: { readonly versions: readonly Version[] }) {
  const names = [...new Set(versions.flatMap(({ test }) => Object.keys(test)))];
  const [chosen, choose] = useState(names.find((name) => name.startsWith('ndcg')) ?? names[0] ?? '');
  const shown = versions.filter(({ test }) => chosen in test).slice(0, mostCompared);
  const most = Math.max(...shown.flatMap(({ test, popularity }) => [test[chosen] ?? 0, popularity[chosen] ?? 0]), 1e-9);
  const best = Math.max(...shown.map(({ test }) => test[chosen] ?? 0));
  if (names.length === 0) return null;
  return (
    <Card
      title="How good they are"
      note={
        <label class="row">
          Metric
          <select value={chosen} onChange={(event) => choose(event.currentTarget.value)}>
            {names.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
      }
    >
      <ul class="bars">
        {shown.map(({ id, model, current, test, popularity }) => (
          <li key={id}>
            <span>
              {model} <code class="muted small">{id.slice(0, 15)}</code>
            </span>
            <svg viewBox="0 0 400 18" preserveAspectRatio="none" aria-hidden="true">
              <rect
                class={current ? 'served' : undefined}
                width={((test[chosen] ?? 0) / most) * 400}
                height="18"
                rx="3"
              />
              <rect class="baseline" x={((popularity[chosen] ?? 0) / most) * 400 - 1} width="2" height="18" />
            </svg>
            <strong>
              {figure(test[chosen] ?? 0)}
              {test[chosen] === best && shown.length > 1 && <span class="badge ok">best</span>}
            </strong>
          </li>
        ))}
      </ul>
      <p class="muted small">
        On each version's own test part: bars of different data or splits do not compare. The line is what recommending
        the most popular items reaches on the same part.
      </p>
    </Card>
  );
}

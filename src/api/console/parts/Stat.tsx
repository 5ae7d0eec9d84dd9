/** One figure with its name, for a row of them: `<div class="stats"><Stat …/></div>`. */
import type { ComponentChildren } from 'preact';

export interface StatProps {
  readonly name: string;
  /** '–' where it is not known. */
  readonly value: ComponentChildren;
  readonly note?: ComponentChildren;
  readonly tone?: 'ok' | 'warn' | 'bad' | undefined;
}

export function Stat({ name, value, note, tone }: StatProps) {
  return (
    <dl class={`stat${tone ? ` ${tone}` : ''}`}>
      <dt>{name}</dt>
      <dd>{value}</dd>
      {note && <dd class="note">{note}</dd>}
    </dl>
  );
}

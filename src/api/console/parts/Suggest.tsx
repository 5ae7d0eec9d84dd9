/** A field for an id that proposes what the graph has while one types. */
import { useEffect, useId, useState } from 'preact/hooks';
import { useApi } from '../session.ts';
import { useRequest } from './useRequest.ts';

export interface SuggestProps {
  readonly label: string;
  readonly kind: 'users' | 'items';
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly placeholder?: string;
}

/** How long one must not have typed before it is asked for, in ms. */
const pauseMs = 150;

export function Suggest({ label, kind, value, onInput, placeholder }: SuggestProps) {
  const api = useApi();
  const id = useId();
  const [asked, ask] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => ask(value), pauseMs);
    return () => clearTimeout(timer);
  }, [value]);
  // Without a graph there is nothing to propose, and any id may be typed.
  const found = useRequest(
    async (signal) => {
      if (asked.trim() === '') return [];
      const all = await api.get('/v1/search', { query: { q: asked, limit: 8 }, signal });
      return kind === 'users' ? all.users.map((user) => ({ ...user, title: '' })) : all.items;
    },
    [asked, kind],
  );
  return (
    <label class="field">
      <span>{label}</span>
      <input
        list={id}
        value={value}
        placeholder={placeholder}
        autocomplete="off"
        spellcheck={false}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
      <datalist id={id}>
        {found.data?.map(({ id, title }) => (
          <option key={id} value={id} label={title} />
        ))}
      </datalist>
    </label>
  );
}

/** Short notes of what was done: `toast('Key revoked')`. What failed and matters stays on the page in an ErrorPanel instead. */
import { createStore } from '../store.ts';

interface Toast {
  readonly id: number;
  readonly text: string;
  readonly tone: 'ok' | 'bad';
}

const shownMs = 6000;
const toasts = createStore<readonly Toast[]>([]);
let last = 0;

export function toast(text: string, tone: Toast['tone'] = 'ok'): void {
  last += 1;
  const id = last;
  toasts.set([...toasts.get(), { id, text, tone }]);
  setTimeout(() => dismiss(id), shownMs);
}

const dismiss = (id: number) => toasts.set(toasts.get().filter((each) => each.id !== id));

export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.use().map(({ id, text, tone }) => (
        <div key={id} class={`toast ${tone}`}>
          {text}
          <button type="button" class="button quiet" aria-label="Dismiss" onClick={() => dismiss(id)}>
            ×
          </button>
        </div>
      ))}
    </div>
  );
}

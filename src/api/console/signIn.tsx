/** The way in: an API key, the server's token or a JWT. */
import { useState } from 'preact/hooks';
import { Mark, ThemeButton } from './app.tsx';
import { enter } from './session.ts';

export function SignIn({ problem }: { readonly problem: string | undefined }) {
  const [key, setKey] = useState('');
  const [asking, setAsking] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    setAsking(true);
    await enter(key.trim());
    setAsking(false);
  };
  return (
    <main class="alone">
      <form class="card sign-in" onSubmit={(event) => void submit(event)}>
        <div class="row between">
          <span class="brand">
            <Mark />
            Tastegraph
          </span>
          <ThemeButton />
        </div>
        <h1>Sign in</h1>
        <p class="muted">
          This server asks who you are. Make a key with <code>tastegraph keys create</code>.
        </p>
        <label class="field">
          <span>API key</span>
          <input
            type="password"
            name="key"
            autocomplete="off"
            spellcheck={false}
            required
            value={key}
            aria-invalid={problem !== undefined}
            aria-describedby={problem === undefined ? undefined : 'refused'}
            onInput={(event) => setKey(event.currentTarget.value)}
          />
        </label>
        {problem !== undefined && (
          <p id="refused" class="refused" role="alert">
            {problem}
          </p>
        )}
        <button type="submit" class="button primary" disabled={asking || key.trim() === ''}>
          {asking ? 'Signing in …' : 'Sign in'}
        </button>
        <p class="muted small">The key stays in this tab and is forgotten when you close it.</p>
      </form>
    </main>
  );
}

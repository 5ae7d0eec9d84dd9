/** What is shown, as statements to be copied into Neo4j Browser. */
import { useRef, useState } from 'preact/hooks';
import { cypherText, type ShownStatement } from './graph.ts';

export function Cypher({ statements }: { readonly statements: readonly ShownStatement[] }) {
  const text = useRef<HTMLPreElement>(null);
  const [said, say] = useState('');
  if (statements.length === 0) return null;
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(cypherText(statements));
      say('Copied');
    } catch {
      // Only pages that came over TLS or from this machine may write there.
      text.current?.parentElement?.setAttribute('open', '');
      if (text.current) getSelection()?.selectAllChildren(text.current);
      say('Selected: copy it with the keyboard');
    }
  };
  return (
    <div class="cypher">
      <details>
        <summary>Cypher of what is shown</summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
        <pre ref={text} tabIndex={0}>
          {cypherText(statements)}
        </pre>
      </details>
      <span class="row">
        <span class="muted small" role="status">
          {said}
        </span>
        <button type="button" class="button" onClick={() => void copy()}>
          Copy Cypher
        </button>
      </span>
    </div>
  );
}

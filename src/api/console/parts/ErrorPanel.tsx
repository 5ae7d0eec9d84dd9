/** What went wrong, in the server's own words, and what to do about it. */
import { ApiProblem } from '../../../client.ts';
import { Icon } from './Icon.tsx';

export interface ErrorPanelProps {
  readonly error: unknown;
  readonly retry?: (() => void) | undefined;
}

export function ErrorPanel({ error, retry }: ErrorPanelProps) {
  const problem = error instanceof ApiProblem ? error : undefined;
  return (
    <div class="problem" role="alert">
      <Icon name="warning" />
      <div>
        <h2>{problem ? problem.message : 'The server does not answer'}</h2>
        <p>{adviceFor(problem)}</p>
        {problem && (
          <p class="muted small">
            <code>{problem.code}</code> · status {problem.status}
            {problem.requestId !== undefined && (
              <>
                {' '}
                · request <code>{problem.requestId}</code>
              </>
            )}
          </p>
        )}
        {retry && (
          <button type="button" class="button" onClick={retry}>
            Try again
          </button>
        )}
      </div>
    </div>
  );
}

function adviceFor(problem: ApiProblem | undefined): string {
  if (!problem) return 'See whether “tastegraph serve” still runs and whether this machine reaches it.';
  if (problem.code.startsWith('neo4j/')) return 'See whether Neo4j runs: “tastegraph status” tells.';
  if (problem.status === 403) return 'Sign in with a key that has the scope, or ask an administrator for one.';
  if (problem.status === 429) return 'Too many requests came in a short time. Wait a moment.';
  if (problem.retryable) return 'This may pass by itself.';
  if (problem.status >= 500) return 'The log of the server tells more under the request’s number.';
  return 'Change what you asked for as the message says.';
}

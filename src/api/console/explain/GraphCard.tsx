/** The graph with all that belongs to it: drawing or table, the chosen node, Cypher, exports. */
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { Client } from '../../../client.ts';
import { count } from '../format.ts';
import { ErrorPanel } from '../parts/ErrorPanel.tsx';
import { Skeleton } from '../parts/Skeleton.tsx';
import type { Requested } from '../parts/useRequest.ts';
import { Cypher } from './Cypher.tsx';
import { gexfOf, jsonOf, pngOf, save, svgOf } from './exports.ts';
import { GraphTable } from './GraphTable.tsx';
import { GraphView } from './GraphView.tsx';
import {
  amounts,
  evidenceOf,
  type GraphAnswer,
  type GraphNode,
  graphPath,
  grown,
  kindOf,
  mostAround,
  mostShown,
  type Shown,
  shownFirst,
} from './graph.ts';
import type { Positions } from './positions.ts';
import type { Scene } from './scene.ts';
import { useLayout } from './useLayout.ts';

export interface GraphCardProps {
  readonly api: Client;
  readonly user: string;
  readonly item: string;
  readonly theme: string;
  /** The graph to begin with. */
  readonly first: Requested<GraphAnswer>;
  /** Its most nodes. */
  readonly limit: number;
  readonly setLimit: (limit: number) => void;
  readonly removed: ReadonlySet<string>;
  readonly toggle: (item: string, title: string) => void;
}

export function GraphCard(props: GraphCardProps) {
  const { api, user, item, first } = props;
  const params = { id: user, item };
  const [shown, setShown] = useState<Shown>();
  useEffect(() => setShown(first.data && shownFirst(first.data)), [first.data]);
  const [problem, setProblem] = useState<{ readonly error: unknown; readonly node: string }>();
  const [said, say] = useState('');
  const expand = async (node: string) => {
    if (!shown || shown.expanded.has(node)) return;
    if (shown.nodes.length >= mostShown) return say(`No more than ${mostShown} nodes are drawn.`);
    setProblem(undefined);
    try {
      const more = await api.get(`${graphPath}/expand`, { params, query: { node, limit: mostAround } });
      setShown((before) => {
        if (before?.item !== item || before.user !== user) return before;
        const now = grown(before, node, more);
        say(expansionOf(now, node));
        return now;
      });
    } catch (error) {
      setProblem({ error, node });
    }
  };
  return (
    <>
      {first.error !== undefined && <ErrorPanel error={first.error} retry={first.retry} />}
      {!shown && first.error === undefined && <Skeleton label="the graph" lines={6} />}
      {shown && first.data && (
        <>
          {first.data.graph !== 'reached' && (
            <p class="notice">
              {first.data.graph === 'none'
                ? 'This server has no Neo4j: what carries the score is drawn, evidence of the graph is not.'
                : 'Neo4j does not answer now: what carries the score is drawn, evidence of the graph is not.'}
            </p>
          )}
          <Drawn {...props} shown={shown} expand={(node) => void expand(node)} />
          <p class="muted small" role="status">
            {said}
          </p>
          {problem && <ErrorPanel error={problem.error} retry={() => void expand(problem.node)} />}
        </>
      )}
    </>
  );
}

function expansionOf({ nodes, expanded }: Shown, node: string): string {
  const title = nodes.find(({ id }) => id === node)?.title ?? node;
  const { added, capped } = expanded.get(node)!;
  if (capped) return `${count(added)} more around ${title}; there are others, which are left out.`;
  return added === 0 ? `There is nothing more around ${title}.` : `${count(added)} more around ${title}.`;
}

interface DrawnProps extends GraphCardProps {
  readonly shown: Shown;
  readonly expand: (node: string) => void;
}

function Drawn({ shown, expand, limit, setLimit, ...props }: DrawnProps) {
  const [isTable, setTable] = useState(false);
  const [chosen, choose] = useState<string>();
  const drawn = useRef<Scene>(undefined);
  const positions = useLayout(shown);
  const removed = new Set([...props.removed].map((item) => `item:${item}`));
  const node = shown.nodes.find(({ id }) => id === chosen);
  return (
    <>
      <div class="row between">
        {/* biome-ignore lint/a11y/useSemanticElements: two buttons, no fieldset of a form */}
        <div class="switch" role="group" aria-label="How the graph is shown">
          <button type="button" class="button" aria-pressed={!isTable} onClick={() => setTable(false)}>
            Drawing
          </button>
          <button type="button" class="button" aria-pressed={isTable} onClick={() => setTable(true)}>
            Table
          </button>
        </div>
        <div class="row">
          {(shown.capped || limit > amounts[0]) && (
            <label class="row small">
              <span class="muted">At most</span>
              <select value={limit} onChange={(event) => setLimit(Number(event.currentTarget.value))}>
                {amounts.map((amount) => (
                  <option key={amount} value={amount}>
                    {amount} nodes
                  </option>
                ))}
              </select>
            </label>
          )}
          {positions && <Exports shown={shown} positions={positions} drawn={drawn} />}
        </div>
      </div>
      {isTable && <GraphTable shown={shown} expand={expand} />}
      <div hidden={isTable}>
        {positions ? (
          <GraphView
            {...{ shown, positions, chosen, choose, expand, drawn }}
            theme={props.theme}
            removed={useStable(removed)}
          />
        ) : (
          <Skeleton label="the drawing" lines={8} />
        )}
        <Legend />
        {shown.capped && (
          <p class="muted small">
            The {count(shown.nodes.length)} that matter most are shown; there is more in the graph.
          </p>
        )}
      </div>
      <Chosen node={node} shown={shown} expand={expand} {...props} />
      <Cypher statements={shown.cypher} />
    </>
  );
}

/** Hook: the same set as long as it holds the same. */
function useStable(set: ReadonlySet<string>): ReadonlySet<string> {
  const kept = useRef(set);
  if (JSON.stringify([...kept.current]) !== JSON.stringify([...set])) kept.current = set;
  return kept.current;
}

type ChosenProps = Pick<DrawnProps, 'shown' | 'expand' | 'removed' | 'toggle'> & {
  readonly node: GraphNode | undefined;
};

/** The chosen node in words; readers of the screen hear it as the keys move. */
function Chosen({ node, shown, expand, removed, toggle }: ChosenProps) {
  const item = node?.detail.role === 'interacted' ? node.detail.item : undefined;
  return (
    <div class="chosen-node" aria-live="polite">
      {!node && (
        <p class="muted small">Click a node to see what lies around it, or walk through with the arrow keys.</p>
      )}
      {node && (
        <>
          <p>
            <strong dir="auto">{node.title}</strong> <span class="badge">{kindOf(node)}</span>
          </p>
          <ul>
            {evidenceOf(shown, node.id, 5).map((said) => (
              <li key={said} dir="auto">
                {said}
              </li>
            ))}
          </ul>
          <div class="row">
            <button type="button" class="button" disabled={shown.expanded.has(node.id)} onClick={() => expand(node.id)}>
              Expand
            </button>
            {item !== undefined && (
              <button type="button" class="button" onClick={() => toggle(item, node.title)}>
                {removed.has(item) ? 'Put this interaction back' : 'Remove this interaction'}
              </button>
            )}
          </div>
        </>
      )}
    </div>
  );
}

function Legend() {
  return (
    <ul class="legend">
      <li class="user">User</li>
      <li class="recommended">Recommended</li>
      <li class="interacted">Chosen before, larger for more of the score</li>
      <li class="near">Other items</li>
      <li class="people">People, never somebody</li>
      <li class="feature">Features</li>
    </ul>
  );
}

interface ExportsProps {
  readonly shown: Shown;
  readonly positions: Positions;
  readonly drawn: { readonly current: Scene | undefined };
}

function Exports({ shown, positions, drawn }: ExportsProps) {
  const id = useId();
  const [failed, fail] = useState(false);
  const name = `${shown.user}-${shown.item}`.replace(/[^\p{L}\p{N}._-]+/gu, '-');
  const files: Readonly<Record<string, () => void | Promise<void>>> = {
    PNG: async () => save(`${name}.png`, await pngOf(drawn.current!)),
    SVG: () => save(`${name}.svg`, svgOf(drawn.current!), 'image/svg+xml'),
    JSON: () => save(`${name}.json`, jsonOf(shown, positions), 'application/json'),
    GEXF: () => save(`${name}.gexf`, gexfOf(shown, positions), 'application/xml'),
  };
  return (
    <div class="row exports">
      <span id={id} class="muted small">
        {failed ? 'The picture could not be made.' : 'Save as'}
      </span>
      {/* biome-ignore lint/a11y/useSemanticElements: buttons, no fieldset of a form */}
      <div class="switch" role="group" aria-labelledby={id}>
        {Object.entries(files).map(([kind, write]) => (
          <button
            key={kind}
            type="button"
            class="button"
            onClick={async () => {
              try {
                await write();
                fail(false);
              } catch {
                fail(true);
              }
            }}
          >
            {kind}
          </button>
        ))}
      </div>
    </div>
  );
}

/** The same graph in words, edge by edge: for those who do not see drawings, and for those who want to read. */
import { aligned } from '../format.ts';
import { DataTable } from '../parts/DataTable.tsx';
import { type GraphEdge, type GraphNode, keyOf, kindOf, type Shown } from './graph.ts';

const relations = {
  recommended: 'is recommended',
  interacted: 'chose',
  chose: 'chose',
  trusts: 'trusts',
  has: 'has',
} as const;
const grounds = { score: 'Score', attribution: 'Part of the score', evidence: 'Evidence' } as const;

export interface GraphTableProps {
  readonly shown: Shown;
  readonly expand: (node: string) => void;
}

export function GraphTable({ shown, expand }: GraphTableProps) {
  const nodes = new Map(shown.nodes.map((node) => [node.id, node]));
  const format = aligned(shown.edges.map(({ part = 0 }) => part));
  const named = (id: string) => <Named node={nodes.get(id)!} shown={shown} expand={expand} />;
  return (
    <DataTable<GraphEdge>
      caption="The graph, edge by edge"
      rows={shown.edges}
      rowKey={keyOf}
      columns={[
        { title: 'From', value: ({ source }) => nodes.get(source)?.title, render: ({ source }) => named(source) },
        { title: 'Tie', value: ({ kind }) => relations[kind] },
        { title: 'To', value: ({ target }) => nodes.get(target)?.title, render: ({ target }) => named(target) },
        { title: 'It is there as', value: ({ of }) => grounds[of] },
        { title: 'Part', value: ({ part }) => part, render: ({ part }) => (part === undefined ? '–' : format(part)) },
        {
          title: 'In a sentence',
          value: ({ evidence }) => evidence,
          render: ({ evidence }) => <span dir="auto">{evidence}</span>,
        },
      ]}
    />
  );
}

function Named(props: { readonly node: GraphNode; readonly shown: Shown; readonly expand: (node: string) => void }) {
  const { node, shown, expand } = props;
  return (
    <span class="named">
      <span dir="auto">{node.title}</span> <span class="muted small">{kindOf(node)}</span>{' '}
      {!shown.expanded.has(node.id) && (
        <button
          type="button"
          class="button quiet small"
          aria-label={`Expand ${node.title}`}
          onClick={() => expand(node.id)}
        >
          Expand
        </button>
      )}
    </span>
  );
}

/** Lists of users and items by a filter. */
import type { Graph } from '../graph/driver.ts';
import type { NodeKind, NodeResource } from '../graph/resources/nodes.ts';

/** Users or items looked at for one page at most: a filter that hardly any passes must not read the whole graph at once. */
const mostLooked = 10_000;
const step = 1000;

export interface FilteredPage {
  readonly nodes: readonly NodeResource[];
  /** The id after which the next page begins; absent on the last. */
  readonly last?: string;
}

/**
 * Users or items after an id that pass a filter: at most `limit`, and those among the next 10,000, so that a page may be short, or
 * empty, and not the last. Errors: filter/invalid, filter/type, mapping/unserved; those of the database.
 */
export async function pageByFilter(
  graph: Graph,
  kind: NodeKind,
  text: string,
  after: string,
  limit: number,
): Promise<FilteredPage> {
  const [
    { pageOfNodes },
    { knownFields },
    { comparisonsOf, parseFilter },
    { checkFilter, itemFields, userFields },
    { passes },
  ] = await Promise.all([
    import('../graph/resources/nodes.ts'),
    import('../graph/resources/fields.ts'),
    import('../serving/filter/language.ts'),
    import('../serving/filter/fields.ts'),
    import('../serving/filter/resources.ts'),
  ]);
  const filter = parseFilter(text);
  const own = kind === 'item' ? itemFields : userFields;
  const asked = new Set(Array.from(comparisonsOf(filter), ({ field }) => field).filter((field) => !own.has(field)));
  const known = await knownFields(graph, [...asked]);
  checkFilter(filter, (field) => own.get(field) ?? (known.has(field) ? 'any' : undefined), [
    ...own.keys(),
    'kinds of features',
    'attributes',
  ]);
  const nodes: NodeResource[] = [];
  let last = after;
  for (let looked = 0; looked < mostLooked; looked += step) {
    const page = await pageOfNodes(graph, kind, last, step);
    for (const node of page) {
      last = node.id;
      if (passes(filter, kind, node)) nodes.push(node);
      if (nodes.length === limit) return { nodes, last };
    }
    if (page.length < step) return { nodes };
  }
  return { nodes, last };
}

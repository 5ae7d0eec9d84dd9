/** What users and items have in common: how they are read, listed, replaced, patched and taken in. */
import type { Attributes, ItemRecord, UserRecord } from '../../../data/records.ts';
import { TastegraphError } from '../../../errors.ts';
import { type FilteredPage, pageByFilter } from '../../../pipeline/filtering.ts';
import {
  changeNodes,
  type NodeKind,
  type NodeResource,
  pageOfNodes,
  readNode,
  writeRecords,
} from '../../../pipeline/resources.ts';
import type { AppContext, AppDependencies } from '../../context.ts';
import { etagOf, requireMatch } from '../../etag.ts';
import { inGraph } from '../inGraph.ts';

/** What a schema let through. It says `undefined` of what is absent, which no JSON holds. */
interface Parsed {
  readonly title?: string | null | undefined;
  readonly at?: number | null | undefined;
  readonly available?: boolean | undefined;
  readonly features?:
    | readonly { readonly kind: string; readonly value: string; readonly weight?: number | undefined }[]
    | undefined;
  readonly attributes?: Readonly<Record<string, string | number | number[] | null>> | undefined;
}
type Body = Omit<NodeResource, 'id'>;
/** What is absent stays; null takes away. */
interface Patch {
  readonly title?: string | null;
  readonly at?: number | null;
  readonly available?: boolean;
  readonly features?: Body['features'];
  readonly attributes?: Readonly<Record<string, Attributes[string] | null>>;
}

const absent = (kind: NodeKind, id: string): TastegraphError =>
  kind === 'user'
    ? new TastegraphError('user/not-in-graph', { user: id })
    : new TastegraphError('item/not-in-graph', { item: id });

/** Errors: user/not-in-graph, item/not-in-graph. */
export async function show(deps: AppDependencies, kind: NodeKind, id: string): Promise<NodeResource> {
  const found = await inGraph(deps, (graph) => readNode(graph, kind, id));
  if (!found) throw absent(kind, id);
  return found;
}

/** A page, and the id after which the next one begins. Errors: filter/invalid, filter/type. */
export async function page(
  deps: AppDependencies,
  kind: NodeKind,
  after: string,
  limit: number,
  filter: string | undefined,
): Promise<FilteredPage> {
  return await inGraph(deps, async (graph) => {
    if (filter !== undefined) return await pageByFilter(graph, kind, filter, after, limit);
    const nodes = await pageOfNodes(graph, kind, after, limit);
    return { nodes, ...(nodes.length === limit && { last: nodes.at(-1)!.id }) };
  });
}

/** Puts a node in the place of what there is; true where there was none. Errors: api/precondition, data/forgotten. */
export async function replace(
  c: AppContext,
  deps: AppDependencies,
  kind: NodeKind,
  id: string,
  body: Parsed,
): Promise<boolean> {
  return await change(c, deps, kind, id, () => body as Body);
}

/** Changes what the patch names. Errors: user/not-in-graph, item/not-in-graph, api/precondition. */
export async function patch(
  c: AppContext,
  deps: AppDependencies,
  kind: NodeKind,
  id: string,
  named: Parsed,
): Promise<boolean> {
  return await change(c, deps, kind, id, (current) => {
    if (!current) throw absent(kind, id);
    return patched(current, named as Patch);
  });
}

async function change(
  c: AppContext,
  deps: AppDependencies,
  kind: NodeKind,
  id: string,
  decide: (current: NodeResource | undefined) => Body,
): Promise<boolean> {
  c.set('changed', { users: kind === 'user' ? [id] : [], nodes: true });
  const { created, nodes } = await inGraph(deps, (graph) =>
    changeNodes(graph, kind, [id], (current) => {
      requireMatch(c, current);
      return { ...decide(current), id };
    }),
  );
  c.header('etag', etagOf(nodes[0]));
  return created > 0;
}

/** RFC 7396. */
function patched(current: NodeResource, { attributes = {}, features, available, title, at }: Patch): Body {
  const isKept = ([, value]: readonly [string, unknown]): boolean => value !== null;
  const named = Object.entries({ ...current.attributes, ...attributes }).filter(isKept);
  const { title: oldTitle, at: oldAt, ...rest } = current;
  const newTitle = title === undefined ? oldTitle : title;
  const newAt = at === undefined ? oldAt : at;
  return {
    ...rest,
    ...(newTitle != null && { title: newTitle }),
    ...(newAt != null && { at: newAt }),
    ...(available !== undefined && { available }),
    features: features ?? current.features,
    attributes: Object.fromEntries(named) as Attributes,
  };
}

/** Takes a batch in, all or nothing; what an element does not say stays. Errors: data/forgotten. */
export async function take(
  c: AppContext,
  deps: AppDependencies,
  kind: NodeKind,
  nodes: readonly (Parsed & { id: string })[],
) {
  c.set('changed', { users: kind === 'user' ? nodes.map(({ id }) => id) : [], nodes: true });
  const records = nodes.map((node) => ({ features: [], ...node, kind }) as UserRecord | ItemRecord);
  const { users, items, features } = await inGraph(deps, (graph) => writeRecords(graph, records));
  return { accepted: nodes.length, created: { users, items, features } };
}

/** What Gorse calls users, items and feedback, over the graph: for programs that were written for it. */
import { gorseRecord } from '../data/gorse.ts';
import type { AttributeValue, InteractionRecord, ItemRecord, UserRecord } from '../data/records.ts';
import { TastegraphError } from '../errors.ts';
import type { Graph } from '../graph/driver.ts';
import type { PostedInteraction } from '../graph/interactions.ts';
import type { InteractionChoice } from '../graph/resources/interactions.ts';
import type { NodeResource } from '../graph/resources/nodes.ts';

export interface GorseUser {
  readonly UserId: string;
  readonly Labels: unknown;
  readonly Comment: string;
}
export interface GorseItem {
  readonly ItemId: string;
  readonly IsHidden: boolean;
  readonly Categories: readonly string[];
  readonly Timestamp: string;
  readonly Labels: unknown;
  readonly Comment: string;
}
export interface GorseFeedback {
  readonly FeedbackType: string;
  readonly UserId: string;
  readonly ItemId: string;
  readonly Value: number;
  readonly Timestamp: string;
  readonly Comment: string;
}

/** What Go writes where there is no time. */
const noTime = '0001-01-01T00:00:00Z';
const timeText = (at: number | undefined): string =>
  at === undefined ? noTime : new Date(at).toISOString().replace('.000Z', 'Z');

/** Features and attributes as labels: a list where they are labels alone, else an object by kind and name. */
function labelsOf({ features, attributes }: NodeResource): unknown {
  const kinds = new Map<string, string[]>();
  for (const { kind, value } of features) if (kind !== 'category') kinds.set(kind, [...(kinds.get(kind) ?? []), value]);
  const rest = Object.entries(attributes).filter(([name]) => name !== 'comment');
  if (rest.length === 0 && [...kinds.keys()].every((kind) => kind === 'label')) return kinds.get('label') ?? [];
  return Object.fromEntries<readonly string[] | AttributeValue>([...kinds, ...rest]);
}

const commentOf = ({ attributes: { comment } }: NodeResource): string => (typeof comment === 'string' ? comment : '');

export const gorseUser = (user: NodeResource): GorseUser => ({
  UserId: user.id,
  Labels: labelsOf(user),
  Comment: commentOf(user),
});

export const gorseItem = (item: NodeResource): GorseItem => ({
  ItemId: item.id,
  IsHidden: !(item.available ?? true),
  Categories: item.features.filter(({ kind }) => kind === 'category').map(({ value }) => value),
  Timestamp: timeText(item.at),
  Labels: labelsOf(item),
  Comment: item.title ?? commentOf(item),
});

export const gorseFeedback = ({ user, item, type, value, at }: PostedInteraction): GorseFeedback => ({
  FeedbackType: type,
  UserId: user,
  ItemId: item,
  Value: value,
  Timestamp: timeText(at),
  Comment: '',
});

/** Errors: api/invalid. */
function recordOf<R>(role: 'users' | 'items' | 'interactions', object: object): R {
  const found = gorseRecord(role, object as Readonly<Record<string, unknown>>);
  if ('reason' in found) throw new TastegraphError('api/invalid', { problem: `body.${found.field}: ${found.reason}` });
  return found as R;
}

function resourceOf(record: UserRecord | ItemRecord): NodeResource {
  const { kind: _, features, attributes = {}, ...rest } = record;
  const unique = new Map(features.map((feature) => [`${feature.kind}:${feature.value}`, feature]));
  return { ...rest, features: [...unique.values()], attributes };
}

type Kind = 'user' | 'item';
const idOf = (kind: Kind, given: object): string =>
  recordOf<UserRecord | ItemRecord>(kind === 'user' ? 'users' : 'items', given).id;

/** Puts users or items in the place of what there is, all or nothing. Errors: api/invalid, data/forgotten; those of the database. */
export async function putGorse(graph: Graph, kind: Kind, given: readonly object[]): Promise<number> {
  const { changeNodes } = await import('../graph/resources/nodes.ts');
  const role = kind === 'user' ? 'users' : 'items';
  const wanted = new Map(
    given.map((each) => {
      const resource = resourceOf(recordOf(role, each));
      return [resource.id, resource] as const;
    }),
  );
  if (wanted.size > 0) await changeNodes(graph, kind, [...wanted.keys()], (_, id) => wanted.get(id)!);
  return given.length;
}

/** Changes what the patch names of a user or item. Errors: user/not-in-graph, item/not-in-graph; as above. */
export async function patchGorse(graph: Graph, kind: Kind, id: string, patch: object): Promise<void> {
  const { changeNodes } = await import('../graph/resources/nodes.ts');
  const [role, key] = kind === 'user' ? (['users', 'UserId'] as const) : (['items', 'ItemId'] as const);
  const asGorse = kind === 'user' ? gorseUser : gorseItem;
  await changeNodes(graph, kind, [idOf(kind, { [key]: id })], (current) => {
    if (!current) throw absent(kind, id);
    const named = Object.entries(patch).filter(([, value]) => value !== null && value !== undefined);
    return resourceOf(recordOf(role, { ...asGorse(current), ...Object.fromEntries(named), [key]: id }));
  });
}

/** Puts an item into a category, or takes it out. Errors: item/not-in-graph; those of the database. */
export async function setCategory(graph: Graph, item: string, category: string, isIn: boolean): Promise<void> {
  const { changeNodes } = await import('../graph/resources/nodes.ts');
  await changeNodes(graph, 'item', [item], (current) => {
    if (!current) throw absent('item', item);
    const others = current.features.filter(({ kind, value }) => kind !== 'category' || value !== category);
    return { ...current, features: isIn ? [...others, { kind: 'category', value: category }] : others };
  });
}

export const absent = (kind: Kind, id: string): TastegraphError =>
  kind === 'user'
    ? new TastegraphError('user/not-in-graph', { user: id })
    : new TastegraphError('item/not-in-graph', { item: id });

/**
 * Takes feedback in, all or nothing: beside what there is of the same user, item and type, or instead of it. Feedback without a
 * time is of `now`. Errors: api/invalid, data/forgotten; those of the database.
 */
export async function writeFeedback(
  graph: Graph,
  given: readonly object[],
  { now, instead }: { readonly now: number; readonly instead: boolean },
): Promise<void> {
  const { writeInteractions } = await import('../graph/interactions.ts');
  const posted = interactionsOf(given).map(({ user, item, type, value, at }) => ({
    user,
    item,
    type,
    value,
    at: at || now,
  }));
  if (posted.length > 0) await writeInteractions(graph, posted, { instead });
}

/** Errors: api/invalid. */
export const interactionsOf = (given: readonly object[]): InteractionRecord[] =>
  given.map((each) => recordOf<InteractionRecord>('interactions', each));

/** One a user, item and type. */
export async function feedbackOf(graph: Graph, choice: InteractionChoice): Promise<GorseFeedback[]> {
  const { feedbackOf: read } = await import('../graph/resources/feedback.ts');
  return (await read(graph, choice)).map(gorseFeedback);
}

/** A page by user, item and type; `last` where there may be more. */
export async function pageOfFeedback(
  graph: Graph,
  type: string | undefined,
  after: Pick<PostedInteraction, 'user' | 'item' | 'type'> | undefined,
  limit: number,
): Promise<{ readonly feedback: readonly GorseFeedback[]; readonly last?: PostedInteraction }> {
  const { pageOfFeedback: read } = await import('../graph/resources/feedback.ts');
  const rows = await read(graph, type, after, limit);
  const last = rows.length === limit ? rows.at(-1) : undefined;
  return { feedback: rows.map(gorseFeedback), ...(last && { last }) };
}

/** Removes a user with all edges, as Gorse does; false where there is none. What was published goes on knowing the user. */
export async function removeUser(graph: Graph, user: string): Promise<boolean> {
  const { removeNode } = await import('../graph/removal.ts');
  return (await removeNode(graph, 'user', user)) !== undefined;
}

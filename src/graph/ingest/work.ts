/** What a task does to the graph, within the transaction that also notes that it is done. */
import { int, type ManagedTransaction } from 'neo4j-driver';
import { given, statement } from '../statements.ts';
import type { AttributeWork, InteractionGroup, InteractionWork, Task, TrustWork } from './partition.ts';

/** Rows name nodes that are not there: somebody deleted them since they were seen to. */
export class NodesGone extends Error {}

export const noCounts = {
  interactionsRead: 0,
  interactionsCreated: 0,
  interactionsRepeated: 0,
  featureEdgesRead: 0,
  featureEdgesCreated: 0,
  trustRead: 0,
  trustCreated: 0,
  trustRepeated: 0,
};
type Counts = Partial<typeof noCounts>;

/** Errors: NodesGone. */
export function writeWork(tx: ManagedTransaction, work: Task['work']): Promise<Counts> {
  if (work.kind === 'interactions') return writeInteractions(tx, work);
  return work.kind === 'trust' ? writeTrust(tx, work) : writeAttributes(tx, work);
}

/**
 * A user without any interaction, locked, has none until we commit: theirs are created without a look. The interactions of
 * others are looked for first. (A MERGE would look and create in one, but locks the items too, in an order in which lanes
 * deadlock, and creates half as fast.)
 */
async function writeInteractions(tx: ManagedTransaction, work: InteractionWork): Promise<Counts> {
  const { groups, rows, repeated, type, at, value, part, context } = work;
  const usual = { type, at: int(at), value, part, context };
  const locked = await tx.run(statement('write/users-lock'), given({ ids: groups.map(({ user }) => user) }));
  const degrees = new Map<string, number>();
  for (const [n, user] of (locked.records[0]!.get('users') as string[]).entries()) {
    degrees.set(user, (locked.records[0]!.get('known') as number[])[n]!);
  }
  const create: InteractionGroup[] = [];
  const change: InteractionGroup[] = [];
  const short: InteractionGroup[] = [];
  const long: InteractionGroup[] = [];
  for (const group of groups) {
    const degree = degrees.get(group.user) ?? 0;
    (degree === 0 ? create : degree <= worthReading * group.items.length ? short : long).push(group);
  }
  const sort = (group: InteractionGroup, missing: readonly number[], changed: readonly number[]): void => {
    if (missing.length > 0) create.push(only(group, missing));
    if (changed.length > 0) change.push(only(group, changed));
  };
  if (short.length > 0) {
    const own = await tx.run(statement('write/interactions-of'), { users: short.map(({ user }) => user) });
    const knownOf = new Map(
      own.records.map((record) => [record.get('g') as number, record.toObject() as KnownColumns]),
    );
    for (const [g, group] of short.entries()) {
      const { missing, changed } = compare(group, work, knownOf.get(g));
      sort(group, missing, changed);
    }
  }
  if (long.length > 0) {
    const pairs = await tx.run(statement('write/interactions-known'), { groups: long, ...usual });
    let found = 0;
    for (const record of pairs.records) {
      found += record.get('found') as number;
      sort(long[record.get('g') as number]!, record.get('missing') as number[], record.get('changed') as number[]);
    }
    if (found !== sizeOf(long)) throw new NodesGone();
  }
  if (change.length > 0) await tx.run(statement('write/interactions-changed'), { groups: change, ...usual });
  const expected = sizeOf(create);
  let created = 0;
  if (expected > 0) {
    const name = create.every(isAlike) ? 'write/interactions-alike' : 'write/interactions';
    const result = await tx.run(statement(name), { groups: create, ...usual });
    created = result.summary.counters.updates().relationshipsCreated ?? 0;
  }
  if (created !== expected) throw new NodesGone();
  return { interactionsRead: rows + repeated, interactionsCreated: created, interactionsRepeated: repeated };
}

/** Histories up to so many times what is new are read whole, at about a tenth of a look-up's cost; longer ones pair by pair. */
const worthReading = 10;

/** A user's interactions as the graph has them. */
interface KnownColumns {
  readonly items: readonly string[];
  readonly types: readonly string[];
  readonly ats: readonly number[];
  readonly values: readonly (number | 'none')[];
  readonly parts: readonly string[];
  /** Keys of the context's features, ascending. */
  readonly contexts: readonly (readonly string[])[];
}

/** Positions of a group's interactions that the graph does not have, and of those that it has with another value, part or context. */
function compare(group: InteractionGroup, usual: InteractionWork, known: KnownColumns | undefined) {
  const missing: number[] = [];
  const changed: number[] = [];
  // No id or type holds a line feed.
  const key = (item: string, type: string, at: number): string => `${type}\n${at}\n${item}`;
  const places = new Map(known?.items.map((item, place) => [key(item, known.types[place]!, known.ats[place]!), place]));
  for (const [position, item] of group.items.entries()) {
    const type = group.types?.[position] ?? usual.type;
    const place = places.get(key(item, type, group.ats?.[position] ?? usual.at));
    if (place === undefined) {
      missing.push(position);
      continue;
    }
    const value = group.values?.[position] ?? usual.value;
    const part = (group.parts ? group.parts[position] : usual.part) ?? '';
    const context = (group.contexts ? group.contexts[position] : usual.context) ?? '';
    const differs =
      value !== known!.values[place] ||
      (part !== '' && part !== known!.parts[place]) ||
      (context !== '' && context !== known!.contexts[place]!.join('\n'));
    if (differs) changed.push(position);
  }
  return { missing, changed };
}

/** Whether all of a group's interactions differ in their items alone, as in lists: planned with constants, they cost a third less. */
const isAlike = ({ types, ats, values, parts, contexts }: InteractionGroup): boolean =>
  !(types || ats || values || parts || contexts);

const sizeOf = (groups: readonly InteractionGroup[]): number =>
  groups.reduce((sum, { items }) => sum + items.length, 0);

/** The interactions of a group at some positions. */
function only(group: InteractionGroup, positions: readonly number[]): InteractionGroup {
  const { user, items, types, ats, values, parts, contexts } = group;
  const at = <T>(list: readonly T[]): T[] => positions.map((position) => list[position]!);
  return {
    user,
    items: at(items),
    ...(types && { types: at(types) }),
    ...(ats && { ats: at(ats) }),
    ...(values && { values: at(values) }),
    ...(parts && { parts: at(parts) }),
    ...(contexts && { contexts: at(contexts) }),
  };
}

async function writeAttributes(tx: ManagedTransaction, work: AttributeWork): Promise<Counts> {
  const { kind, rows, properties, attributes } = work;
  if (properties.length > 0) await tx.run(statement('write/item-properties'), { rows: properties });
  if (attributes.length > 0) await tx.run(statement(`write/${kind}-attributes`), { rows: attributes });
  if (rows.length === 0) return {};
  const expected = rows.reduce((sum, { keys }) => sum + keys.length, 0);
  const result = await tx.run(statement(`write/${kind}-features`), { rows });
  if (result.records[0]?.get('found') !== expected) throw new NodesGone();
  return {
    featureEdgesRead: expected,
    featureEdgesCreated: result.summary.counters.updates().relationshipsCreated ?? 0,
  };
}

async function writeTrust(tx: ManagedTransaction, { rows, repeated }: TrustWork): Promise<Counts> {
  const expected = rows.reduce((sum, { trusted }) => sum + trusted.length, 0);
  const result = await tx.run(statement('write/trust'), { rows });
  if (result.records[0]?.get('found') !== expected) throw new NodesGone();
  return {
    trustRead: expected + repeated,
    trustCreated: result.summary.counters.updates().relationshipsCreated ?? 0,
    trustRepeated: repeated,
  };
}

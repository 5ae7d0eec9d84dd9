/** Cuts a batch of records into tasks, each for one lane and one transaction. The same batch always gives the same tasks. */
import {
  type AttributeValue,
  attributeProperty,
  type DataRecord,
  type FeatureValue,
  type InteractionRecord,
  type ItemRecord,
  type TrustRecord,
  type UserRecord,
} from '../../data/records.ts';
import type { Batch, Place } from '../../data/source.ts';

/**
 * Lanes write side by side. A user's interactions all go through one lane, in order, so that the last of repeated ones wins
 * and two lanes never wait for each other's users. Attributes and trust, which are few, go through the first lane alone:
 * their ends are shared, and lanes would deadlock over them.
 */
export const laneCount = 4;
/** Relationships a transaction: fewer pay for more commits, more for a larger transaction state. */
const rowsPerTask = 15_000;
/** Changes with whatever decides how tasks are cut: a checkpoint of another layout cannot be gone on from. */
export const layout = `1/${laneCount}/${rowsPerTask}/262144`;

/** Where a task ends: lanes write tasks in ascending order of (file, end, part). */
export interface Position {
  readonly file: number;
  /** Offset of the end of the batch. */
  readonly end: number;
  /** Of the lane's tasks in the batch, from 1. */
  readonly part: number;
}

/** Interactions of one user; a list that is absent is the same value for all, found in the task. */
export interface InteractionGroup {
  readonly user: string;
  readonly items: readonly string[];
  readonly types?: readonly string[];
  readonly ats?: readonly number[];
  readonly values?: readonly number[];
  readonly parts?: readonly (string | null)[];
  readonly contexts?: readonly (string | null)[];
}

export interface InteractionWork {
  readonly kind: 'interactions';
  readonly groups: readonly InteractionGroup[]; // ascending by user
  readonly rows: number;
  readonly repeated: number;
  readonly type: string;
  readonly at: number;
  readonly value: number;
  readonly part: string | null;
  /** Of `contextText`. */
  readonly context: string | null;
}

export interface AttributeWork {
  readonly kind: 'user' | 'item';
  readonly rows: readonly {
    readonly id: string;
    readonly keys: readonly string[];
    readonly weights: readonly number[];
  }[];
  readonly properties: readonly { readonly id: string; readonly title: string | null; readonly at: number | null }[];
  readonly attributes: readonly { readonly id: string; readonly attributes: NodeProperties }[];
}

/** Properties of a node as the graph holds them: 'num_price', 'available'. */
export type NodeProperties = Readonly<Record<string, AttributeValue | boolean>>;

export interface TrustWork {
  readonly kind: 'trust';
  readonly rows: readonly {
    readonly user: string;
    readonly trusted: readonly string[];
    readonly weights: readonly number[];
  }[];
  readonly repeated: number;
}

export interface Task {
  readonly lane: number;
  readonly position: Position;
  /** Where reading goes on once this task is written. */
  readonly resume: Place;
  readonly work: InteractionWork | AttributeWork | TrustWork;
}

export const featureKey = ({ kind, value }: FeatureValue): string => `${kind}:${value}`;

/** An interaction's context as one text: keys of features, which hold no line feed, ascending, a line each; null without any. */
export function contextText({ context = [] }: InteractionRecord): string | null {
  return context.length === 0 ? null : context.map(featureKey).sort().join('\n');
}

/** Ascending in code units, whatever the locale: one order for everybody who takes locks. */
export const ascending = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function laneOf(user: string): number {
  let hash = 0;
  for (let i = 0; i < user.length; i++) hash = (Math.imul(hash, 31) + user.charCodeAt(i)) | 0;
  return (hash >>> 0) % laneCount;
}

/** Tasks of a batch that was read from `from` on, in the order in which each lane is to write them. */
export function partition(batch: Batch, from: Place): Task[] {
  const works: Task['work'][][] = Array.from({ length: laneCount }, () => []);
  const attributes = attributeWork(batch.records);
  const trust = trustWork(batch.records);
  works[0]!.push(...attributes, ...trust);
  interactionWork(batch.records).forEach((own, lane) => {
    works[lane]!.push(...own);
  });
  return works.flatMap((own, lane) =>
    own.map((work, index) => ({
      lane,
      position: { file: batch.next.file, end: batch.next.offset, part: index + 1 },
      resume: index + 1 === own.length ? batch.next : from,
      work,
    })),
  );
}

/** Some of one user's interactions. */
type Slice = readonly [user: string, rows: readonly InteractionRecord[], repeated: number];

function interactionWork(records: readonly DataRecord[]): InteractionWork[][] {
  const byUser = new Map<string, InteractionRecord[]>();
  for (const record of records) {
    if (record.kind !== 'interaction') continue;
    const rows = byUser.get(record.user);
    if (rows === undefined) byUser.set(record.user, [record]);
    else rows.push(record);
  }
  const lanes: InteractionWork[][] = Array.from({ length: laneCount }, () => []);
  const open: Slice[][] = lanes.map(() => []);
  const sizes = lanes.map(() => 0);
  for (const [user, all] of byUser) {
    const lane = laneOf(user);
    const rows = withoutRepeats(all);
    for (let start = 0; start < rows.length; ) {
      const part = rows.slice(start, start + rowsPerTask - sizes[lane]!);
      open[lane]!.push([user, part, start === 0 ? all.length - rows.length : 0]);
      sizes[lane]! += part.length;
      start += part.length;
      if (sizes[lane] === rowsPerTask) {
        lanes[lane]!.push(asColumns(open[lane]!));
        open[lane] = [];
        sizes[lane] = 0;
      }
    }
  }
  open.forEach((slices, lane) => {
    if (slices.length > 0) lanes[lane]!.push(asColumns(slices));
  });
  return lanes;
}

/** Of the interactions of one user with the same item, type and time, the last. */
export function withoutRepeats(rows: readonly InteractionRecord[]): readonly InteractionRecord[] {
  if (rows.length === 1) return rows;
  const { type, at } = rows[0]!;
  const alike = rows.every((row) => row.type === type && row.at === at);
  const last = new Map<string, InteractionRecord>();
  for (const row of rows) last.set(alike ? row.item : JSON.stringify([row.item, row.type, row.at]), row);
  return last.size === rows.length ? rows : [...last.values()];
}

function asColumns(slices: readonly Slice[]): InteractionWork {
  const { type, at, value, part = null } = slices[0]![1][0]!;
  const context = contextText(slices[0]![1][0]!);
  const all = (test: (row: InteractionRecord) => boolean) => slices.every(([, rows]) => rows.every(test));
  const oneType = all((row) => row.type === type);
  const oneAt = all((row) => row.at === at);
  const oneValue = all((row) => row.value === value);
  const onePart = all((row) => (row.part ?? null) === part);
  const oneContext = all((row) => contextText(row) === context);
  const groups = slices.map(([user, rows]) => ({
    user,
    items: rows.map((row) => row.item),
    ...(oneType ? {} : { types: rows.map((row) => row.type) }),
    ...(oneAt ? {} : { ats: rows.map((row) => row.at) }),
    ...(oneValue ? {} : { values: rows.map((row) => row.value) }),
    ...(onePart ? {} : { parts: rows.map((row) => row.part ?? null) }),
    ...(oneContext ? {} : { contexts: rows.map(contextText) }),
  }));
  groups.sort((a, b) => ascending(a.user, b.user));
  return {
    kind: 'interactions',
    groups,
    rows: slices.reduce((sum, [, rows]) => sum + rows.length, 0),
    repeated: slices.reduce((sum, [, , repeated]) => sum + repeated, 0),
    type,
    at,
    value,
    part: onePart ? part : null,
    context: oneContext ? context : null,
  };
}

/** What a record says of its node in properties that may be any; title and time have statements of their own. */
export function propertiesOf(record: UserRecord | ItemRecord): NodeProperties | undefined {
  const available = record.kind === 'item' ? record.available : undefined;
  if (record.attributes === undefined && available === undefined) return undefined;
  const named = Object.entries(record.attributes ?? {}).map(([name, value]) => [attributeProperty(name, value), value]);
  return { ...(available === undefined ? {} : { available }), ...Object.fromEntries(named) };
}

function attributeWork(records: readonly DataRecord[]): AttributeWork[] {
  return (['user', 'item'] as const).flatMap((kind) => {
    const edges = new Map<string, Map<string, number>>();
    const properties = new Map<string, AttributeWork['properties'][number]>();
    const attributes = new Map<string, NodeProperties>();
    for (const record of records) {
      if (record.kind !== kind) continue;
      const said = propertiesOf(record);
      if (said !== undefined) attributes.set(record.id, { ...attributes.get(record.id), ...said });
      const own = edges.get(record.id) ?? new Map<string, number>();
      for (const feature of record.features) own.set(featureKey(feature), feature.weight ?? 1);
      if (own.size > 0) edges.set(record.id, own);
      if (record.kind !== 'item' || (record.title === undefined && record.at === undefined)) continue;
      const before = properties.get(record.id);
      const { id, title = before?.title ?? null, at = before?.at ?? null } = record;
      properties.set(id, { id, title, at });
    }
    const rows = [...edges]
      .sort(([a], [b]) => ascending(a, b))
      .map(([id, own]) => ({ id, keys: [...own.keys()], weights: [...own.values()] }));
    const sets = [...properties.values()].sort((a, b) => ascending(a.id, b.id));
    const more = [...attributes].sort(([a], [b]) => ascending(a, b)).map(([id, said]) => ({ id, attributes: said }));
    if (rows.length + sets.length + more.length === 0) return [];
    return [{ kind, rows, properties: sets, attributes: more }];
  });
}

function trustWork(records: readonly DataRecord[]): TrustWork[] {
  const ties = records.filter((record): record is TrustRecord => record.kind === 'trust');
  const byUser = new Map<string, Map<string, number>>();
  for (const { user, trusted, weight = 1 } of ties) {
    const own = byUser.get(user) ?? new Map<string, number>();
    own.set(trusted, weight);
    byUser.set(user, own);
  }
  if (byUser.size === 0) return [];
  const rows = [...byUser]
    .sort(([a], [b]) => ascending(a, b))
    .map(([user, own]) => ({ user, trusted: [...own.keys()], weights: [...own.values()] }));
  return [{ kind: 'trust', rows, repeated: ties.length - rows.reduce((sum, { trusted }) => sum + trusted.length, 0) }];
}

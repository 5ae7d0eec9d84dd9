/**
 * The dumps of Gorse, JSON Lines of users, items and feedback as its dashboard exports them. Labels hold any JSON: text becomes
 * features, numbers stay with their node, lists of numbers are vectors.
 */

import { describe } from './attributeTable.ts';
import { type Cell, idOf, maxFeatureLength, numberIn, timeIn } from './cells.ts';
import { idProblem } from './fields.ts';
import type { FileReader, Problem } from './reader.ts';
import type { AttributeValue, DataRecord, FeatureValue } from './records.ts';
import type { DataFile, Role } from './source.ts';
import { type ParseRow, type Row, type Table, tableOf, tableReader } from './table.ts';

export type GorseRole = Extract<Role, 'users' | 'items' | 'interactions'>;

/** What a file of a dump holds, by the keys of its first object; undefined where it is none. */
export async function gorseRole(path: string): Promise<GorseRole | undefined> {
  const table = await tableOf(path);
  return table?.encoding === 'jsonl' ? roleOf(table) : undefined;
}

function roleOf({ columns }: Table): GorseRole | undefined {
  const has = (key: string) => columns.includes(key);
  if (has('FeedbackType') && has('UserId') && has('ItemId')) return 'interactions';
  if (has('UserId') && !has('ItemId')) return 'users';
  return has('ItemId') && !has('UserId') ? 'items' : undefined;
}

export function gorseReader(file: DataFile, role: GorseRole): Promise<FileReader> {
  return tableReader(file, {}, () => ({ users: readUser, items: readItem, interactions: readFeedback })[role]);
}

/**
 * One object of Gorse's as a record: what a line of its dumps gives. Answers what is wrong with it in words.
 */
export function gorseRecord(role: GorseRole, object: Readonly<Record<string, unknown>>): DataRecord | Problem {
  const out: DataRecord[] = [];
  const row: Row = (column) => (Object.hasOwn(object, column) ? (object[column] as Cell) : undefined);
  const problem = { users: readUser, items: readItem, interactions: readFeedback }[role](row, Object.keys(object), out);
  return problem ?? out[0]!;
}

const readUser: ParseRow = (row, _, out) => {
  const id = idOf(row('UserId'));
  if (typeof id !== 'string') return { field: 'UserId', reason: id.reason };
  const is = emptyDescription();
  const problem = labels(is, 'label', row('Labels')) ?? comment(is, row);
  if (problem !== undefined) return problem;
  out.push({ kind: 'user', id, ...said(is) });
  return undefined;
};

const readItem: ParseRow = (row, _, out) => {
  const id = idOf(row('ItemId'));
  if (typeof id !== 'string') return { field: 'ItemId', reason: id.reason };
  const is = emptyDescription();
  const title = row('Comment'); // the only name that Gorse has for an item
  const isTitle = typeof title === 'string' && title !== '' && title.length <= maxFeatureLength;
  const problem =
    labels(is, 'category', row('Categories')) ??
    labels(is, 'label', row('Labels')) ??
    (isTitle ? undefined : comment(is, row));
  if (problem !== undefined) return problem;
  const at = timeOf(row('Timestamp'));
  if (at === undefined) return { field: 'Timestamp', reason: 'is not a time' };
  const hidden = row('IsHidden') ?? false;
  if (typeof hidden !== 'boolean') return { field: 'IsHidden', reason: 'is neither true nor false' };
  out.push({
    kind: 'item',
    id,
    ...(isTitle ? { title } : {}),
    ...(at === null ? {} : { at }),
    available: !hidden,
    ...said(is),
  });
  return undefined;
};

const readFeedback: ParseRow = (row, _, out) => {
  const [user, item, type] = [idOf(row('UserId')), idOf(row('ItemId')), row('FeedbackType')];
  if (typeof user !== 'string') return { field: 'UserId', reason: user.reason };
  if (typeof item !== 'string') return { field: 'ItemId', reason: item.reason };
  if (typeof type !== 'string' || idProblem(type) !== undefined)
    return { field: 'FeedbackType', reason: 'is not a name' };
  const at = timeOf(row('Timestamp'));
  if (at === undefined) return { field: 'Timestamp', reason: 'is not a time' };
  const value = numberIn(row('Value') ?? 1); // older dumps have none
  if (value === undefined) return { field: 'Value', reason: 'is not a number' };
  out.push({ kind: 'interaction', user, item, type, at: at ?? 0, value });
  return undefined;
};

/** ms since 1970; null where there is none, which Go writes as its zero time; undefined where it is no time. */
function timeOf(cell: Cell): number | null | undefined {
  if (cell === undefined || cell === null || cell === '') return null;
  if (typeof cell === 'string' && cell.startsWith('0001-01-01T00:00:00')) return null;
  return timeIn(cell);
}

interface Description {
  readonly features: FeatureValue[];
  readonly attributes: Record<string, AttributeValue>;
}

const emptyDescription = (): Description => ({ features: [], attributes: {} });
const said = ({ features, attributes }: Description) =>
  Object.keys(attributes).length === 0 ? { features } : { features, attributes };

/** Adds labels under a name; those within an object carry its keys, with a dot between. */
function labels(is: Description, name: string, cell: Cell): Problem | undefined {
  if (cell === undefined || cell === null) return undefined;
  if (typeof cell === 'object' && !Array.isArray(cell) && !(cell instanceof Date)) {
    for (const [key, value] of Object.entries(cell)) {
      const problem = labels(is, name === 'label' ? key : `${name}.${key}`, value as Cell);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }
  const isVector = Array.isArray(cell) && cell.length > 0 && cell.every((element) => typeof element === 'number');
  const type = isVector
    ? 'float_seq'
    : typeof cell === 'number'
      ? 'float'
      : Array.isArray(cell)
        ? 'token_seq'
        : 'token';
  const reason = describe(is, name, type, cell, '|');
  return reason === undefined ? undefined : { field: name, reason };
}

function comment(is: Description, row: Row): Problem | undefined {
  const text = row('Comment');
  if (typeof text === 'string' && text !== '') is.attributes.comment = text;
  return undefined;
}

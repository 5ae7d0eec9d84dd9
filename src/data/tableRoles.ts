/** Which files of a folder are tables of what, by their columns and their names. */
import type { FileOptions } from '../options.ts';
import type { Listing } from './recognise.ts';
import type { Part } from './records.ts';
import { type Encoding, type Table, tableOf } from './table.ts';

/** Interactions, and beside them what files' names say. */
export interface TableRoles {
  readonly interactions: readonly { readonly name: string; readonly part?: Part }[];
  readonly users?: string;
  readonly items?: string;
  readonly trust?: string;
}

/** Endings of each encoding, after which a `.gz` may follow. */
export const endings: Readonly<Record<Encoding, RegExp>> = {
  csv: /\.(csv|tsv|txt)(\.gz)?$/i,
  jsonl: /\.(jsonl|ndjson|json)(\.gz)?$/i,
  parquet: /\.(parquet|pq)$/i,
};

const besideNames = [
  ['users', /^users?\./i],
  ['items', /^items?\./i],
  ['trust', /^(trust|social|friends|ties)\./i],
] as const;

/**
 * Tables of one encoding: the single file, or all in the folder whose columns are named as the options say. Attributes and ties
 * beside them may be in any encoding.
 */
export async function tableRoles(
  { names, single }: Listing,
  encoding: Encoding,
  options: FileOptions,
): Promise<TableRoles | undefined> {
  const isSingle = single !== undefined;
  const found: string[] = [];
  const beside: { users?: string; items?: string; trust?: string } = {};
  for (const [name, path] of isSingle ? ([[single, names.get(single)!]] as const) : names) {
    if (!isSingle && !Object.values(endings).some((ending) => ending.test(name))) continue;
    const role = besideNames.find(([, pattern]) => pattern.test(name))?.[0];
    if (!isSingle && role === undefined && !endings[encoding].test(name)) continue;
    const table = await tableOf(path, options.delimiter);
    const isWanted = table?.encoding === encoding;
    if (isWanted && isOfInteractions(table, options)) found.push(name);
    else if (role !== undefined && (isWanted || (!isSingle && table !== undefined))) beside[role] ??= name;
  }
  if (found.length === 0 && !(isSingle && Object.keys(beside).length > 0)) return undefined;
  return { interactions: inParts(found), ...beside };
}

const isOfInteractions = ({ columns }: Table, { userColumn, itemColumn }: FileOptions): boolean =>
  columns.includes(userColumn) && columns.includes(itemColumn);

const partWord = /(^|[._-])(train|test|val|valid|validation)([._-]|$)/i;
const parts: Readonly<Record<string, Part>> = {
  train: 'train',
  test: 'test',
  val: 'validation',
  valid: 'validation',
  validation: 'validation',
};
const order: readonly (Part | undefined)[] = [undefined, 'train', 'validation', 'test'];

/** One word alone is a name; a train and a test part are a split. */
function inParts(names: readonly string[]): TableRoles['interactions'] {
  const found = names.map((name) => ({ name, part: parts[partWord.exec(name)?.[2]?.toLowerCase() ?? ''] }));
  const has = new Set(found.map(({ part }) => part));
  if (!has.has('train') || !(has.has('test') || has.has('validation'))) return names.map((name) => ({ name }));
  return found
    .sort((a, b) => order.indexOf(a.part) - order.indexOf(b.part))
    .map(({ name, part }) => (part === undefined ? { name } : { name, part }));
}

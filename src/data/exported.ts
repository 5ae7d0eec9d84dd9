/**
 * The folders that `tastegraph export` writes: a manifest and one file a table, which say the whole graph. What is read here is
 * exactly what was written: times in ms, no list is cut, no text trimmed.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { problemOf, TastegraphError } from '../errors.ts';
import { encodings, exportTables } from '../options.ts';
import { type Cell, numberIn } from './cells.ts';
import { idProblem } from './fields.ts';
import type { FileReader, Problem } from './reader.ts';
import { type Attributes, type AttributeValue, attributeKinds, type DataRecord, type FeatureValue } from './records.ts';
import type { DataFile, Role } from './source.ts';
import { type ParseRow, type Row, type Table, tableReader } from './table.ts';

export const exportManifest = 'manifest.json';
export type TableName = (typeof exportTables)[number];

/** `token` and `text` are text, `integer` a whole number, `…s` lists. */
export const cellTypes = ['token', 'text', 'integer', 'float', 'boolean', 'tokens', 'floats'] as const;
export type CellType = (typeof cellTypes)[number];

export interface ExportColumn {
  readonly name: string;
  readonly type: CellType;
}

export type CellValue = string | number | boolean | readonly string[] | readonly number[] | null | undefined;

/** A table that is to be written: a value a column in each row. */
export interface ExportTable {
  readonly columns: readonly ExportColumn[];
  pages(): AsyncIterable<readonly (readonly CellValue[])[]>;
}

const columns = (text: string): readonly ExportColumn[] =>
  text.split(' ').map((column) => {
    const [name, type] = column.split(':') as [string, CellType];
    return { name, type };
  });

/** Columns of each table; users and items have their attributes after them. Times are ms since 1970. */
export const tableColumns: Readonly<Record<TableName, readonly ExportColumn[]>> = {
  users: columns('id:token'),
  items: columns('id:token title:text at:integer available:boolean'),
  features: columns('node:token id:token kind:text value:text weight:float'),
  interactions: columns('user:token item:token type:token at:integer value:float part:token context:tokens'),
  trust: columns('user:token trusted:token weight:float'),
  embeddings: columns('node:token id:token bias:float vector:floats'),
};

const manifestSchema = z.strictObject({
  format: z.literal('tastegraph-export'),
  version: z.literal(1),
  encoding: z.enum(encodings),
  /** ms since 1970; all that was committed before is in the export. */
  asOf: z.number(),
  /** Whether nothing was committed while it was read. */
  consistent: z.boolean(),
  tables: z.array(
    z.strictObject({
      table: z.enum(exportTables),
      // Nothing that could leave the folder.
      file: z.string().regex(/^[a-z]+\.[a-z]+$/),
      rows: z.number().int().min(0),
      bytes: z.number().int().min(0),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
      columns: z.array(z.strictObject({ name: z.string(), type: z.enum(cellTypes) })),
    }),
  ),
  /** Whose vectors the embeddings are. */
  published: z
    .strictObject({ version: z.string(), model: z.string(), dim: z.number(), snapshot: z.string() })
    .optional(),
});
export type ExportManifest = z.output<typeof manifestSchema>;

/** The manifest of a folder; undefined where it has none of ours. Errors: data/malformed, where ours is damaged. */
export function readExportManifest(folder: string): ExportManifest | undefined {
  const path = join(folder, exportManifest);
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
  if ((content as { format?: unknown } | null)?.format !== 'tastegraph-export') return undefined;
  const manifest = manifestSchema.safeParse(content);
  if (manifest.success) return manifest.data;
  const [issue] = manifest.error.issues;
  const field = issue?.path.join('.') || 'format';
  throw new TastegraphError('data/malformed', { file: path, line: 1, field, reason: problemOf(issue?.message) });
}

/** Readers of an export's tables. Embeddings belong to a version and are not read. Errors: data/not-found, data/malformed. */
export async function exportReaders(
  manifest: ExportManifest,
  fileAt: (name: string, role: Role) => Promise<DataFile>,
): Promise<FileReader[]> {
  const readers: FileReader[] = [];
  for (const { table, file, columns, sha256 } of manifest.tables) {
    if (table === 'embeddings') continue;
    const opened = { ...(await fileAt(file, table)), sha256 };
    const read = readRow[table];
    const types = new Map(columns.map(({ name, type }) => [name, type]));
    const bind = ({ encoding }: Table): ParseRow => {
      const valueIn = encoding === 'csv' ? csvValue : nativeValue;
      return (row, _, out) => {
        try {
          out.push(read((column) => exactly(row, column, types.get(column), valueIn), columns));
          return undefined;
        } catch (thrown) {
          if (thrown instanceof Misfit) return thrown.problem;
          throw thrown;
        }
      };
    };
    readers.push(await tableReader(opened, { delimiter: ',' }, bind));
  }
  return readers;
}

/** Ends the reading of a row, whose columns are read one within another. */
class Misfit extends Error {
  readonly problem: Problem;
  constructor(field: string, reason: string) {
    super(reason);
    this.problem = { field, reason };
  }
}

/** The value of a column, of its type; undefined where there is none. Throws Misfit. */
type Exact = (column: string) => unknown;

function exactly(row: Row, column: string, type: CellType | undefined, valueIn: typeof csvValue): unknown {
  if (type === undefined) return undefined;
  const value = valueIn(row(column), type);
  if (value === null) throw new Misfit(column, `is no ${words[type]}`);
  return value;
}

const words: Readonly<Record<CellType, string>> = {
  token: 'text',
  text: 'text',
  integer: 'whole number',
  float: 'number',
  boolean: 'true or false',
  tokens: 'list of texts',
  floats: 'list of numbers',
};

/** A cell of JSON or Parquet; undefined where there is none, null where it is of another type. */
function nativeValue(cell: Cell, type: CellType): unknown {
  if (cell === undefined || cell === null) return undefined;
  switch (type) {
    case 'token':
    case 'text':
      return typeof cell === 'string' ? cell : null;
    case 'integer': {
      const value = typeof cell === 'string' ? undefined : numberIn(cell);
      return Number.isSafeInteger(value) ? value : null;
    }
    case 'float':
      return (typeof cell === 'string' ? undefined : numberIn(cell)) ?? null;
    case 'boolean':
      return typeof cell === 'boolean' ? cell : null;
    default: {
      const element = type === 'tokens' ? 'string' : 'number';
      return Array.isArray(cell) && cell.every((each) => typeof each === element) ? cell : null;
    }
  }
}

/**
 * A cell of CSV, where nothing is no value. Lists stand there as JSON, and so does text that CSV could not hold, with all text
 * that begins with a quote.
 */
function csvValue(cell: Cell, type: CellType): unknown {
  if (cell === '') return undefined;
  if (typeof cell !== 'string') return null;
  const isText = type === 'token' || type === 'text';
  if (isText && !cell.startsWith('"')) return cell;
  try {
    return nativeValue(JSON.parse(cell) as Cell, type) ?? null;
  } catch {
    return null;
  }
}

/** What a row says of one thing; throws Misfit. */
const readRow: Readonly<
  Record<Exclude<TableName, 'embeddings'>, (cell: Exact, columns: readonly ExportColumn[]) => DataRecord>
> = {
  users: (cell, columns) => ({ kind: 'user', id: idIn(cell, 'id'), features: [], ...attributesIn(cell, columns) }),
  items: (cell, columns) => {
    const [title, at, available] = [cell('title'), cell('at'), cell('available')];
    return {
      kind: 'item',
      id: idIn(cell, 'id'),
      ...(title === undefined ? {} : { title: title as string }),
      ...(at === undefined ? {} : { at: at as number }),
      ...(available === undefined ? {} : { available: available as boolean }),
      features: [],
      ...attributesIn(cell, columns),
    };
  },
  features: (cell) => {
    const node = cell('node');
    if (node !== 'user' && node !== 'item') throw new Misfit('node', "is neither 'user' nor 'item'");
    const feature = { kind: textIn(cell, 'kind'), value: textIn(cell, 'value'), weight: numberOf(cell, 'weight', 1) };
    return { kind: node, id: idIn(cell, 'id'), features: [feature] };
  },
  interactions: (cell) => {
    const part = cell('part');
    if (part !== undefined && part !== 'train' && part !== 'validation' && part !== 'test')
      throw new Misfit('part', "is none of 'train', 'validation' and 'test'");
    const context = cell('context') as readonly string[] | undefined;
    return {
      kind: 'interaction',
      user: idIn(cell, 'user'),
      item: idIn(cell, 'item'),
      type: cell('type') === undefined ? 'interaction' : idIn(cell, 'type'),
      at: numberOf(cell, 'at', 0),
      value: numberOf(cell, 'value', 1),
      ...(part === undefined ? {} : { part }),
      ...(context === undefined ? {} : { context: context.map(featureIn) }),
    };
  },
  trust: (cell) => ({
    kind: 'trust',
    user: idIn(cell, 'user'),
    trusted: idIn(cell, 'trusted'),
    weight: numberOf(cell, 'weight', 1),
  }),
};

function idIn(cell: Exact, column: string): string {
  const id = cell(column) ?? '';
  const reason = idProblem(id as string);
  if (reason !== undefined) throw new Misfit(column, reason);
  return id as string;
}

const textIn = (cell: Exact, column: string): string => (cell(column) ?? '') as string;
const numberOf = (cell: Exact, column: string, usual: number): number => (cell(column) ?? usual) as number;

/** The feature of a context's key, of which the graph holds no more. */
function featureIn(key: string): FeatureValue {
  const colon = key.indexOf(':');
  // A line feed is what separates keys on their way into the graph.
  if (colon < 0 || key.includes('\n')) throw new Misfit('context', "holds a key that is not 'kind:value'");
  return { kind: key.slice(0, colon), value: key.slice(colon + 1) };
}

function attributesIn(cell: Exact, columns: readonly ExportColumn[]): { readonly attributes?: Attributes } {
  const attributes: Record<string, AttributeValue> = {};
  for (const { name } of columns) {
    const kind = attributeKinds.find(({ prefix }) => name.startsWith(prefix));
    const value = kind && cell(name);
    if (value !== undefined) attributes[name.slice(kind!.prefix.length)] = value as AttributeValue;
  }
  return Object.keys(attributes).length === 0 ? {} : { attributes };
}

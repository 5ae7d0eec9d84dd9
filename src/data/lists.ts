/** Plain lists: LightGCN's and S3-Rec's item lists, Last.fm's listens, S3-Rec's attributes, and pairs of users. */
import { readFile } from 'node:fs/promises';
import { problemOf, TastegraphError } from '../errors.ts';
import { absent, type Cell, featureValues, idOf, numberIn } from './cells.ts';
import { splitRecord } from './csv.ts';
import { idProblem, maxIdLength, parseNumber } from './fields.ts';
import { type FileReader, firstLine, lineReader, type Parse } from './reader.ts';
import type { BadLine, DataRecord, FeatureValue, Part } from './records.ts';
import type { DataFile, Place } from './source.ts';
import { delimiterOf, malformed, tableOf, tableReader } from './table.ts';

const wholeNumbers = /^[\d\s]+$/;

/** `user item item …`, ids being whole numbers. A user without items is legal, and known from then on. */
function itemList(
  file: DataFile,
  take: (user: string, items: readonly string[], out: DataRecord[]) => void,
): FileReader {
  return lineReader(file, (text, out) => {
    const ids = text.trim().split(/\s+/);
    if (!wholeNumbers.test(text)) {
      const position = ids.findIndex((id) => !/^\d+$/.test(id));
      return { field: position <= 0 ? 'user' : `item ${position}`, reason: 'is not a whole number' };
    }
    const tooLong = ids.findIndex((id) => id.length > maxIdLength);
    if (tooLong >= 0)
      return { field: tooLong === 0 ? 'user' : `item ${tooLong}`, reason: `is longer than ${maxIdLength} digits` };
    const [user, ...items] = ids as [string, ...string[]];
    if (items.length === 0) out.push({ kind: 'user', id: user, features: [] });
    else take(user, items, out);
    return undefined;
  });
}

/** LightGCN's lists: no time, no value, one file a part. */
export function lightgcnList(file: DataFile, part: Part): FileReader {
  return itemList(file, (user, items, out) => {
    for (const item of items) out.push({ kind: 'interaction', user, item, type: 'interaction', at: 0, value: 1, part });
  });
}

/**
 * S3-Rec's sequences, oldest first: the time is the position, from 1. The split is the one that S3-Rec publishes on: the last
 * item of a user is the test part, the one before it validation; of two items the last is test, a single one is trained on.
 */
export function s3recSequences(file: DataFile): FileReader {
  return itemList(file, (user, items, out) => {
    const count = items.length;
    for (let position = 1; position <= count; position++) {
      const part =
        position === count && count > 1 ? 'test' : position === count - 1 && count > 2 ? 'validation' : 'train';
      out.push({
        kind: 'interaction',
        user,
        item: items[position - 1]!,
        type: 'interaction',
        at: position,
        value: 1,
        part,
      });
    }
  });
}

/** Last.fm's `user<TAB>item<TAB>count`. */
export function listenTriples(file: DataFile, part: Part | undefined): FileReader {
  return lineReader(file, (text, out) => {
    const fields = text.split('\t');
    if (fields.length !== 3) return { field: 'line', reason: `has ${fields.length} fields where 3 are expected` };
    const [user, item, count] = fields as [string, string, string];
    const userProblem = idProblem(user);
    if (userProblem !== undefined) return { field: 'user', reason: userProblem };
    const itemProblem = idProblem(item);
    if (itemProblem !== undefined) return { field: 'item', reason: itemProblem };
    const value = parseNumber(count);
    if (value === undefined) return { field: 'count', reason: 'is not a number' };
    out.push({
      kind: 'interaction',
      user,
      item,
      type: 'listen',
      at: 0,
      value,
      ...(part === undefined ? {} : { part }),
    });
    return undefined;
  });
}

/** A JSON file is read whole, so it must be small; larger attributes come as CSV or JSON Lines. */
const maxJsonBytes = 64 * 1024 * 1024;
const entriesPerBatch = 5_000;

/** `{"item": [attribute, …]}`; its places count entries. Errors: data/malformed, where it is no such object or too large. */
export function itemAttributes(file: DataFile): FileReader {
  return {
    file,
    async *read(from, bytesBefore) {
      const entries = Object.entries(await jsonObject(file));
      const end = { ...from, offset: entries.length, line: entries.length, bytes: bytesBefore + file.bytes };
      for (let start = from.offset; start < entries.length; start += entriesPerBatch) {
        const chunk = entries.slice(start, start + entriesPerBatch);
        const records: DataRecord[] = [];
        const bad: BadLine[] = [];
        chunk.forEach(([id, value], index) => {
          const features = attributesOf(id, value);
          if (typeof features !== 'string') records.push({ kind: 'item', id, features });
          else
            bad.push({
              kind: 'bad',
              file: file.name,
              line: start + index + 1,
              field: 'attributes',
              reason: features,
              text: JSON.stringify({ [id]: value }).slice(0, 500),
            });
        });
        const offset = start + chunk.length;
        const read = from.read + offset - from.offset;
        const bytes = bytesBefore + Math.floor((file.bytes * offset) / entries.length);
        const next: Place = { ...end, offset, line: offset, read, bytes };
        yield { records, bad, next };
      }
    },
  };
}

function attributesOf(id: string, value: unknown): FeatureValue[] | string {
  const problem = idProblem(id);
  if (problem !== undefined) return `are of an item whose id ${problem}`;
  if (!Array.isArray(value)) return 'are not a list';
  const values = featureValues('attribute', value as Cell);
  return typeof values === 'string' ? `hold a value that ${values}` : values;
}

async function jsonObject(file: DataFile): Promise<Record<string, unknown>> {
  const broken = (reason: string, cause?: unknown) =>
    new TastegraphError('data/malformed', { file: file.name, line: 1, field: 'file', reason }, cause);
  if (file.bytes > maxJsonBytes) {
    throw broken(
      `is larger than the ${maxJsonBytes} bytes that are read as one JSON value; give it as JSON Lines with --item-file`,
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file.path, 'utf8'));
  } catch (cause) {
    throw broken(`is not whole JSON (${problemOf(cause).slice(0, 200)})`, cause);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw broken('is not an object of lists');
  return value as Record<string, unknown>;
}

/** Names by which the first line of a list of trust ties is known to be a header. */
const tieHeader = /^(user|source|from|follower|truster|trustor|user_?id|user_?id_?1|user_?1|id)$/i;

/** Who trusts whom in a table with a header or a schema: the first two columns are user ids, `weight` may be there. */
export function tieTable(file: DataFile, options: { readonly delimiter?: string | undefined }): Promise<FileReader> {
  return tableReader(file, options, ({ columns }) => {
    const [userColumn, trustedColumn] = columns;
    if (trustedColumn === undefined) throw malformed(file, 'header', 'has no two columns of user ids');
    return (row, _, out) => {
      const user = idOf(row(userColumn!));
      if (typeof user !== 'string') return { field: userColumn!, reason: user.reason };
      const trusted = idOf(row(trustedColumn));
      if (typeof trusted !== 'string') return { field: trustedColumn, reason: trusted.reason };
      if (user === trusted) return { field: trustedColumn, reason: 'is the user themself' };
      const cell = row('weight');
      const weight = absent(cell) ? undefined : numberIn(cell);
      if (!absent(cell) && weight === undefined) return { field: 'weight', reason: 'is not a number' };
      out.push({ kind: 'trust', user, trusted, ...(weight === undefined ? {} : { weight }) });
      return undefined;
    };
  });
}

/** Who trusts whom: two columns of user ids and perhaps a weight, with or without a header. */
export async function trustTable(file: DataFile, given?: string): Promise<FileReader> {
  const table = await tableOf(file.path, given);
  if (table && (table.encoding !== 'csv' || table.types.size > 0)) return await tieTable(file, { delimiter: given });
  const first = await firstLine(file.path);
  const delimiter = given ?? (delimiterOf(first) === ',' && !first.includes(',') ? ' ' : delimiterOf(first));
  const names = splitRecord(first, delimiter);
  const header = typeof names !== 'string' && tieHeader.test(names[0]!.trim());
  const parse: Parse = (text, out) => {
    const cells = splitRecord(text, delimiter);
    if (typeof cells === 'string') return { field: 'line', reason: cells };
    if (cells.length !== 2 && cells.length !== 3)
      return { field: 'line', reason: `has ${cells.length} fields where 2 or 3 are expected` };
    const [user, trusted, weightText] = cells as [string, string, string | undefined];
    const problem = idProblem(user);
    if (problem !== undefined) return { field: 'user', reason: problem };
    const trustedProblem = idProblem(trusted);
    if (trustedProblem !== undefined) return { field: 'trusted', reason: trustedProblem };
    if (user === trusted) return { field: 'trusted', reason: 'is the user themself' };
    const weight = weightText === undefined ? undefined : parseNumber(weightText);
    if (weightText !== undefined && weight === undefined) return { field: 'weight', reason: 'is not a number' };
    out.push({ kind: 'trust', user, trusted, ...(weight === undefined ? {} : { weight }) });
    return undefined;
  };
  return lineReader(file, parse, { header, delimiter });
}

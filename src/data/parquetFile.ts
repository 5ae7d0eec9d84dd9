/** Parquet files as they lie on the disk: their mark, their description, their columns. */
import { type FileHandle, open } from 'node:fs/promises';
import { type AsyncBuffer, type FileMetaData, parquetMetadataAsync, parquetSchema } from 'hyparquet';
import { problemOf, TastegraphError } from '../errors.ts';
import type { ColumnType } from './columns.ts';

const magic = 'PAR1';

export interface OpenedParquet {
  readonly buffer: AsyncBuffer;
  readonly metadata: FileMetaData;
  readonly close: () => Promise<void>;
}

/** Whether a file begins as Parquet does. Errors: data/not-found. */
export async function isParquet(path: string): Promise<boolean> {
  const handle = await openFile(path);
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(magic.length), 0, magic.length, 0);
    return bytesRead === magic.length && buffer.toString('latin1') === magic;
  } finally {
    await handle.close();
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (cause) {
    throw new TastegraphError('data/not-found', { path }, cause);
  }
}

/** Errors: data/not-found, data/malformed (its end is missing or damaged). */
export async function openParquet(path: string, name: string): Promise<OpenedParquet> {
  const handle = await openFile(path);
  try {
    const { size } = await handle.stat();
    const buffer: AsyncBuffer = {
      byteLength: size,
      slice: async (start, end = size) => {
        const bytes = new Uint8Array(Math.max(0, end - start));
        for (let at = 0; at < bytes.length; ) {
          const { bytesRead } = await handle.read(bytes, at, bytes.length - at, start + at);
          if (bytesRead === 0) throw new Error('it ends too early');
          at += bytesRead;
        }
        return bytes.buffer;
      },
    };
    const metadata = await parquetMetadataAsync(buffer);
    return { buffer, metadata, close: () => handle.close() };
  } catch (cause) {
    await handle.close();
    throw malformed(name, 1, 'file', `is not whole Parquet (${problemOf(cause).slice(0, 200)})`, cause);
  }
}

export const malformed = (file: string, line: number, field: string, reason: string, cause?: unknown) =>
  new TastegraphError('data/malformed', { file, line, field, reason }, cause);

/** Columns of a Parquet file; floats are numbers and lists of them vectors, as far as its schema says. Errors: as of reading. */
export async function parquetColumns(path: string, name: string) {
  const { metadata, close } = await openParquet(path, name);
  await close();
  const types = new Map<string, ColumnType>();
  const columns = schemaOf(metadata, name).children.map((column) => {
    let leaf = column;
    let isList = false;
    while (leaf.children.length === 1) {
      isList = true;
      leaf = leaf.children[0]!;
    }
    const isFloat = leaf.children.length === 0 && (leaf.element.type === 'FLOAT' || leaf.element.type === 'DOUBLE');
    if (isFloat) types.set(column.element.name, isList ? 'float_seq' : 'float');
    else if (isList) types.set(column.element.name, 'token_seq');
    return column.element.name;
  });
  return { columns, types };
}

/** Errors: data/malformed, where the elements of the schema do not make a tree. */
function schemaOf(metadata: FileMetaData, name: string) {
  try {
    return parquetSchema(metadata);
  } catch (cause) {
    throw malformed(name, 1, 'file', `has no whole schema (${problemOf(cause).slice(0, 200)})`, cause);
  }
}

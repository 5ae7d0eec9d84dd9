/** Opens a file or folder of any known format as a source of records. */
import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { sha256, sha256File } from '../durable.ts';
import { TastegraphError } from '../errors.ts';
import type { FileOptions } from '../options.ts';
import { libfmRows } from './libfm.ts';
import { itemAttributes, lightgcnList, listenTriples, s3recSequences, trustTable } from './lists.ts';
import { items100k, moviesCsv, ratings100k, ratingsCsv, tagsCsv, users100k } from './movielens.ts';
import type { FileReader } from './reader.ts';
import { type Format, type Listing, libfmParts, list, listRoles, recognise, tableName } from './recognise.ts';
import { beginning, type DataFile, type DataSource, type Role, roles } from './source.ts';
import { attributeTable, columnsOf, interactionTable } from './table.ts';

/** Errors: data/not-found, data/unknown-format, data/malformed (headers), options/invalid. */
export async function openData(path: string, options: FileOptions): Promise<DataSource> {
  const listing = await list(resolve(path));
  const format = options.format ?? (await recognise(listing, options));
  const readers = [...(await readersOf(format, listing, options)), ...(await besides(options))];
  readers.sort((a, b) => roles.indexOf(a.file.role) - roles.indexOf(b.file.role));
  const files = readers.map(({ file }) => file);
  const id = sha256(JSON.stringify([format, files.map((file) => file.path), mapping(options)])).slice(0, 32);
  return {
    format,
    path,
    id,
    files,
    totalBytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    async *batches(from = beginning) {
      let place = from;
      let bytesBefore = files.slice(0, from.file).reduce((sum, { bytes }) => sum + bytes, 0);
      for (let index = from.file; index < readers.length; index++) {
        if (index > from.file) place = { file: index, offset: 0, line: 0, read: place.read, bytes: bytesBefore };
        for await (const batch of readers[index]!.read(place, bytesBefore)) {
          place = batch.next;
          yield batch;
        }
        bytesBefore += files[index]!.bytes;
      }
    },
    digests: async () => {
      const digests: string[] = [];
      for (const file of files) digests.push(await sha256File(file.path));
      return digests;
    },
  };
}

/** The options that change what is read from the same files. */
const mapping = (options: FileOptions): unknown[] => [...Object.values(columnsOf(options)), options.delimiter ?? null];

/** Attribute and social files that the options name, whatever the format. */
async function besides(options: FileOptions): Promise<FileReader[]> {
  const readers: FileReader[] = [];
  if (options.userFile !== undefined)
    readers.push(await attributeTable(await fileAt(options.userFile, 'users'), options, 'user'));
  if (options.itemFile !== undefined)
    readers.push(await attributeTable(await fileAt(options.itemFile, 'items'), options, 'item'));
  if (options.socialFile !== undefined)
    readers.push(await trustTable(await fileAt(options.socialFile, 'trust'), options.delimiter));
  return readers;
}

async function fileAt(path: string, role: Role): Promise<DataFile> {
  try {
    return { name: basename(path), path: resolve(path), bytes: (await stat(path)).size, role };
  } catch (cause) {
    throw new TastegraphError('data/not-found', { path }, cause);
  }
}

async function readersOf(format: Format, listing: Listing, options: FileOptions): Promise<FileReader[]> {
  const at = (name: string, role: Role) => fileAt(listing.names.get(name) ?? `${listing.path}/${name}`, role);
  const has = (name: string) => listing.names.has(name);
  const expected = (what: string) => new TastegraphError('data/empty', { path: listing.path, expected: what });
  switch (format) {
    case 'movielens-100k': {
      const readers: FileReader[] = [];
      if (has('u.user')) readers.push(users100k(await at('u.user', 'users')));
      if (has('u.item'))
        readers.push(await items100k(await at('u.item', 'items'), (await at('u.genre', 'items')).path));
      return [...readers, ratings100k(await at('u.data', 'interactions'))];
    }
    case 'movielens-csv': {
      const readers: FileReader[] = [];
      if (has('movies.csv')) readers.push(await moviesCsv(await at('movies.csv', 'items'), options));
      if (has('tags.csv')) readers.push(await tagsCsv(await at('tags.csv', 'features'), options));
      return [...readers, await ratingsCsv(await at('ratings.csv', 'interactions'), options)];
    }
    case 'lightgcn': {
      const found = await listRoles(listing, format, options.format !== undefined);
      if (found === undefined) throw expected('train.txt and test.txt with lines "user item item …"');
      const readers: FileReader[] = [];
      for (const { name, part = 'train' } of found.interactions)
        readers.push(lightgcnList(await at(name, 'interactions'), part));
      return readers;
    }
    case 's3rec': {
      const found = await listRoles(listing, format, options.format !== undefined);
      if (found === undefined) throw expected('sequences.txt with lines "user item item …", oldest first');
      const readers: FileReader[] = [];
      if (found.attributes !== undefined) readers.push(itemAttributes(await at(found.attributes, 'items')));
      return [...readers, s3recSequences(await at(found.interactions[0]!.name, 'interactions'))];
    }
    case 'lastfm': {
      const found = await listRoles(listing, format, options.format !== undefined);
      if (found === undefined) throw expected('data1.txt with lines "user<TAB>item<TAB>count"');
      const readers: FileReader[] = [];
      for (const { name, part } of found.interactions)
        readers.push(listenTriples(await at(name, 'interactions'), part));
      if (found.trust !== undefined) readers.push(await trustTable(await at(found.trust, 'trust')));
      return readers;
    }
    case 'libfm': {
      const found = libfmParts(listing, options.format !== undefined);
      if (!found.some(({ part }) => part === 'train'))
        throw expected('train.libfm with lines "label index:1 index:1 …"');
      const readers: FileReader[] = [];
      for (const { name, part } of found) readers.push(libfmRows(await at(name, 'interactions'), part));
      return readers;
    }
    case 'csv':
    case 'jsonl': {
      const name = listing.single ?? (await tableName(listing, format, options));
      if (name === undefined)
        throw expected(`one ${format} file with columns ${options.userColumn} and ${options.itemColumn}`);
      return [await interactionTable(await at(name, 'interactions'), options, columnsOf(options))];
    }
  }
}

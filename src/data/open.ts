/** Opens a file or folder of any known format as a source of records. */
import { rmSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { sha256, sha256File } from '../durable.ts';
import { TastegraphError } from '../errors.ts';
import { type FileOptions, option } from '../options.ts';
import { attributeTable } from './attributeTable.ts';
import { exportManifest, exportReaders, readExportManifest } from './exported.ts';
import { gorseReader } from './gorse.ts';
import { columnsIn, interactionTable } from './interactionTable.ts';
import { libfmRows } from './libfm.ts';
import { itemAttributes, lightgcnList, listenTriples, s3recSequences, trustTable } from './lists.ts';
import { items100k, moviesCsv, ratings100k, ratingsCsv, tagsCsv, users100k } from './movielens.ts';
import type { FileReader } from './reader.ts';
import { type AtomicEnding, type AtomicFile, atomicName, atomicReader } from './recbole.ts';
import {
  atomicNames,
  type Format,
  gorseNames,
  type Listing,
  libfmParts,
  list,
  listRoles,
  recognise,
} from './recognise.ts';
import { beginning, type DataFile, type DataSource, type Role, roles } from './source.ts';
import { spool, stdinPath } from './stdin.ts';
import { tableOf } from './table.ts';
import { type TableRoles, tableRoles } from './tableRoles.ts';

/** How files are read; the home is where standard input is put aside. */
export type OpenOptions = FileOptions & { readonly home?: string };

/**
 * Opens a file, a folder, or standard input ('-'); or several of them, whose records come together, nodes first.
 * Errors: data/not-found, data/unknown-format, data/malformed (headers), options/invalid.
 */
export async function openData(path: string | readonly string[], options: OpenOptions): Promise<DataSource> {
  const given = typeof path === 'string' ? [path] : [...new Set(path)];
  const fileAt = fileNamer();
  const spooled: string[] = [];
  const opened: string[] = [];
  const readers: FileReader[] = [];
  for (const each of given) {
    const isStdin = each === stdinPath;
    const place = isStdin ? await spool(options.home ?? option.home.parse(undefined)) : resolve(each);
    if (isStdin) spooled.push(place);
    const listing = await list(place);
    const format = options.format ?? (await recognise(listing, options));
    opened.push(format);
    readers.push(...(await readersOf(format, listing, options, fileAt)));
  }
  readers.push(...(await besides(options, fileAt)));
  await checkColumns(readers, options);
  return sourceOf(readers, {
    format: [...new Set(opened)].join('+'),
    path: given.join(' '),
    how: mapping(options),
    spooled,
  });
}

/** Refuses a column that the options name and no file of attributes has. Errors: options/invalid. */
async function checkColumns(readers: readonly FileReader[], options: FileOptions): Promise<void> {
  const { numberColumns, textColumns, vectorColumns } = options;
  if (numberColumns.length + textColumns.length + vectorColumns.length === 0) return;
  const known = new Set<string>();
  for (const { file } of readers) {
    if (file.role !== 'users' && file.role !== 'items') continue;
    const table = await tableOf(file.path, options.delimiter);
    if (table?.encoding === 'jsonl') return; // a later line may have it
    for (const column of table?.columns ?? []) known.add(column);
  }
  for (const [name, columns] of Object.entries({ numberColumns, textColumns, vectorColumns })) {
    const given = columns.find((column) => !known.has(column));
    if (given === undefined) continue;
    const problem = `no file of attributes has that column. There are: ${[...known].join(', ') || 'none'}`;
    throw new TastegraphError('options/invalid', { name, where: 'the options', given, problem });
  }
}

/** Readers, one after another in the order of their roles, as one source. */
function sourceOf(
  unordered: readonly FileReader[],
  {
    format,
    path,
    how,
    spooled,
  }: {
    readonly format: string;
    readonly path: string;
    readonly how: unknown;
    readonly spooled: readonly string[];
  },
): DataSource {
  const readers = unordered.toSorted((a, b) => roles.indexOf(a.file.role) - roles.indexOf(b.file.role));
  const files = readers.map(({ file }) => file);
  const id = sha256(JSON.stringify([format, files.map((file) => file.path), how])).slice(0, 32);
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
      for (const file of files) {
        const digest = await sha256File(file.path);
        digests.push(digest);
        if (file.sha256 === undefined || file.sha256 === digest) continue;
        const reason = 'is not what the manifest beside it says: it was changed or damaged since it was written';
        throw new TastegraphError('data/malformed', { file: file.path, line: 1, field: 'sha256', reason });
      }
      return digests;
    },
    ...(spooled.length === 0 ? {} : { discard: () => spooled.forEach((file) => void rmSync(file, { force: true })) }),
  };
}

/** The options that change what is read from the same files. */
const mapping = (options: FileOptions): unknown[] => [
  ...Object.values(columnsIn(options)),
  options.delimiter ?? null,
  ...(options.numberColumns.length + options.textColumns.length + options.vectorColumns.length === 0
    ? []
    : [options.numberColumns, options.textColumns, options.vectorColumns]),
];

/** Attribute and social files that the options name, whatever the format. */
async function besides(options: FileOptions, fileAt: FileAt): Promise<FileReader[]> {
  const readers: FileReader[] = [];
  if (options.userFile !== undefined)
    readers.push(await attributeTable(await fileAt(options.userFile, 'users'), options, 'user'));
  if (options.itemFile !== undefined)
    readers.push(await attributeTable(await fileAt(options.itemFile, 'items'), options, 'item'));
  if (options.socialFile !== undefined)
    readers.push(await trustTable(await fileAt(options.socialFile, 'trust'), options.delimiter));
  return readers;
}

/** A file by its path. Errors: data/not-found. */
type FileAt = (path: string, role: Role) => Promise<DataFile>;

/** Names files as messages and the quarantine tell them apart: the second of one name, from another folder, by its path. */
function fileNamer(): FileAt {
  const names = new Set<string>();
  return async (path, role) => {
    const name = names.has(basename(path)) ? resolve(path) : basename(path);
    names.add(name);
    try {
      return { name, path: resolve(path), bytes: (await stat(path)).size, role };
    } catch (cause) {
      throw new TastegraphError('data/not-found', { path }, cause);
    }
  };
}

async function readersOf(
  format: Format,
  listing: Listing,
  options: FileOptions,
  fileAt: FileAt,
): Promise<FileReader[]> {
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
    case 'jsonl':
    case 'parquet': {
      const found: TableRoles | undefined =
        options.format !== undefined && listing.single !== undefined
          ? { interactions: [{ name: listing.single }] }
          : await tableRoles(listing, format, options);
      if (found === undefined)
        throw expected(`${format} files with columns ${options.userColumn} and ${options.itemColumn}`);
      const { interactions, users, items, trust } = found;
      const readers: FileReader[] = [];
      // A file that an option names is read once, as the option says.
      if (users !== undefined && options.userFile === undefined)
        readers.push(await attributeTable(await at(users, 'users'), options, 'user'));
      if (items !== undefined && options.itemFile === undefined)
        readers.push(await attributeTable(await at(items, 'items'), options, 'item'));
      for (const { name, part } of interactions)
        readers.push(await interactionTable(await at(name, 'interactions'), options, columnsIn(options), part));
      if (trust !== undefined && options.socialFile === undefined)
        readers.push(await trustTable(await at(trust, 'trust'), options.delimiter));
      return readers;
    }
    case 'recbole': {
      const names = await atomicNames(listing);
      if (names.length === 0) throw expected('atomic files with headers such as user_id:token between tabs');
      const roleOf: Readonly<Record<AtomicEnding, Role>> = {
        user: 'users',
        item: 'items',
        link: 'items',
        kg: 'features',
        inter: 'interactions',
        net: 'trust',
      };
      const atoms: AtomicFile[] = [];
      for (const name of names) {
        const { ending, part } = atomicName(name)!;
        atoms.push({ file: await at(name, roleOf[ending]), ending, part });
      }
      const links = atoms.filter(({ ending }) => ending === 'link').map(({ file }) => file);
      return await Promise.all(atoms.map((atom) => atomicReader(atom, options, links)));
    }
    case 'gorse': {
      const found = await gorseNames(listing);
      if (found.size === 0) throw expected('feedback.jsonl with lines {"FeedbackType", "UserId", "ItemId", …}');
      const readers: FileReader[] = [];
      for (const [name, role] of found) readers.push(await gorseReader(await at(name, role), role));
      return readers;
    }
    case 'tastegraph': {
      const manifest = readExportManifest(listing.path);
      if (manifest === undefined) throw expected(`a folder of 'tastegraph export', with its ${exportManifest}`);
      return await exportReaders(manifest, at);
    }
  }
}

/** Which format a path holds, by the names and the first lines of its files. */
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { TastegraphError } from '../errors.ts';
import { type FileOptions, formats } from '../options.ts';
import { exportManifest, readExportManifest } from './exported.ts';
import { type GorseRole, gorseRole } from './gorse.ts';
import { firstLines } from './reader.ts';
import { atomicName, isAtomic } from './recbole.ts';
import type { Part } from './records.ts';
import { endings, tableRoles } from './tableRoles.ts';

export type Format = (typeof formats)[number];

/** A file by its name in the folder, or the single file that was given. */
export interface Listing {
  readonly path: string;
  /** Full path by name; for a single file also the names beside it, which may say what it is. */
  readonly names: ReadonlyMap<string, string>;
  /** The single file, where a file was given. */
  readonly single?: string;
}

/** Errors: data/not-found. */
export async function list(path: string): Promise<Listing> {
  try {
    const isFolder = (await stat(path)).isDirectory();
    const folder = isFolder ? path : dirname(path);
    const entries = (await readdir(folder, { withFileTypes: true })).filter((entry) => !entry.isDirectory());
    const names = new Map(
      entries
        .map((entry) => entry.name)
        .sort()
        .map((name) => [name, join(folder, name)]),
    );
    return { path, names, ...(isFolder ? {} : { single: basename(path) }) };
  } catch (cause) {
    throw new TastegraphError('data/not-found', { path }, cause);
  }
}

/** What the lines of a text file look like. */
export type Layout = 'list' | 'triples' | 'pairs' | 'other';

/**
 * Layout of a file by its first lines: 'triples' are three columns between tabs with a number last, 'pairs' are two; a 'list'
 * is whole numbers between blanks. A list between tabs whose lines are all of one width would be taken for triples or pairs.
 */
export async function layoutOf(path: string): Promise<Layout> {
  const lines = (await firstLines(path, { latin1: true })).filter((line) => line.trim() !== '').slice(0, 1000);
  const share = (test: (line: string) => boolean) => lines.filter(test).length / Math.max(1, lines.length);
  // Some lines may be bad: those are for the quarantine, not for the layout.
  const most = 0.9;
  if (share((line) => /^[^\t]+\t[^\t]+\t-?[\d.]+$/.test(line)) >= most) return 'triples';
  if (share((line) => /^[^\t]+\t[^\t]+$/.test(line)) >= most) return 'pairs';
  if (share((line) => /^\d+(\s+\d+)*\s*$/.test(line)) >= most) return 'list';
  return 'other';
}

export interface Roles {
  readonly interactions: readonly { readonly name: string; readonly part?: Part }[];
  readonly attributes?: string;
  readonly trust?: string;
}

const textFile = /\.(txt|tsv|dat|inter)$|^[^.]+$/i;
const trainName = /^(train|data)/i;
const testName = /^test/i;
const validationName = /^val/i;

const partOrder: Record<Part, number> = { train: 0, validation: 1, test: 2 };
const isPart = (name: string): boolean => [trainName, testName, validationName].some((pattern) => pattern.test(name));
export const partOf = (name: string): Part =>
  testName.test(name) ? 'test' : validationName.test(name) ? 'validation' : 'train';

/** The files of a format of lists that are to be read, by their looks and names; `told` where the user named the format. */
export async function listRoles(
  listing: Listing,
  format: 'lightgcn' | 's3rec' | 'lastfm',
  told: boolean,
): Promise<Roles | undefined> {
  const candidates =
    listing.single === undefined ? [...listing.names.keys()].filter((name) => textFile.test(name)) : [listing.single];
  const wanted: Layout = format === 'lastfm' ? 'triples' : 'list';
  const found: string[] = [];
  const pairs: string[] = [];
  const unclear: string[] = [];
  for (const name of candidates) {
    const layout = await layoutOf(listing.names.get(name)!);
    if (layout === wanted) found.push(name);
    else if (layout === 'pairs') pairs.push(name);
    else if (layout === 'other' && (isPart(name) || listing.single !== undefined)) unclear.push(name);
  }
  if (found.length === 0 && !told) return undefined;
  // A part that is mostly bad lines is for the quarantine to tell of: it must not silently stay away.
  found.push(...unclear);
  const split = found.filter(isPart);
  if (format === 's3rec') {
    const sequences = found.filter((name) => !split.includes(name));
    const name = sequences.find((one) => /sequence/i.test(one)) ?? (sequences.length === 1 ? sequences[0] : undefined);
    if (name === undefined) return undefined;
    const attributes = [...listing.names.keys()].filter((one) => /attributes?\.json$/i.test(one));
    const own = attributes.find((one) => one.startsWith(name.replace(/\.[^.]+$/, '')));
    const attribute = own ?? (attributes.length === 1 ? attributes[0] : undefined);
    return { interactions: [{ name }], ...(attribute === undefined ? {} : { attributes: attribute }) };
  }
  const named = split
    .filter((name) => format === 'lastfm' || !/sequence/i.test(name))
    .map((name) => ({ name, part: partOf(name) }));
  const parts = named.sort((a, b) => partOrder[a.part] - partOrder[b.part]);
  if (!parts.some(({ part }) => part === 'train')) {
    // One file of triples under any name is listens without a split; of lists, only what is named as a part.
    return format === 'lastfm' && found.length === 1 ? { interactions: [{ name: found[0]! }] } : undefined;
  }
  const trust =
    format === 'lastfm'
      ? (pairs.find((name) => /trust|friend|social/i.test(name)) ?? (pairs.length === 1 ? pairs[0] : undefined))
      : undefined;
  return { interactions: parts, ...(trust === undefined ? {} : { trust }) };
}

/** Files of libfm by their ending, the training part first; one of another name is the training part. */
export function libfmParts({ names, single }: Listing, told = false): { readonly name: string; readonly part: Part }[] {
  const found = (single === undefined ? [...names.keys()] : [single]).filter(
    (name) => /\.(lib)?fm$/i.test(name) || (told && (single !== undefined || isPart(name))),
  );
  return found.map((name) => ({ name, part: partOf(name) })).sort((a, b) => partOrder[a.part] - partOrder[b.part]);
}

/** RecBole's atomic files; for a single one, the `.link` of its stem too, without which a `.kg` says nothing. */
export async function atomicNames({ names, single }: Listing): Promise<readonly string[]> {
  const found: string[] = [];
  const stem = single === undefined ? undefined : atomicName(single)?.stem;
  for (const [name, path] of names) {
    const parts = atomicName(name);
    if (parts === undefined) continue;
    const isLink =
      stem !== undefined && /\.kg(\.gz)?$/i.test(single!) && parts.ending === 'link' && parts.stem === stem;
    if (single !== undefined && name !== single && !isLink) continue;
    if (await isAtomic(path)) found.push(name);
  }
  return found;
}

/** The files of a dump of Gorse, by what they hold. */
export async function gorseNames({ names, single }: Listing): Promise<ReadonlyMap<string, GorseRole>> {
  const found = new Map<string, GorseRole>();
  for (const [name, path] of names) {
    if (single === undefined ? !endings.jsonl.test(name) : name !== single) continue;
    const role = await gorseRole(path);
    if (role !== undefined) found.set(name, role);
  }
  return found;
}

/** The format of what was listed. Errors: data/unknown-format. */
export async function recognise(listing: Listing, options: FileOptions): Promise<Format> {
  const has = (...names: readonly string[]) =>
    listing.single === undefined && names.every((name) => listing.names.has(name));
  if (has(exportManifest) && readExportManifest(listing.path) !== undefined) return 'tastegraph';
  if (has('u.data')) return 'movielens-100k';
  if (has('ratings.csv', 'movies.csv')) return 'movielens-csv';
  if (libfmParts(listing).length > 0) return 'libfm';
  if ((await atomicNames(listing)).length > 0) return 'recbole';
  if ((await gorseNames(listing)).size > 0) return 'gorse';
  for (const format of ['jsonl', 'csv', 'parquet'] as const)
    if ((await tableRoles(listing, format, options)) !== undefined) return format;
  // A split into train and test says more than a JSON file that lies beside it; a sequence file is never named so.
  for (const format of ['lastfm', 'lightgcn', 's3rec'] as const) {
    const roles = await listRoles(listing, format, false);
    if (roles !== undefined && (format !== 's3rec' || isS3rec(roles))) return format;
  }
  throw new TastegraphError('data/unknown-format', { path: listing.path, formats: formats.join(', ') });
}

/** A list of unknown order is not taken for a sequence: either the name or the attributes beside it must say so. */
const isS3rec = ({ interactions, attributes }: Roles): boolean =>
  attributes !== undefined || /sequence/i.test(interactions[0]!.name);

/** The files of MovieLens: 100K (`u.data`, `u.user`, `u.item`) and the later CSV releases. */
import type { FileOptions } from '../options.ts';
import { idOf } from './cells.ts';
import { idProblem, parseNumber, timeOfNumber } from './fields.ts';
import { interactionTable } from './interactionTable.ts';
import { type FileReader, firstLines, lineReader } from './reader.ts';
import type { FeatureValue } from './records.ts';
import type { DataFile } from './source.ts';
import { tableReader } from './table.ts';

/** `user<TAB>item<TAB>rating<TAB>seconds` */
export function ratings100k(file: DataFile): FileReader {
  return lineReader(file, (text, out) => {
    const fields = text.split('\t');
    if (fields.length !== 4) return { field: 'line', reason: `has ${fields.length} fields where 4 are expected` };
    const [user, item, rating, time] = fields as [string, string, string, string];
    const userProblem = idProblem(user);
    if (userProblem !== undefined) return { field: 'user', reason: userProblem };
    const itemProblem = idProblem(item);
    if (itemProblem !== undefined) return { field: 'item', reason: itemProblem };
    const value = parseNumber(rating);
    if (value === undefined) return { field: 'rating', reason: 'is not a number' };
    const seconds = parseNumber(time);
    const at = seconds === undefined ? undefined : timeOfNumber(seconds);
    if (at === undefined) return { field: 'time', reason: 'is not a time in seconds since 1970' };
    out.push({ kind: 'interaction', user, item, type: 'rating', at, value });
    return undefined;
  });
}

/** Age groups as MovieLens 1M cuts them: least age → name. */
const ageGroups = [
  [56, '56+'],
  [50, '50-55'],
  [45, '45-49'],
  [35, '35-44'],
  [25, '25-34'],
  [18, '18-24'],
  [0, 'under 18'],
] as const;

/** The age group of an age in years. */
export const ageGroup = (age: number): string => ageGroups.find(([least]) => age >= least)![1];

/** `user|age|gender|occupation|zip`; the postal code is left out: it tells who somebody is rather than what they like. */
export function users100k(file: DataFile): FileReader {
  return lineReader(
    file,
    (text, out) => {
      const fields = text.split('|');
      if (fields.length !== 5) return { field: 'line', reason: `has ${fields.length} fields where 5 are expected` };
      const [id, ageText, gender, occupation] = fields as [string, string, string, string, string];
      const problem = idProblem(id);
      if (problem !== undefined) return { field: 'user', reason: problem };
      const age = parseNumber(ageText);
      if (age === undefined || age < 0 || age > 150) return { field: 'age', reason: 'is not an age in years' };
      const features: FeatureValue[] = [{ kind: 'age group', value: ageGroup(age) }];
      if (gender !== '') features.push({ kind: 'gender', value: gender });
      if (occupation !== '') features.push({ kind: 'occupation', value: occupation });
      out.push({ kind: 'user', id, features });
      return undefined;
    },
    { latin1: true },
  );
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** '01-Jan-1995' → ms since 1970; undefined for anything else. */
function releaseDate(text: string): number | undefined {
  const [, day, month, year] = /^(\d{1,2})-([A-Za-z]{3})-(\d{4})$/.exec(text) ?? [];
  const index = months.indexOf(month?.toLowerCase() ?? '');
  if (index < 0) return undefined;
  const time = new Date(Date.UTC(Number(year), index, Number(day)));
  return time.getUTCDate() === Number(day) ? time.getTime() : undefined;
}

/** `item|title|release date|video release date|address|` and a 0 or 1 for each genre of `u.genre`; ISO 8859-1. */
export async function items100k(file: DataFile, genreFile: string): Promise<FileReader> {
  const genres = (await firstLines(genreFile, { latin1: true }))
    .filter((line) => line.includes('|'))
    .map((line) => line.split('|')[0]!);
  return lineReader(
    file,
    (text, out) => {
      const fields = text.split('|');
      if (fields.length !== 5 + genres.length) {
        return { field: 'line', reason: `has ${fields.length} fields where ${5 + genres.length} are expected` };
      }
      const [id, title, date] = fields as [string, string, string];
      const problem = idProblem(id);
      if (problem !== undefined) return { field: 'item', reason: problem };
      const at = date === '' ? undefined : releaseDate(date);
      if (date !== '' && at === undefined) return { field: 'release date', reason: 'is not a date like 01-Jan-1995' };
      const features: FeatureValue[] = [];
      for (const [index, genre] of genres.entries()) {
        const flag = fields[5 + index];
        if (flag !== '0' && flag !== '1') return { field: genre, reason: 'is neither 0 nor 1' };
        // 'unknown' is the lack of a genre, not one that films share.
        if (flag === '1' && genre !== 'unknown') features.push({ kind: 'genre', value: genre });
      }
      out.push({ kind: 'item', id, ...(title === '' ? {} : { title }), ...(at === undefined ? {} : { at }), features });
      return undefined;
    },
    { latin1: true },
  );
}

/** `ratings.csv`: userId, movieId, rating, timestamp in seconds. */
export function ratingsCsv(file: DataFile, options: FileOptions): Promise<FileReader> {
  return interactionTable(
    file,
    { ...options, delimiter: ',' },
    { user: 'userId', item: 'movieId', type: 'type', value: 'rating', time: 'timestamp', usualType: 'rating' },
  );
}

/** `movies.csv`: movieId, title, genres between bars. */
export function moviesCsv(file: DataFile, options: FileOptions): Promise<FileReader> {
  return tableReader(file, { ...options, delimiter: ',' }, () => (row, _columns, out) => {
    const id = idOf(row('movieId'));
    if (typeof id !== 'string') return { field: 'movieId', reason: id.reason };
    const title = row('title');
    const genres = row('genres');
    if (typeof title !== 'string' || typeof genres !== 'string')
      return { field: 'title', reason: 'or genres is missing' };
    const features: FeatureValue[] = [];
    if (genres !== '(no genres listed)') {
      for (const value of new Set(genres.split('|'))) if (value !== '') features.push({ kind: 'genre', value });
    }
    out.push({ kind: 'item', id, ...(title === '' ? {} : { title }), features });
    return undefined;
  });
}

/** `tags.csv`: userId, movieId, tag, timestamp. A tag is a feature of the film, in lower case so that spellings meet. */
export function tagsCsv(file: DataFile, options: FileOptions): Promise<FileReader> {
  return tableReader(file, { ...options, delimiter: ',' }, () => (row, _columns, out) => {
    const id = idOf(row('movieId'));
    if (typeof id !== 'string') return { field: 'movieId', reason: id.reason };
    const tag = row('tag');
    if (typeof tag !== 'string' || tag.length > 1000) return { field: 'tag', reason: 'is missing or too long' };
    const value = tag.trim().toLowerCase();
    if (value === '') return { field: 'tag', reason: 'is empty' };
    out.push({ kind: 'item', id, features: [{ kind: 'tag', value }] });
    return undefined;
  });
}

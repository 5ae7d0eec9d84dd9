/**
 * Records of RFC 4180. Where a record ends is found here rather than by the package, because a cut-off ingest needs the byte
 * after each record and a bad record must not swallow the good lines after it. What is in a record the package says; lines
 * without a quote (nearly all) need no more than a split.
 */
import { CsvError } from 'csv-parse';
import { parse } from 'csv-parse/sync';

const quote = 34;
const lineFeed = 10;

/** Fields of one record (which may hold line feeds within quotes), or what is wrong with it. */
export function splitRecord(text: string, delimiter: string): string[] | string {
  if (!text.includes('"')) return text.split(delimiter);
  try {
    return parse(text, { delimiter, relax_column_count: true })[0]!;
  } catch (thrown) {
    if (thrown instanceof CsvError) return problems[thrown.code] ?? `cannot be read: ${thrown.message}`;
    throw thrown;
  }
}

const problems: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'has a quote that is never closed',
  INVALID_OPENING_QUOTE: 'has a quote inside a field that does not start with one',
  CSV_INVALID_CLOSING_QUOTE: 'has text after the closing quote of a field',
};

/** Whether a record goes on after this line; `open` says whether the line starts within quotes. */
export function endsWithinQuotes(line: string, delimiter: string, open: boolean): boolean {
  if (!open && !line.includes('"')) return false;
  const separator = delimiter.charCodeAt(0);
  let fieldStart = true;
  for (let at = 0; at < line.length; at++) {
    const code = line.charCodeAt(at);
    if (open) {
      if (code !== quote) continue;
      if (line.charCodeAt(at + 1) === quote) at++;
      else open = false;
      fieldStart = false;
    } else if (code === quote && fieldStart) open = true;
    else fieldStart = code === separator;
  }
  return open;
}

/** Bytes up to the end of the last whole record; 0 where there is none. Without a delimiter, of the last whole line. */
export function endOfLastRecord(bytes: Buffer, delimiter: string | undefined): number {
  if (delimiter === undefined || bytes.indexOf(quote) < 0) return bytes.lastIndexOf(lineFeed) + 1;
  const separator = delimiter.charCodeAt(0);
  let end = 0;
  let open = false;
  let fieldStart = true;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (open) {
      if (byte !== quote) continue;
      if (bytes[at + 1] === quote) at++;
      else open = false;
      fieldStart = false;
    } else if (byte === lineFeed) {
      end = at + 1;
      fieldStart = true;
    } else if (byte === quote && fieldStart) open = true;
    else fieldStart = byte === separator;
  }
  return end;
}

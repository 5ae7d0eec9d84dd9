/**
 * Records of RFC 4180, read strictly: a quote opens only at the start of a field, and after its end comes a separator.
 * Of our own rather than a package's because a cut-off ingest needs the byte after each record, a bad record must not
 * swallow the good lines after it, and lines without a quote (nearly all) need no more than a split.
 */
const quote = 34;
const lineFeed = 10;

/** Fields of one record (which may hold line feeds within quotes), or what is wrong with it. */
export function splitRecord(text: string, delimiter: string): string[] | string {
  if (!text.includes('"')) return text.split(delimiter);
  const fields: string[] = [];
  for (let at = 0; ; ) {
    if (text.charCodeAt(at) === quote) {
      let field = '';
      for (let from = at + 1; ; ) {
        const end = text.indexOf('"', from);
        if (end < 0) return `has a quote in field ${fields.length + 1} that is never closed`;
        field += text.slice(from, end);
        at = end + 1;
        if (text.charCodeAt(at) !== quote) break;
        field += '"';
        from = at + 1;
      }
      fields.push(field);
      if (at < text.length && text[at] !== delimiter)
        return `has text after the closing quote of field ${fields.length}`;
    } else {
      const next = text.indexOf(delimiter, at);
      const field = text.slice(at, next < 0 ? text.length : next);
      if (field.includes('"')) return `has a quote inside field ${fields.length + 1}, which does not start with one`;
      fields.push(field);
      at = next < 0 ? text.length : next;
    }
    if (at >= text.length) return fields;
    at++; // the delimiter; a last empty field is found by the next round
  }
}

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

/** Colours where a person looks, and aligned tables. */
export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  green(text: string): string;
  red(text: string): string;
  cyan(text: string): string;
}

/** Colours for a stream; plain text where it is no terminal, or NO_COLOR is set (https://no-color.org). */
export function paintFor(stream: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv = process.env): Paint {
  const on = stream.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
  const style = (open: number, close: number) => (text: string) =>
    on ? `\u001b[${open}m${text}\u001b[${close}m` : text;
  return { bold: style(1, 22), dim: style(2, 22), green: style(32, 39), red: style(31, 39), cyan: style(36, 39) };
}

/**
 * What a terminal shows and nothing that it obeys but colours and lines: ids, titles and names of keys are what somebody sent, and a
 * control sequence of theirs would be done on the screen of whoever looks.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
export const shown = (text: string): string => text.replace(/\u001b(?!\[[\d;]*m)|(?![\n\t\u001b])\p{Cc}/gu, '\ufffd');

/** Columns of a terminal that a text takes; colours take none, wide East Asian letters two. */
export function widthOf(text: string): number {
  let width = 0;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character begins a colour.
  for (const letter of text.replace(/\u001b\[\d+m/g, '')) {
    const code = letter.codePointAt(0)!;
    const wide =
      code >= 0x1100 &&
      (code <= 0x115f ||
        (code >= 0x2e80 && code <= 0xa4cf) ||
        (code >= 0xac00 && code <= 0xd7a3) ||
        (code >= 0xf900 && code <= 0xfaff) ||
        (code >= 0xff00 && code <= 0xff60) ||
        code >= 0x1f300);
    width += /\p{Mark}/u.test(letter) ? 0 : wide ? 2 : 1;
  }
  return width;
}

const isNumber = (cell: string | undefined): boolean =>
  cell === undefined || /^[-+]?[\d.,]+( ?[%a-zA-Zµ/]+)?$|^–?$/.test(cell);

/** Rows under their headings; columns of numbers to the right. `indent` spaces stand before each line. */
export function formatTable(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  paint: Paint,
  indent = 0,
): string {
  const widths = heads.map((head, column) => Math.max(widthOf(head), ...rows.map((row) => widthOf(row[column] ?? ''))));
  const right = heads.map((_, column) => rows.length > 0 && rows.every((row) => isNumber(row[column])));
  const line = (cells: readonly string[]): string =>
    ' '.repeat(indent) +
    heads
      .map((_, column) => {
        const cell = cells[column] ?? '';
        const space = ' '.repeat(widths[column]! - widthOf(cell));
        return right[column] ? space + cell : cell + space;
      })
      .join('  ')
      .trimEnd();
  const lines = rows.map(line);
  return (heads.some(Boolean) ? [paint.dim(line(heads)), ...lines] : lines).join('\n');
}

/** 1234567 → '1,234,567'. */
export const formatCount = (value: number): string => Math.round(value).toLocaleString('en-US');

/** Seconds as a person says them: '0.8 s', '42 s', '3 min 5 s', '2 h 10 min'. */
export function formatSeconds(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** Bytes as a person says them: '512 B', '3.4 MiB'. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let power = 0;
  let value = bytes;
  for (; value >= 1024 && power < units.length - 1; power++) value /= 1024;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[power]}`;
}

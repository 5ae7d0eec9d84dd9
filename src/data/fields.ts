/** Single fields: ids, numbers and times, read strictly. A problem is told in words that follow the field's name. */

/** Longest id, in UTF-16 code units: more is a sign of a wrong column or separator. */
export const maxIdLength = 256;

export function idProblem(id: string): string | undefined {
  if (id.length === 0 || id.trim().length === 0) return 'is empty';
  if (id.length > maxIdLength) return `is longer than ${maxIdLength} characters`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
  if (/[\x00-\x1f\x7f]/.test(id)) return 'holds a control character';
  return undefined;
}

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** A finite decimal number; undefined for anything else ('', '0x10', 'Infinity', ' 1'). */
export function parseNumber(text: string): number | undefined {
  if (!decimal.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/** Numbers below this are seconds (until the year 5138), from it on milliseconds (after March 1973). */
const leastMilliseconds = 1e11;
const greatestTime = 8.64e15; // what a Date can hold

/** A count of seconds or milliseconds since 1970 → ms since 1970; undefined where it is out of range. */
export function timeOfNumber(value: number): number | undefined {
  const time = Math.round(Math.abs(value) < leastMilliseconds ? value * 1000 : value);
  return Number.isSafeInteger(time) && Math.abs(time) <= greatestTime ? time : undefined;
}

const iso = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(Z|[+-]\d\d:?\d\d)?)?$/;

/** Seconds or milliseconds since 1970, or ISO 8601 (UTC where it names no zone) → ms since 1970; undefined for anything else. */
export function parseTime(text: string): number | undefined {
  const number = parseNumber(text);
  if (number !== undefined) return timeOfNumber(number);
  const parts = iso.exec(text);
  if (parts === null) return undefined;
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', zone = 'Z'] = parts;
  const offset = zone === 'Z' || zone.includes(':') ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`;
  const milliseconds = fraction.padEnd(3, '0').slice(0, 3);
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${milliseconds}${offset}`);
  // Date.parse takes 31 February for 3 March: a day that is not in the month is a wrong date.
  if (Number.isNaN(time) || new Date(`${year}-${month}-${day}T00:00:00Z`).getUTCDate() !== Number(day))
    return undefined;
  return time;
}

/** Figures as people read them. */
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const percent = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1, signDisplay: 'negative' });
const fraction = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

/** 12,345. */
export const count = (value: number): string => whole.format(value);
/** 12.3K. */
export const compact = (value: number): string => short.format(value);
/** 12.3%. */
export const share = (value: number): string => percent.format(value).replace('-', '−');
/** Three digits that count. */
export const figure = (value: number): string => fraction.format(value);

/** Seconds as '3 ms', '2.1 s', '5 min', '3 h' or '12 days'. */
export function duration(seconds: number): string {
  if (seconds < 1) return `${figure(seconds * 1000)} ms`;
  if (seconds < 120) return `${figure(seconds)} s`;
  if (seconds < 7200) return `${whole.format(seconds / 60)} min`;
  if (seconds < 172_800) return `${whole.format(seconds / 3600)} h`;
  return `${whole.format(seconds / 86_400)} days`;
}

/** A moment in ms since 1970, in the reader's own time zone. */
export const moment = (ms: number): string =>
  new Date(ms).toLocaleString('en', { dateStyle: 'medium', timeStyle: 'short' });

/** A way to write the figures of one column with as many places each, so that they can be compared and added up. */
export function aligned(values: readonly number[]): (value: number) => string {
  const sizes = values.map(Math.abs).filter((size) => size > 0);
  const order = (size: number) => Math.floor(Math.log10(size));
  // Three digits of the greatest; of the least two, where four places are enough.
  const wanted = Math.max(2 - order(Math.max(...sizes)), Math.min(4, 1 - order(Math.min(...sizes))));
  const places = sizes.length > 0 ? Math.min(9, Math.max(0, wanted)) : 0;
  const format = new Intl.NumberFormat('en', {
    minimumFractionDigits: places,
    maximumFractionDigits: places,
    signDisplay: 'negative',
  });
  return (value) => format.format(value).replace('-', '−');
}

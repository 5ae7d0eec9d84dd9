/** What commands say of pipelines to a person. */
import type { Trace } from '../pipeline.ts';
import type { WhyNot } from '../serving/stages/whyNot.ts';
import { formatCount, formatTable, type Paint } from './terminal.ts';

/** What each stage did, and who found each item. */
export function traceLines({ stages, items }: Trace, paint: Paint): string {
  const rows = stages.map(({ stage, ms, in: taken, out, note }) => [
    stage,
    ms.toFixed(1),
    formatCount(taken),
    formatCount(out),
    note ?? '',
  ]);
  const found = items.map(({ item, from }, place) => [
    String(place + 1),
    item,
    from.map(({ source, place: at }) => `${source} ${at}`).join(', '),
  ]);
  const head = ['stage', 'ms', 'in', 'out', ''];
  return `\n${formatTable(head, rows, paint, 2)}\n\n${formatTable(['', 'item', 'found by, at place'], found, paint, 2)}`;
}

/** Where an item was lost. */
export function whyNotLines({ item, title, user, pipeline, because, sources }: WhyNot, paint: Paint): string {
  const head = `${paint.bold(title ?? item)} for user ${user}, pipeline ${pipeline}: ${because}`;
  if (sources.length === 0) return head;
  const rows = sources.map(({ source, place, quota }) => [source, formatCount(place), formatCount(quota)]);
  return `${head}\n\n${formatTable(['source', 'place', 'may bring'], rows, paint, 2)}`;
}

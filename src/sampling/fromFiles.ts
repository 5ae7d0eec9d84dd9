/** A snapshot straight from records, files or any data source, with no database between: for benchmarks, tests and a first look. */
import type { SharedAllocator } from '../compute/csr.ts';
import { type OpenOptions, openData } from '../data/open.ts';
import type { DataRecord } from '../data/records.ts';
import type { DataSource } from '../data/source.ts';
import { TastegraphError } from '../errors.ts';
import { type Report, silent } from '../progress.ts';
import { SnapshotBuilder } from './builder.ts';
import type { Snapshot } from './snapshot.ts';

export interface FromSourceOptions {
  /** Share of bad lines over which reading stops, in %. */
  readonly maxBadPercent: number;
  readonly allocator?: SharedAllocator;
}

/** A snapshot of records at hand. Errors: data/empty. */
export function snapshotFromRecords(
  records: Iterable<DataRecord>,
  source: string,
  allocator?: SharedAllocator,
): Snapshot {
  const builder = new SnapshotBuilder();
  for (const record of records) builder.add(record);
  if (builder.interactions === 0) throw new TastegraphError('data/empty', { path: source, expected: 'records' });
  return builder.build({ asOf: Date.now(), source, ...(allocator && { allocator }) });
}

/** `snapshotFromSource` of what lies at `path`. Errors: also those of `openData`. */
export async function snapshotFromFiles(
  path: string,
  options: OpenOptions,
  report: Report = silent,
  signal?: AbortSignal,
  allocator?: SharedAllocator,
): Promise<Snapshot> {
  const source = await openData(path, options);
  const { maxBadPercent } = options;
  try {
    return await snapshotFromSource(source, { maxBadPercent, ...(allocator && { allocator }) }, report, signal);
  } finally {
    source.discard?.();
  }
}

/**
 * Equal, array for array, to what comes out of the graph after an ingest of the same source.
 * Errors: those of the source; data/malformed at the first line over the limit of bad ones; data/empty.
 */
export async function snapshotFromSource(
  source: DataSource,
  { maxBadPercent, allocator }: FromSourceOptions,
  report: Report = silent,
  signal?: AbortSignal,
): Promise<Snapshot> {
  const builder = new SnapshotBuilder();
  const asOf = Date.now();
  let bad = 0;
  let firstBad:
    | { readonly file: string; readonly line: number; readonly field: string; readonly reason: string }
    | undefined;
  let read = 0;
  for await (const batch of source.batches()) {
    signal?.throwIfAborted();
    for (const record of batch.records) builder.add(record);
    bad += batch.bad.length;
    firstBad ??= batch.bad[0];
    read = batch.next.read;
    const note = bad > 0 ? `${bad} bad lines` : undefined;
    report({
      phase: 'reading',
      done: batch.next.bytes,
      total: source.totalBytes,
      unit: 'bytes',
      ...(note && { note }),
    });
  }
  if (firstBad && (100 * bad) / Math.max(read, 1) > maxBadPercent) {
    const { file, line, field, reason } = firstBad;
    const share = `the first of ${bad} bad lines of ${read}, over the limit of ${maxBadPercent} %`;
    throw new TastegraphError('data/malformed', { file, line, field, reason: `${reason} (${share})` });
  }
  if (builder.interactions === 0)
    throw new TastegraphError('data/empty', { path: source.path, expected: source.format });
  report({ phase: 'building', done: 0, unit: 'interactions' });
  return builder.build({
    asOf,
    source: source.format === 'generated' ? 'generated' : 'files',
    ...(allocator && { allocator }),
  });
}

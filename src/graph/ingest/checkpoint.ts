/**
 * How far an ingest is, kept in the graph itself: a lane's progress changes in the same transaction as the batch that it
 * speaks of. So after a crash at any moment, or a commit whose answer was lost, exactly the batches that count as written
 * are written. (A file beside the database could only be right up to a replay of the last batch.)
 */
import { randomUUID } from 'node:crypto';
import { beginning, type DataSource, type Place } from '../../data/source.ts';
import { TastegraphError } from '../../errors.ts';
import type { Graph } from '../driver.ts';
import { statement } from '../statements.ts';
import { laneCount, layout, type Position } from './partition.ts';

export interface Checkpoint {
  readonly id: string;
  readonly run: string;
  /** Whether an earlier process was cut off, and this one goes on. */
  readonly resumed: boolean;
  /** Where reading goes on: no lane has anything to write before it. */
  readonly from: Place;
  /** What each lane has written last. */
  readonly written: readonly Position[];
}

export const laneId = (id: string, lane: number): string => `${id}/${lane}`;

interface LaneRow extends Position {
  readonly id: string;
  readonly resume: string;
}

interface IngestRow {
  readonly run: string | null;
  readonly finished: boolean | null;
  readonly layout: string | null;
  readonly digests: readonly string[] | null;
  readonly lanes: readonly LaneRow[];
}

/** Goes on where an earlier process was cut off, or begins anew. Errors: data/changed. */
export async function begin(graph: Graph, source: DataSource, restart: boolean): Promise<Checkpoint> {
  const { id } = source;
  const digests = await source.digests();
  const run = randomUUID();
  return graph.write(async (tx) => {
    const result = await tx.run(statement('write/ingest-begin'), { id });
    const known = result.records[0]!.toObject() as unknown as IngestRow;
    const cutOff = known.run !== null && known.finished === false && known.lanes.length === laneCount;
    if (cutOff && !restart && known.layout === layout) {
      const places = known.lanes.map((lane) => JSON.parse(lane.resume) as Place);
      const from = places.reduce((a, b) => (a.file < b.file || (a.file === b.file && a.offset <= b.offset) ? a : b));
      const changed = source.files.find((_, index) => known.digests?.[index] !== digests[index]);
      if (changed !== undefined) {
        const done = `${from.bytes} of ${source.totalBytes} bytes`;
        throw new TastegraphError('data/changed', { file: changed.path, done });
      }
      return { id, run: known.run, resumed: true, from, written: known.lanes };
    }
    const lanes = Array.from({ length: laneCount }, (_, lane) => laneId(id, lane));
    await tx.run(statement('write/ingest-restart'), {
      id,
      run,
      source: source.path,
      format: source.format,
      layout,
      digests,
      startedAt: Date.now(),
      lanes,
      resume: JSON.stringify(beginning),
    });
    return { id, run, resumed: false, from: beginning, written: lanes.map(() => ({ file: 0, end: 0, part: 0 })) };
  });
}

/** What an ingest did, over all the processes that it took. */
export interface Totals {
  readonly usersCreated: number;
  readonly itemsCreated: number;
  readonly featuresCreated: number;
  readonly interactionsRead: number;
  readonly interactionsCreated: number;
  readonly interactionsRepeated: number;
  readonly featureEdgesRead: number;
  readonly featureEdgesCreated: number;
  readonly trustRead: number;
  readonly trustCreated: number;
  readonly trustRepeated: number;
}

/** Notes that the source was read to its end. Errors: data/taken-over. */
export async function finish(graph: Graph, source: DataSource, { id, run }: Checkpoint): Promise<Totals> {
  return graph.write(async (tx) => {
    const result = await tx.run(statement('write/ingest-finish'), { id, run, finishedAt: Date.now() });
    const row = result.records[0];
    if (row === undefined) throw new TastegraphError('data/taken-over', { path: source.path });
    return row.toObject() as unknown as Totals;
  });
}

/** The seam between whatever holds data (files of some format, a generated world) and whatever takes it in. */
import type { BadLine, DataRecord } from './records.ts';

/** What a file holds. Files are read in this order, so that nodes come before what connects them. */
export const roles = ['users', 'items', 'features', 'interactions', 'trust'] as const;
export type Role = (typeof roles)[number];

export interface DataFile {
  /** As messages and the quarantine name it: relative to the source's folder. */
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
  readonly role: Role;
  /** What the digest of the content must be, where whoever wrote the file left it. */
  readonly sha256?: string;
}

/** A place between two lines, from which reading can go on. The zero place is the beginning of the first file. */
export interface Place {
  /** Index into `DataSource.files`. */
  readonly file: number;
  /** Bytes of that file before the place, unpacked; rows of Parquet; entries, where the file is one JSON value. */
  readonly offset: number;
  /** Lines of that file before the place, its header included. */
  readonly line: number;
  /** Lines of all files before the place that were to hold a record, bad ones included; headers and empty lines do not count. */
  readonly read: number;
  /** Bytes of all files before the place, for progress. */
  readonly bytes: number;
}

export const beginning: Place = { file: 0, offset: 0, line: 0, read: 0, bytes: 0 };

/** Some consecutive lines of one file, read. The cuts between batches depend on the bytes alone, from any place on. */
export interface Batch {
  /** In the order of the lines; a line of a list gives many. Repeated keys are left in: the last one counts. */
  readonly records: readonly DataRecord[];
  /** At most one a line. */
  readonly bad: readonly BadLine[];
  /** The place after the batch. */
  readonly next: Place;
}

export interface DataSource {
  /** One of the formats in the options, several with a '+' between, or 'generated'. */
  readonly format: string;
  /** What was opened, as messages name it. */
  readonly path: string;
  /** Equal for the same files read the same way, whatever they hold: names the checkpoint of an ingest. */
  readonly id: string;
  readonly files: readonly DataFile[];
  readonly totalBytes: number;
  /**
   * Reads on from a place. Streaming: holds a few batches of bounded size, whatever the files' size.
   * Errors: data/not-found, data/malformed (a header or a whole JSON file that cannot be read).
   */
  batches(from?: Place): AsyncIterable<Batch>;
  /** SHA-256 of each file's content, in the order of `files`: tells whether a cut-off ingest may go on. */
  digests(): Promise<readonly string[]>;
  /** Removes what was put aside for the reading; to be called once the source was taken in. Absent where nothing was. */
  discard?(): void;
}

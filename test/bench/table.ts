/** What a benchmark hands to the runner: one row a measurement, beside what it is compared to. */
export interface BenchTable {
  readonly title: string;
  readonly columns: readonly string[];
  /** One cell a column; numbers with their unit as a person reads them. */
  readonly rows: readonly (readonly string[])[];
  /** What must be known to read the table: data, protocol, which peer was absent. */
  readonly notes: readonly string[];
  /** The same figures for programs. */
  readonly figures?: Readonly<Record<string, number>>;
}

/** A Python with torch, to be compared with. */
export interface Peer {
  readonly python: string;
  /** '3.11.2' and '2.9.0'. */
  readonly pythonVersion: string;
  readonly torchVersion: string;
}

export interface BenchContext {
  /** Folder of the benchmark's sources, where its Python files lie. */
  readonly folder: string;
  /** Folder of the data sets; undefined where they are not on this machine. */
  readonly data: string | undefined;
  /** Absent where no Python with torch was found; `notes` should then say so. */
  readonly peer: Peer | undefined;
  /** Runs a Python file of `folder` with the peer and returns the JSON object of its last line. */
  readonly runPeer: (file: string, args: readonly string[]) => Promise<Readonly<Record<string, unknown>>>;
  readonly args: readonly string[];
  readonly log: (line: string) => void;
}

export type Bench = (context: BenchContext) => Promise<BenchTable>;

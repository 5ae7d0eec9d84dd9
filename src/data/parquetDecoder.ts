/**
 * Row groups decoded on a thread of their own. The library trusts what a page says of itself: a damaged one may keep it busy for ever,
 * or ask for all memory. The thread has a time and a memory limit and is ended alone; decoding beside the main thread is faster, too.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { TastegraphError } from '../errors.ts';
import { packageRoot } from '../package.ts';
import type { Cell } from './cells.ts';

export type ParquetRow = Readonly<Record<string, Cell>>;

/** Rows [from, to) of a row group that is held from its row `first` to before `end`. */
export interface RowsRequest {
  readonly first: number;
  readonly end: number;
  readonly from: number;
  readonly to: number;
}

/** Column by column: a copy of rows would carry the names of all columns with each. */
export interface Columns {
  readonly names: readonly string[];
  readonly values: readonly (readonly Cell[])[]; // by name
}

export type RowsAnswer = Columns | { readonly problem: string };

export interface RowGroup {
  readonly first: number;
  readonly end: number;
  /** Of its values, before compression. */
  readonly bytes: number;
  readonly broken: (reason: string, cause?: unknown) => TastegraphError;
}

export interface DecoderLimits {
  /** Least time that a row group may take, ms; a larger one may take longer. */
  readonly patienceMs: number;
  readonly memoryMb: number;
}

/** A group may take a second for so many bytes: a tenth of what one core does. */
const bytesPerSecond = 1_000_000;

export class ParquetDecoder {
  readonly #worker: Worker;
  readonly #limits: DecoderLimits;
  #answer: (answer: RowsAnswer) => void = () => {};
  #isEnded = false;

  /** Errors: compute/not-built. */
  constructor(path: string, name: string, limits: DecoderLimits = { patienceMs: 60_000, memoryMb: 4096 }) {
    const script = join(packageRoot, 'dist', 'data', 'parquetWorker.js');
    if (!existsSync(script)) throw new TastegraphError('compute/not-built', { path: script });
    this.#limits = limits;
    this.#worker = new Worker(script, {
      workerData: { path, name },
      name: 'tastegraph-parquet',
      execArgv: [], // such as --input-type, which a worker's file refuses
      resourceLimits: { maxOldGenerationSizeMb: limits.memoryMb },
    });
    this.#worker.on('message', (answer: RowsAnswer) => this.#answer(answer));
    this.#worker.on('error', ({ message }: Error) => this.#end(`cannot be read (${message})`));
    this.#worker.on('exit', () => this.#end('cannot be read'));
  }

  /** Errors: data/malformed, by the group's `broken`. One request at a time. */
  async rows({ first, end, bytes, broken }: RowGroup, from: number, to: number): Promise<ParquetRow[]> {
    const limitMs = this.#limits.patienceMs + (1000 * bytes) / bytesPerSecond;
    let late: NodeJS.Timeout | undefined;
    const answer = await new Promise<RowsAnswer>((resolve) => {
      this.#answer = resolve;
      if (this.#isEnded) return resolve({ problem: 'cannot be read' });
      const seconds = Math.ceil(limitMs / 1000);
      late = setTimeout(() => resolve({ problem: `is not read after ${seconds} s: it must be damaged` }), limitMs);
      const request: RowsRequest = { first, end, from, to };
      this.#worker.postMessage(request);
    });
    clearTimeout(late);
    if ('problem' in answer) throw broken(answer.problem);
    return rowsOf(answer, to - from);
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #end(problem: string): void {
    this.#isEnded = true;
    this.#answer({ problem });
  }
}

function rowsOf({ names, values }: Columns, count: number): ParquetRow[] {
  return Array.from({ length: count }, (_, row) => {
    const cells: Record<string, Cell> = {};
    for (const [column, name] of names.entries()) cells[name] = values[column]![row]!;
    return cells;
  });
}

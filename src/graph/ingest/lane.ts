/** One of the sessions that write side by side: its tasks in order, each in one transaction with the note that it is written. */
import type { DataRecord } from '../../data/records.ts';
import type { BlockedUsers } from '../blocked.ts';
import type { Graph } from '../driver.ts';
import { statement } from '../statements.ts';
import { type Checkpoint, laneId } from './checkpoint.ts';
import type { Nodes } from './nodes.ts';
import type { Position, Task } from './partition.ts';
import { NodesGone, noCounts, writeWork } from './work.ts';

/** Tasks that may wait for a lane: enough to keep it busy, few enough to bound the memory. */
const mostWaiting = 2;

/** How often nodes are made again before that is told as an error. */
const mostRepairs = 3;

export class Lane {
  readonly #graph: Graph;
  readonly #id: string;
  readonly #run: string;
  readonly #written: Position;
  readonly #nodes: Nodes;
  readonly #blocked: BlockedUsers;
  readonly #inFlight: Promise<void>[] = [];

  constructor(graph: Graph, checkpoint: Checkpoint, lane: number, nodes: Nodes, blocked: BlockedUsers) {
    this.#graph = graph;
    this.#nodes = nodes;
    this.#blocked = blocked;
    this.#id = laneId(checkpoint.id, lane);
    this.#run = checkpoint.run;
    this.#written = checkpoint.written[lane]!;
  }

  /** Whether an earlier process has written this task. */
  has({ position: { file, end, part } }: Task): boolean {
    const written = this.#written;
    if (file !== written.file) return file < written.file;
    return end !== written.end ? end < written.end : part <= written.part;
  }

  /** Hands over a task that was cut from `records`; waits while too many are. Rejects with what an earlier task failed on, after which nothing is written. */
  async push(task: Task, records: readonly DataRecord[], written: () => void): Promise<void> {
    while (this.#inFlight.length >= mostWaiting) await this.#inFlight[0];
    const before = this.#inFlight.at(-1) ?? Promise.resolve();
    const own = before
      .then(() => this.#repair(task, records))
      .then(() => {
        void this.#inFlight.shift();
        written();
      });
    own.catch(() => {}); // whoever waits for it next learns of it
    this.#inFlight.push(own);
  }

  /** Waits until all that was pushed is written. */
  async drain(): Promise<void> {
    await this.#inFlight.at(-1);
  }

  async #repair(task: Task, records: readonly DataRecord[]): Promise<void> {
    for (let repairs = 0; ; repairs++) {
      try {
        return await this.#write(task);
      } catch (cause) {
        if (!(cause instanceof NodesGone) || repairs === mostRepairs) throw cause;
        this.#nodes.forget();
        await this.#nodes.ensure(records);
      }
    }
  }

  async #write({ position, resume, work }: Task): Promise<void> {
    await this.#graph.write(async (tx) => {
      const claim = { lane: this.#id, run: this.#run, ...position };
      const claimed = await tx.run(statement('write/ingest-claim'), claim);
      if (claimed.records.length === 0) return;
      const counts = { ...noCounts, ...(await writeWork(tx, this.#blocked.admittedWork(work))) };
      await tx.run(statement('write/ingest-advance'), {
        lane: this.#id,
        ...position,
        resume: JSON.stringify(resume),
        counts,
      });
    });
  }
}

import type { Table } from '../../models/model.ts';

/**
 * What the embedding store needs of a table beside what models need: its part in checkpoints.
 *
 * A checkpoint is: `flush`, save the arrays of `state` (and make that durable), `settle`. Going back to one is: fill the arrays
 * of `state`, `restored`. A table in memory has its numbers in those arrays and nothing else to do; one in a file has there
 * only the number of the generation of its file that the checkpoint means.
 */
export interface StoredTable extends Table {
  /** Arrays that a checkpoint keeps, by name. The arrays themselves, not copies. */
  state(): Iterable<readonly [string, Float32Array]>;
  /** Brings what is only in memory to where `state` means it. */
  flush(): void;
  /** The checkpoint is safe: what neither it nor one of `kept` (copies of the arrays of `state`) means may go. */
  settle(kept: readonly Float32Array[]): void;
  /** The arrays of `state` were filled from a checkpoint. Errors: training/checkpoint-corrupt. */
  restored(): void;
  dispose(): void;
}

/** Where a long operation stands. `total` is absent where it cannot be known. */
export interface Progress {
  /** What is being done, in words for a person: 'interactions', 'epoch 3'. */
  readonly phase: string;
  readonly done: number;
  readonly total?: number;
  /** Unit of `done` and `total`: 'interactions', 'bytes', 'steps'. */
  readonly unit: string;
  /** A short remark beside the bar: 'recall@20 0.171', '3 quarantined'. */
  readonly note?: string;
}

/** Receives progress; called often, so it must be cheap. The command line draws a bar from it, tests collect it. */
export type Report = (progress: Progress) => void;

export const silent: Report = () => {};

import type { Csr, SharedAllocator } from './csr.ts';
import type { GreedyKernels } from './greedy.ts';
import { adamCorrection } from './optimizers.ts';
import type { PairKernels } from './pairs.ts';
import type { KernelVariant } from './pool.ts';
import type { SearchKernels } from './search.ts';
import type { TableKernels } from './tables.ts';

export { adamConstants } from './optimizers.ts';
export type { PackedBytes, PackedRows, TopK } from './search.ts';

/** Moment estimates' decay, step length and guard of Adam (Kingma & Ba, ICLR 2015, algorithm 1). */
export interface AdamStep {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Number of this step, from 1, for the bias corrections. */
  readonly step: number;
}

/** What Adam's kernels are told: step length, the two decays and the guard. */
export function adamArguments(adam: AdamStep): [number, number, number, number] {
  const [rate, guard] = adamCorrection(adam, adam.learningRate, adam.step);
  return [rate, adam.beta1, adam.beta2, guard];
}

/** A table with the two moments of each of its numbers, all [rows, dim] in the kernels' memory. */
export interface Moments {
  readonly parameters: Float32Array;
  readonly first: Float32Array;
  readonly second: Float32Array;
}

/**
 * Kernels over one shared memory, run by a pool of threads. Every array argument lies in that memory (`floats`, `ints`, `put`).
 * Results do not depend on the number of threads, and each has a plain twin in `reference.ts` or the folder beside it. Widths are
 * multiples of 8, except where a kernel says that it takes any.
 * Errors: compute/memory, compute/worker-failed.
 */
export interface Kernels extends SharedAllocator, PairKernels, SearchKernels, TableKernels, GreedyKernels {
  readonly threads: number;
  readonly variant: KernelVariant;
  /** Bytes of the kernels' memory in use. */
  readonly used: number;
  floats(length: number): Float32Array;
  ints(length: number): Int32Array;
  /** The same numbers in the kernels' memory: the array itself where it already lies there. */
  put<A extends Float32Array | Int32Array>(array: A): A;
  /** Like `floats`, with whatever the memory held: for what is written whole before it is read. */
  unfilled(length: number): Float32Array;
  /** Whether an array lies in the kernels' memory. */
  holds(array: Float32Array | Int32Array): boolean;
  /** Room that a kernel needs while it runs, the same each time for a name; kept, and grown where it is too small. */
  scratch(name: string, length: number): Float32Array;
  /**
   * Runs an exported kernel over [0, total) in chunks of `grain`; arguments are numbers and byte offsets. For the tensor backend,
   * whose many kernels are described by its own operations. Errors: compute/worker-failed.
   */
  run(kernel: string, total: number, grain: number, ...args: number[]): void;
  /** Gives arrays of the kernels' memory back; others are passed over. */
  release(...arrays: (Float32Array | Int32Array | undefined)[]): void;

  /** y = scale · (A x + add), for all rows of A, or y[o] for rows[o]. x: [cols, dim]; y, add: [outputs, dim]. Any dim. */
  multiplySparse(matrix: Csr, x: Float32Array, y: Float32Array, dim: number, more?: SparseProduct): void;
  /** y = A X for an X of which few rows are not zero: x holds those, row slots[c] is X[c]. x: [slots in use, dim]; y: [rows, dim]. */
  multiplySlots(matrix: Csr, slots: Int32Array, x: Float32Array, y: Float32Array, dim: number): void;
  /** Last backward propagation and Adam on its result, row by row; see `propagateAdam` in `kernels/sparse.ts`. */
  propagateAdam(
    matrix: Csr,
    batch: PropagationGradient,
    table: Moments,
    dim: number,
    adam: AdamStep,
    lazy: boolean,
  ): void;
  /** y[o] = x[ids[o]], rows of x being `stride` apart (dim where not given). Any dim. */
  gatherRows(ids: Int32Array, x: Float32Array, y: Float32Array, dim: number, stride?: number): void;
  /** y[ids[o]] += x[o]; repeated ids add up in order. */
  scatterAdd(ids: Int32Array, x: Float32Array, y: Float32Array, dim: number): void;
  /** unit[r] = x[r] / ‖x[r]‖ for the first `rows`; inverse[r] = 1 / ‖x[r]‖. */
  unitRows(rows: number, x: Float32Array, unit: Float32Array, inverse: Float32Array, dim: number): void;
  /** Gradient through unitRows, in place of `d`. */
  unitRowsGradient(rows: number, unit: Float32Array, inverse: Float32Array, d: Float32Array, dim: number): void;
  /** out[o] = ⟨a[left[o]], b[right[o]]⟩ for the first `count`. */
  dotPairs(
    count: number,
    a: Float32Array,
    left: Int32Array,
    b: Float32Array,
    right: Int32Array,
    out: Float32Array,
    dim: number,
  ): void;
  /**
   * Adds noise of one length to each row, in the direction of the row's own signs; see `perturbRows` in `kernels/noise.ts`. x has all
   * rows, or the first `count` of `rows`. `keys` are those of a `RandomStream`.
   */
  perturbRows(
    keys: readonly [number, number],
    length: number,
    x: Float32Array,
    dim: number,
    chosen?: { readonly rows: Int32Array; readonly count: number },
  ): void;
  /** In-batch softmax loss with its gradients; see `SoftmaxBatch`. Returns the mean loss. */
  softmaxLoss(batch: SoftmaxBatch, x: Float32Array, dim: number, temperature: number, gradient: Float32Array): number;
  /**
   * Logistic loss over negatives that groups share, with its gradients, a sum over all: see `LogisticBatch`. gradient: [2, padded, dim],
   * that of left rows, then of right.
   */
  logisticLoss(batch: LogisticBatch, x: Float32Array, dim: number, gradient: Float32Array): number;
  close(): Promise<void>;
}

export interface SparseProduct {
  /** Rows of the matrix to compute, one for each output; all where absent. */
  readonly rows?: Int32Array;
  readonly outputs?: number;
  readonly add?: Float32Array;
  readonly scale?: number;
}

export interface PropagationGradient {
  /** Place of each node in the batch, −1 elsewhere. */
  readonly slots: Int32Array; // [nodes]
  /** Gradient at the batch's nodes; only needed where it is propagated, or the nodes' own. */
  readonly gradient?: Float32Array | undefined; // [slots in use, dim]
  /** Whether a node's gradient is also its own, beside what it gets of its neighbours; it is where absent. */
  readonly own?: boolean;
  /** Weight of the squared norm for each of them. */
  readonly decay: Float32Array; // [slots in use]
  /** What has been propagated back so far; the gradient itself (by slots) where absent. */
  readonly propagated?: Float32Array; // [nodes, dim]
  readonly scale: number;
}

/**
 * A batch for the in-batch softmax loss. Position p pairs row left[p] with row right[p] of x; the positives of the other
 * positions in the same group of `size` are its negatives, unless they are the same item.
 */
export interface SoftmaxBatch {
  readonly count: number;
  readonly size: number;
  readonly left: Int32Array; // [padded], padded = count rounded up to a multiple of size
  readonly right: Int32Array; // [padded]; equal numbers are the same item
  /** The positive is not among what it is held against: the sum is over negatives alone. */
  readonly decoupled?: boolean;
  /** Weight of the positive's score beside the logarithm of the sum; 1 where absent. */
  readonly pull?: number;
}

/**
 * Row left[p] of x meets all rows right[q] of its group of `size`, each as a negative:
 * loss = Σ_p Σ_q (base + leftWeights[p] · rightWeights[q]) · ln(1 + e^⟨x_left[p], x_right[q]⟩)
 */
export interface LogisticBatch {
  readonly count: number;
  readonly size: number;
  readonly left: Int32Array; // [padded], padded = count rounded up to a multiple of size
  readonly right: Int32Array; // [padded], all in use
  readonly base: number;
  readonly leftWeights: Float32Array; // [padded]
  readonly rightWeights: Float32Array; // [padded]
}

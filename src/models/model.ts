/**
 * What a model is: a definition (one object) and what it creates. What comes out declares what it *can do*; the rest of the
 * program asks for the ability, never for the name.
 */
import type { z } from 'zod';
import type { Csr } from '../compute/csr.ts';
import type { Kernels } from '../compute/kernels.ts';
import type { Tensors } from '../compute/tensors.ts';
import type { LabelledRows } from '../sampling/rows.ts';
import type { Snapshot } from '../sampling/snapshot.ts';

/** A named table of `rows × dim` floats with its optimizer state, in the kernels' memory. Belongs to the embedding store. */
export interface Table {
  readonly name: string;
  readonly rows: number;
  readonly dim: number;
  readonly parameters: Float32Array; // [rows, dim]
  readonly first: Float32Array; // [rows, dim], mean of the gradients
  readonly second: Float32Array; // [rows, dim], mean of their squares
  /** [n] → [n, dim]. */
  gather(ids: Int32Array, out: Float32Array): void;
  /** Adam on the rows of `ids` [n] with gradients [n, dim]; repeated ids are summed first. */
  apply(ids: Int32Array, gradients: Float32Array, update: RowUpdate): void;
}

export interface RowUpdate {
  readonly learningRate: number;
  readonly l2: number;
  /** Number of the step, from 1, for Adam's bias corrections. */
  readonly step: number;
}

/** Where tables come from; it keeps them for checkpoints and gives their memory back. */
export interface TableStore {
  /** A table whose rows are drawn uniformly from ±bound(row). Same seed and name, same numbers. */
  table(name: string, shape: { readonly rows: number; readonly dim: number }, bound: (row: number) => number): Table;
}

export interface ModelContext<O> {
  readonly snapshot: Snapshot;
  /** The training part: users × items, one entry for each liked pair, ascending. */
  readonly train: Csr;
  readonly options: O;
  readonly seed: number;
  readonly kernels: Kernels;
  readonly store: TableStore;
  /** Single interactions of the training part with their labels, where the model learns from rows. */
  readonly rows?: LabelledRows;
  /** Where the model is written on tensors. */
  readonly tensors?: Tensors;
}

export type ModelFamily = 'graph' | 'factor' | 'neighbor' | 'autoencoder' | 'tabular' | 'sequence' | 'content';

export interface ModelDefinition<S extends z.ZodRawShape = z.ZodRawShape> {
  readonly name: string;
  readonly family: ModelFamily;
  /** Authors, title, venue and year. */
  readonly paper: string;
  readonly summary: string;
  readonly options: z.ZodObject<S>;
  readonly needs: readonly ('features' | 'social' | 'time')[];
  /** From liked pairs, or from single interactions with labels, which it is then judged by. */
  readonly learns: 'pairs' | 'rows';
  /** Whether it is written on tensors, and so needs a backend of them. */
  readonly tensors: boolean;
  create(context: ModelContext<z.output<z.ZodObject<S>>>): Model;
}

/** Keeps the options' types while letting definitions stand in one list. */
export function defineModel<S extends z.ZodRawShape>(definition: ModelDefinition<S>): ModelDefinition<S> {
  return definition;
}

/** score(u, i) = ⟨p_u, q_i⟩ + b_i. */
export interface Vectors {
  readonly dim: number;
  readonly users: Float32Array; // [|U|, dim]
  readonly items: Float32Array; // [|I|, dim]
  /** What an item has for everyone; 0 where absent. */
  readonly itemBias?: Float32Array; // [|I|]
}

/** Trained by gradients, one step at a time. */
export interface Trained {
  readonly stepsPerEpoch: number;
  /** One optimizer step on batch `step` of `epoch`; returns its mean loss. The same seed, epoch and step give the same update. */
  step(epoch: number, step: number): number | Promise<number>;
}

/**
 * Linear in the user's edges, with q_i and the length of p_u held fixed:
 *
 *   score(u, i) = b_i + ⟨own_u, q_i⟩ + Σ_{j ∈ N(u)} w_uj ⟨message_j, q_i⟩        The parts sum to the score.
 */
export interface Contributions {
  readonly dim: number;
  readonly own: Float32Array; // [|U|, dim], what no interaction carries
  readonly messages: Float32Array; // [|I|, dim]
  /** w of each entry of the training matrix, in its order. */
  readonly weights: Float32Array; // [nnz]
}

export interface Model {
  readonly trained?: Trained;
  /**
   * Rows whose dot product, with the item's bias, is the score. Computed anew from the present parameters at each call. What
   * users have done is `seen`, users × items, for models that read it when they are asked and not only when they learn.
   */
  vectors?(seen: Csr): Vectors | Promise<Vectors>;
  /** Probability that each row is liked. [n] */
  scoreRows?(rows: LabelledRows): Promise<Float32Array>;
  /** A user's scores of all items, where they are no dot products. [|I|] */
  scoreItems?(user: number, out: Float32Array): void;
  contributions?(): Contributions;
  /** Frees what it holds of the kernels' memory. */
  dispose(): void;
}

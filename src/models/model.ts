/**
 * What a model is: a definition (one object) and what it creates. What comes out declares what it *can do*; the rest of the
 * program asks for the ability, never for the name.
 */
import type { z } from 'zod';
import type { Csr } from '../compute/csr.ts';
import type { Kernels } from '../compute/kernels.ts';
import type { Snapshot } from '../sampling/snapshot.ts';

export interface ModelContext<O> {
  readonly snapshot: Snapshot;
  /** The training part: users × items, one entry for each liked pair, ascending. */
  readonly train: Csr;
  readonly options: O;
  readonly seed: number;
  readonly kernels: Kernels;
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
  create(context: ModelContext<z.output<z.ZodObject<S>>>): Model;
}

/** Keeps the options' types while letting definitions stand in one list. */
export function defineModel<S extends z.ZodRawShape>(definition: ModelDefinition<S>): ModelDefinition<S> {
  return definition;
}

/** A named array of learned or optimizer state: what a checkpoint and a version keep. */
export interface NamedArray {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

export interface Vectors {
  readonly dim: number;
  readonly users: Float32Array; // [|U|, dim]
  readonly items: Float32Array; // [|I|, dim]
}

/** Trained by gradients, one step at a time. */
export interface Trained {
  readonly stepsPerEpoch: number;
  /** One optimizer step on batch `step` of `epoch`; returns its mean loss. The same seed, epoch and step give the same update. */
  step(epoch: number, step: number): number;
  /** Everything a resumed run needs to go on as if it had not stopped: parameters and optimizer state, in place. */
  readonly state: readonly NamedArray[];
}

/**
 * Linear in the user's edges: score(u, i) = ⟨own_u, q_i⟩ + Σ_{j ∈ N(u)} w_uj ⟨message_j, q_i⟩ with q_i held fixed.
 * The parts sum to the score.
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
  /** score = dot product of a user's and an item's row. Computed anew from the present parameters at each call. */
  vectors?(): Vectors;
  contributions?(): Contributions;
  /** Frees what it holds of the kernels' memory. */
  dispose(): void;
}

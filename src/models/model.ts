/**
 * What a model is: a definition (one object) and what it creates. What comes out declares what it *can do*; the rest of the
 * program asks for the ability, never for the name.
 */
import type { z } from 'zod';
import type { Csr } from '../compute/csr.ts';
import type { Kernels, Moments, TopK } from '../compute/kernels.ts';
import type { DenseOptimizer, OptimizerStep, RowOptimizer } from '../compute/optimizers.ts';
import type { Tensors } from '../compute/tensors.ts';
import type { Report } from '../progress.ts';
import type { Feed } from '../sampling/feed.ts';
import type { LabelledRows } from '../sampling/rows.ts';
import type { Snapshot } from '../sampling/snapshot.ts';

/**
 * A named table of `rows × dim` floats with its optimizer state. Belongs to the embedding store, which may keep it in memory or
 * in a file: models ask for rows by id and hand back their gradients, and never hold a table. Ids must be rows of the table.
 */
export interface Table {
  readonly name: string;
  readonly rows: number;
  readonly dim: number;
  readonly optimizer: RowOptimizer;
  /** [n] → [n, dim]. */
  gather(ids: Int32Array, out: Float32Array): void;
  /** The distinct rows of `ids`, ascending, and which of them each position has: ids[n] = rows[places[n]]. The caller's own. */
  unique(ids: Int32Array): DistinctRows;
  /** One optimizer step on the rows of `ids` [n] with gradients [n, dim]; those of repeated ids are summed first, in order. */
  apply(ids: Int32Array, gradients: Float32Array, update: RowUpdate): void;
}

export interface DistinctRows {
  readonly rows: Int32Array; // [u]
  readonly places: Int32Array; // [n]
}

/** A step's learning rate and number (from 1), and what else it does to gradients. */
export type RowUpdate = OptimizerStep;

/** A table that lies whole in the kernels' memory, with Adam's moments: for models whose steps reach every row. */
export interface WholeTable extends Table, Moments {}

export interface TableShape {
  readonly rows: number;
  readonly dim: number;
  /** Adam where not given. */
  readonly optimizer?: RowOptimizer;
}

/** First values of rows. Each number is drawn by its place, so neither threads nor the order of reading matter. */
export type Initial =
  /** Uniform in ±bound(row). */
  | ((row: number) => number)
  /** Normal with this deviation; `truncated` draws within two deviations only (and is not rescaled for it). */
  | { readonly kind: 'normal'; readonly deviation: number; readonly truncated?: boolean }
  | { readonly kind: 'zeros' };

/** Where tables come from; it keeps them for checkpoints and gives their memory back. Same seed and name, same first values. */
export interface TableStore {
  table(name: string, shape: TableShape, initial: Initial): Table;
  /** A table whole in memory, by Adam. Errors: training/whole-table where tables were to lie on disk. */
  whole(name: string, shape: Omit<TableShape, 'optimizer'>, initial: Initial): WholeTable;
}

/**
 * First values of a dense parameter [..., in, out]; the leading dimensions of a convolution's kernel multiply both.
 *
 *   xavier-uniform     ±√(6 / (in + out))            Glorot & Bengio, AISTATS 2010, eq. 16
 *   xavier-normal      deviation √(2 / (in + out))   eq. 12
 *   kaiming-uniform    ±√(6 / in)                    He et al., ICCV 2015, eq. 10, for ReLU
 *   kaiming-normal     deviation √(2 / in)
 *   truncated-normal   deviation 0.02 where not given, within two deviations, not rescaled (BERT, GPT)
 */
export type DenseInitial =
  | 'xavier-uniform'
  | 'xavier-normal'
  | 'kaiming-uniform'
  | 'kaiming-normal'
  | 'truncated-normal'
  | 'zeros'
  | 'ones'
  | { readonly kind: 'truncated-normal' | 'normal'; readonly deviation: number }
  | { readonly kind: 'uniform'; readonly bound: number };

/** A named dense array. `values` are changed in place by `apply`. */
export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly optimizer: DenseOptimizer;
  readonly values: Float32Array; // [∏ shape], row-major, in the kernels' memory
  /** What its optimizer keeps, as far as it does; changed in place too. */
  readonly first?: Float32Array | undefined; // [∏ shape]
  readonly second?: Float32Array | undefined; // [∏ shape]
}

/** The dense weights of a model, beside its tables. */
export interface ParameterStore {
  /** A new parameter; by Adam where no optimizer is given. A name is given once. */
  add(name: string, shape: readonly number[], initial: DenseInitial, optimizer?: DenseOptimizer): Parameter;
  /** One optimizer step with the gradient [∏ shape], which may lie anywhere. */
  apply(name: string, gradient: Float32Array, step: Omit<OptimizerStep, 'clip'>): void;
}

/** What the trainer lays down for every model's steps. */
export interface Pace {
  /** Share of the learning rate that a step has, numbered from 1 over all epochs. */
  rate(step: number): number;
  /** Longest gradient of a step over all parameters. */
  readonly clipNorm?: number | undefined;
}

/** The whole learning rate at every step, nothing clipped. */
export const steady: Pace = { rate: () => 1 };

export interface ModelContext<O> {
  readonly snapshot: Snapshot;
  /** The training part: users × items, one entry for each liked pair, ascending. */
  readonly train: Csr;
  readonly options: O;
  readonly seed: number;
  readonly kernels: Kernels;
  readonly store: TableStore;
  readonly parameters: ParameterStore;
  readonly pace: Pace;
  /** What gives the batches of steps. */
  readonly feed: Feed;
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
  /** Whether it draws pairs as often as their weights say, where types of interaction have weights; else each counts the same. */
  readonly weighsPairs?: true;
  /** Whether it is written on tensors, and so needs a backend of them; 'too' where it has a form of its own on the kernels beside that. */
  readonly tensors: boolean | 'too';
  /** Why no score has exact parts, in a sentence, where none has: what people are told in their place. */
  readonly unattributed?: string;
  /** Whether, with these options, it learns from subgraphs, which may come from the live database. */
  subgraphs?(options: z.output<z.ZodObject<S>>): boolean;
  /** The tables that it will ask for, and the room of a step, in bytes: known before any of it is taken. */
  memory(context: Pick<ModelContext<z.output<z.ZodObject<S>>>, 'snapshot' | 'train' | 'options'>): {
    readonly tables: readonly TableShape[];
    readonly batchBytes: number;
  };
  /**
   * What a published version of it has by the data's users and features, for when some of them are taken out: what each row of
   * a parameter table is of, and options that else follow from the data's size. Absent where there is neither.
   */
  published?(context: Pick<ModelContext<z.output<z.ZodObject<S>>>, 'snapshot' | 'train' | 'options'>): PublishedShape;
  /** Vectors of users from those of the items that they did, where a user is nothing else. */
  usersOfItems?(options: z.output<z.ZodObject<S>>): UsersOfItems;
  create(context: ModelContext<z.output<z.ZodObject<S>>>): Model;
}

/** `seen` is users × items, with weights where items count differently; items: [|I|, dim]. Gives [users, dim]. */
export type UsersOfItems = (seen: Csr, items: Float32Array, dim: number) => Float32Array;

export interface PublishedShape {
  /** Names of the rows by table, unique within it. */
  readonly rows?: Readonly<Record<string, readonly string[]>>;
  readonly options?: Readonly<Record<string, unknown>>;
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

/** score(u, i) = Σ_{j ∈ N(u)} W[j, i], N(u) what the user has done: items × items, with weights, rows ascending. */
export type ItemWeights = Csr & Required<Pick<Csr, 'weights'>>;

/**
 * Scores that are sums over what a user has done, by a matrix F of items × items that is never held: score(·) = F x, x being 1 at
 * her items and 0 elsewhere. It works on many histories at once; each is a row of a matrix over the items.
 */
export interface ItemFilter {
  /** The k best items for each history, without those that the same row of `exclude` names. */
  best(histories: Csr, k: number, exclude?: Csr): TopK;
  /** F x for each history. [histories, |I|] */
  scores(histories: Csr, out: Float32Array): void;
  /** A row of F: what each item adds to the score of `item` for those who have done it. [|I|] */
  parts(item: number, out: Float32Array): void;
}

/**
 * Vectors of users who are nothing but what they did in its order: one pass of the model as it was trained, at once, and the vector that
 * `vectors` gives who has that sequence.
 */
export interface SequenceReader {
  /** Most items that it reads, the newest. */
  readonly length: number;
  /** Items oldest first, 1 to `length` of them. [n] → [dim] */
  read(items: Int32Array): Float32Array;
}

/** An item that was not there when the model was trained, by the dense indices of what it is known by. */
export interface NewItem {
  readonly features: Int32Array; // [f]
  readonly weights: Float32Array; // [f]
  /** Items that people chose together with it, and how much leads to each. */
  readonly neighbours: Int32Array; // [n]
  readonly visits: Float32Array; // [n]
}

export interface Model {
  readonly trained?: Trained;
  /** Computes the model in closed form, at once, where it is not trained step by step. */
  fit?(report: Report, signal: AbortSignal): void | Promise<void>;
  /**
   * Rows whose dot product, with the item's bias, is the score. Computed anew from the present parameters at each call. What
   * users have done is `seen`, users × items, for models that read it when they are asked and not only when they learn.
   */
  vectors?(seen: Csr): Vectors | Promise<Vectors>;
  /** What each item that a user has done adds to the score of each other, where that is the whole score. */
  itemWeights?(): ItemWeights;
  /** Probability that each row is liked. [n] */
  scoreRows?(rows: LabelledRows): Promise<Float32Array>;
  /** Probability that a user likes each of some items, in no known circumstances. [n] */
  scorePairs?(user: number, items: Int32Array): Promise<Float32Array>;
  /** A user's scores of all items, where they are no dot products. [|I|] */
  scoreItems?(user: number, out: Float32Array): void;
  /** What makes scores of what a user has done, where that is no matrix to be kept. Its own to dispose of. */
  filter?(): ItemFilter;
  contributions?(): Contributions;
  readonly sequences?: SequenceReader;
  /** Brings what lies on a device alone back to tables and parameters: before they are saved. */
  bringBack?(): Promise<void>;
  /** Tables and parameters were filled from elsewhere: what a device has of them is out of date. */
  refilled?(): void;
  /** The vector of an item that came after the training, as `vectors` gives those of the others. [dim] */
  embedNew?(item: NewItem): Promise<Float32Array>;
  /** Frees what it holds of the kernels' memory. */
  dispose(): void;
}

/** One optimizer step of a model that is written on tensors: rows in, loss, gradients out, rows and weights updated. */
import { globalNorm } from '../compute/clipping.ts';
import type { Kernels } from '../compute/kernels.ts';
import type { Tensor, Tensors, Tf } from '../compute/tensors.ts';
import type { Pace, Parameter, ParameterStore, Table } from './model.ts';

/** Positions of a batch that are rows of a table. */
export interface Lookup {
  readonly table: Table;
  readonly ids: Int32Array; // [n]
}

/** Weights by name, as tensors of a step. */
export type Named = Readonly<Record<string, Tensor>>;

/** Gives a forward pass its rows and weights out of the inputs: those of the step, or what takes their place in a gradient. */
type Run = <T extends Tensor>(forward: Forward<T>, inputs: readonly Tensor[]) => T;

/** Tensors of weights and of the rows of some look-ups, for as long as `use` runs; what it returns is kept. */
function withInputs<T extends Tensor>(
  { tensors, kernels, weights }: TensorSide,
  lookups: readonly Lookup[],
  use: (inputs: Tensor[], run: Run) => T,
): { readonly result: T; readonly inputs: readonly Tensor[]; readonly rows: readonly Int32Array[] } {
  const distinct = lookups.map(({ table, ids }) => table.unique(ids));
  const rowsOf = (table: Table, ids: Int32Array, shape: readonly number[]): Tensor => {
    const values = kernels.unfilled(ids.length * table.dim);
    table.gather(ids, values);
    return tensors.adopt(values, shape);
  };
  const inputs = [
    ...lookups.map(({ table }, n) => rowsOf(table, distinct[n]!.rows, [distinct[n]!.rows.length, table.dim])),
    ...weights.map(({ values, shape }) => {
      const copy = kernels.unfilled(values.length);
      copy.set(values);
      return tensors.adopt(copy, shape);
    }),
  ];
  const places = distinct.map(({ places }) => tensors.adopt(places, [places.length]));
  const result = use(inputs, (forward, xs) => {
    const looked = lookups.map((_, n) => tensors.tf.gather(xs[n]!, places[n] as ReturnType<Tf['tensor1d']>));
    return forward(looked, Object.fromEntries(weights.map(({ name }, n) => [name, xs[lookups.length + n]!])));
  });
  tensors.tf.dispose(places as Tensor[]);
  return { result, inputs, rows: distinct.map(({ rows }) => rows) };
}

export interface TensorSide {
  readonly tensors: Tensors;
  readonly kernels: Kernels;
  readonly weights: readonly Parameter[];
  readonly parameters: ParameterStore;
  readonly pace: Pace;
}

/** Rows [n, dim] of each look-up and the weights by name → a result. */
export type Forward<T extends Tensor> = (rows: readonly Tensor[], weights: Named) => T;

export interface Update {
  readonly learningRate: number;
  /** Number of the step, from 1. */
  readonly step: number;
  /** Of the looked-up rows; weights have none. */
  readonly l2?: number;
}

/**
 * The loss of a batch, a scalar, and one update by its gradients, at the trainer's pace. Nothing is updated where the loss or the
 * gradients' length, which is then returned in its place, is not finite: what was learned before stays.
 */
export async function tensorStep(
  side: TensorSide,
  lookups: readonly Lookup[],
  update: Update,
  loss: Forward<Tensor>,
): Promise<number> {
  const { tensors, kernels, weights, parameters, pace } = side;
  const { tf } = tensors;
  let gradients: readonly Tensor[] = [];
  const { result, inputs, rows } = withInputs(side, lookups, (all, run) => {
    const { value, grads } = tf.valueAndGrads((...xs: Tensor[]) => run(loss, xs) as ReturnType<Tf['scalar']>)(all);
    gradients = grads;
    return value as Tensor;
  });
  // All asked for at once: a GPU's answers then come together.
  const read = await Promise.all([result, ...gradients].map((tensor) => tensors.read(tensor)));
  const [losses, ...values] = read as [Float32Array, ...Float32Array[]];
  const mean = losses[0]!;
  const { norm, scale } = globalNorm(kernels, values, pace.clipNorm ?? Number.POSITIVE_INFINITY);
  const finite = Number.isFinite(mean) && Number.isFinite(norm);
  if (finite) {
    const step = { learningRate: update.learningRate * pace.rate(update.step), step: update.step, scale };
    const rowStep = { ...step, l2: update.l2 ?? 0 };
    for (const [n, { table }] of lookups.entries()) table.apply(rows[n]!, values[n]!, rowStep);
    for (const [n, { name }] of weights.entries()) parameters.apply(name, values[lookups.length + n]!, step);
  }
  tf.dispose([result, ...inputs, ...gradients]);
  return finite || !Number.isFinite(mean) ? mean : norm;
}

/** What `forward` gives, without gradients, as numbers of the caller's own. */
export async function tensorForward(
  side: TensorSide,
  lookups: readonly Lookup[],
  forward: Forward<Tensor>,
): Promise<Float32Array> {
  const { tensors } = side;
  const { result, inputs } = forwardOnce(side, lookups, forward);
  const values = (await tensors.read(result)).slice() as Float32Array;
  tensors.tf.dispose([result, ...inputs]);
  return values;
}

function forwardOnce(side: TensorSide, lookups: readonly Lookup[], forward: Forward<Tensor>) {
  return withInputs(side, lookups, (all, run) => side.tensors.tf.tidy(() => run(forward, all)));
}

/** The same at once, for backends that can: serving answers within a call. */
export function tensorForwardSync(
  side: TensorSide,
  lookups: readonly Lookup[],
  forward: Forward<Tensor>,
): Float32Array {
  const { result, inputs } = forwardOnce(side, lookups, forward);
  const values = result.dataSync() as Float32Array; // a copy
  side.tensors.tf.dispose([result, ...inputs]);
  return values;
}

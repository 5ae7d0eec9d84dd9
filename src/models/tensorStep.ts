/** One optimizer step of a model that is written on tensors: rows in, loss, gradients out, rows and weights updated. */
import type { Kernels } from '../compute/kernels.ts';
import type { Tensor, Tensors } from '../compute/tensors.ts';
import type { Initial, RowUpdate, Table, TableStore } from './model.ts';

/** A dense parameter, kept as a table whose every row each step reaches: checkpoints and versions know no other kind. */
export interface Weight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly table: Table;
  readonly ids: Int32Array;
}

/** A weight of the given shape; its last dimension is the table's width. */
export function weight(store: TableStore, name: string, shape: readonly number[], initial: Initial): Weight {
  const dim = shape.at(-1) ?? 1;
  const rows = shape.reduce((product, size) => product * size, 1) / dim;
  return { name, shape, table: store.whole(name, { rows, dim }, initial), ids: Int32Array.from(Array(rows).keys()) };
}

/** Glorot & Bengio, AISTATS 2010, eq. 16: uniform in ±√(6 / (inputs + outputs)). */
export const xavier = (inputs: number, outputs: number): Initial => {
  const bound = Math.sqrt(6 / (inputs + outputs));
  return () => bound;
};
export const zeros: Initial = { kind: 'zeros' };

/** Positions of a batch that are rows of a table. */
export interface Lookup {
  readonly table: Table;
  readonly ids: Int32Array; // [n]
}

/** Weights by name, as tensors of a step. */
export type Named = Readonly<Record<string, Tensor>>;

/** Tensors of weights and of the rows of some look-ups, for as long as `use` runs; what it returns is kept. */
function withInputs<T extends Tensor>(
  { tensors, kernels, weights }: TensorSide,
  lookups: readonly Lookup[],
  use: (inputs: readonly Tensor[], places: readonly Tensor[]) => T,
): { readonly result: T; readonly inputs: readonly Tensor[]; readonly rows: readonly Int32Array[] } {
  const distinct = lookups.map(({ table, ids }) => table.unique(ids));
  const rowsOf = (table: Table, ids: Int32Array, shape: readonly number[]): Tensor => {
    const values = kernels.floats(ids.length * table.dim);
    table.gather(ids, values);
    return tensors.adopt(values, shape);
  };
  const inputs = [
    ...lookups.map(({ table }, n) => rowsOf(table, distinct[n]!.rows, [distinct[n]!.rows.length, table.dim])),
    ...weights.map(({ table, ids, shape }) => rowsOf(table, ids, shape)),
  ];
  const places = distinct.map(({ places }) => tensors.adopt(places, [places.length]));
  const result = use(inputs, places);
  tensors.tf.dispose(places as Tensor[]);
  return { result, inputs, rows: distinct.map(({ rows }) => rows) };
}

export interface TensorSide {
  readonly tensors: Tensors;
  readonly kernels: Kernels;
  readonly weights: readonly Weight[];
}

/** Rows [n, dim] of each look-up and the weights by name → a result. */
export type Forward<T extends Tensor> = (rows: readonly Tensor[], weights: Named) => T;

const named = (weights: readonly Weight[], inputs: readonly Tensor[]): Named =>
  Object.fromEntries(weights.map(({ name }, n) => [name, inputs[inputs.length - weights.length + n]!]));

/**
 * The loss of a batch, a scalar, and one update by its gradients. Nothing is updated where the loss is not finite: what was
 * learned before stays as it was.
 */
export async function tensorStep(
  side: TensorSide,
  lookups: readonly Lookup[],
  update: RowUpdate,
  loss: Forward<Tensor>,
  weightUpdate: RowUpdate = update,
): Promise<number> {
  const { tensors, weights } = side;
  const { tf } = tensors;
  let gradients: readonly Tensor[] = [];
  const { result, inputs, rows } = withInputs(side, lookups, (all, places) => {
    const { value, grads } = tf.valueAndGrads((...xs: Tensor[]) => {
      const looked = lookups.map((_, n) => tf.gather(xs[n]!, places[n] as ReturnType<typeof tf.tensor1d>));
      return loss(looked, named(weights, xs)) as ReturnType<typeof tf.scalar>;
    })(all as Tensor[]);
    gradients = grads;
    return value as Tensor;
  });
  const mean = (await tensors.read(result))[0]!;
  if (Number.isFinite(mean)) {
    const gradientOf = async (n: number) => (await tensors.read(gradients[n]!)) as Float32Array;
    for (const [n, { table }] of lookups.entries()) table.apply(rows[n]!, await gradientOf(n), update);
    for (const [n, { table, ids }] of weights.entries())
      table.apply(ids, await gradientOf(lookups.length + n), weightUpdate);
  }
  tf.dispose([result, ...inputs, ...gradients]);
  return mean;
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
  const { tensors, weights } = side;
  const { tf } = tensors;
  return withInputs(side, lookups, (all, places) =>
    tf.tidy(() => {
      const looked = lookups.map((_, n) => tf.gather(all[n]!, places[n] as ReturnType<typeof tf.tensor1d>));
      return forward(looked, named(weights, all));
    }),
  );
}

/** The same at once, for backends that can: serving answers within a call. */
export function tensorForwardSync(
  side: TensorSide,
  lookups: readonly Lookup[],
  forward: Forward<Tensor>,
): Float32Array {
  const { result, inputs } = forwardOnce(side, lookups, forward);
  const values = result.dataSync() as Float32Array;
  const own = values.slice();
  side.tensors.tf.dispose([result, ...inputs]);
  return own;
}

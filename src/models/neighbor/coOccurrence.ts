/** Weights between items that come of the users who have both. */
import type { Csr } from '../../compute/csr.ts';
import { inKernels, releaseCopy } from '../../compute/inKernels.ts';
import type { Kernels } from '../../compute/kernels.ts';
import type { PairFactors } from '../../compute/pairs.ts';
import { transpose } from '../../sampling/relations.ts';
import type { ItemWeights } from '../model.ts';
import { itemWeightsOf, sparseColumns } from './itemWeights.ts';

/** Rows are users, columns items. */
export interface CoOccurrence extends PairFactors {
  /** Weights that are kept in each column, the largest. */
  readonly neighbours: number;
  /** What is made of a weight; in the order of what it is given. Nothing where absent. */
  readonly sharpened?: (weight: number) => number;
  /** Called now and then with the columns that are done. */
  look(done: number): void;
}

/**
 * W[from, to] = Σ_u ofRow[u] · ofFrom[from] · ofTo[to] over the users who have both, column by column, without its diagonal; `train` is
 * users × items.
 */
export async function coOccurrenceWeights(
  kernels: Kernels,
  train: Csr,
  { neighbours, sharpened, look, ...factors }: CoOccurrence,
): Promise<ItemWeights> {
  const users = inKernels(kernels, train);
  const people = transpose(train, kernels);
  const most = Math.min(neighbours, train.cols);
  try {
    const made = await itemWeightsOf(
      train.cols,
      sparseColumns(train.cols, (first, count) => {
        look(first);
        return kernels.coOccurrence(users, people, factors, most, first, count);
      }),
    );
    if (sharpened) for (const [entry, weight] of made.weights.entries()) made.weights[entry] = sharpened(weight);
    return made;
  } finally {
    kernels.release(people.offsets, people.indices);
    releaseCopy(kernels, users, train);
  }
}

/** Most room that the weights take while they are made: there are no more than pairs of items that a user has. */
export function coOccurrenceBytes({ rows, cols, offsets }: Csr, neighbours: number): number {
  let pairs = 0;
  for (let user = 0; user < rows; user++) pairs += (offsets[user + 1]! - offsets[user]!) ** 2;
  return 24 * Math.min(pairs, cols * Math.min(neighbours, cols));
}

/** d_u^power for the rows of a matrix; 0 for empty ones. */
export function degreePowers({ rows, offsets }: Csr, power: number): Float64Array {
  return Float64Array.from({ length: rows }, (_, row) => {
    const degree = offsets[row + 1]! - offsets[row]!;
    return degree > 0 ? degree ** power : 0;
  });
}

/** The same for its columns. */
export function columnPowers({ cols, indices }: Csr, power: number): Float64Array {
  const degrees = new Float64Array(cols);
  for (const column of indices) degrees[column]!++;
  return degrees.map((degree) => (degree > 0 ? degree ** power : 0));
}

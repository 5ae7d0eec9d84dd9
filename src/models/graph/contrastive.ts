import type { Csr } from '../../compute/csr.ts';
import type { Kernels } from '../../compute/kernels.ts';
import { option } from '../../options.ts';
import { linearContributions, propagatedSides } from '../linearScores.ts';
import { drawnPerPair, groupOf, type LossChoice, lossOptions } from '../losses/pairLoss.ts';
import type { Model, ModelContext, WholeTable } from '../model.ts';
import type { PerturbedPropagation } from '../perturbedPropagation.ts';
import type { normalisedAdjacency } from '../propagation.ts';
import { ViewContrast } from '../viewContrast.ts';

/** Options that models with a contrast between views share. On Gowalla's validation part bsl led softmax at every epoch compared. */
export const contrastOptions = {
  ...lossOptions,
  loss: option.loss.default('bsl'),
  dim: option.dim,
  layers: option.layers.default(2),
  noise: option.noise,
  contrastWeight: option.contrastWeight,
  contrastTemperature: option.contrastTemperature,
  contrastGroup: option.contrastGroup,
  batchSize: option.batchSize,
  learningRate: option.learningRate,
  l2: option.l2,
};

/** Without a layer there is nothing to perturb. */
export const hasLayers = ({ layers }: { readonly layers: number }): boolean => layers >= 1;
export const withoutLayers = { path: ['layers'], message: 'must be at least 1: the layers are what views differ in' };

/** Tables and room of a step: propagation to and fro, the gradient, and views of the batch. */
export function contrastiveMemory({
  train,
  options,
}: {
  readonly train: Csr;
  readonly options: LossChoice & { readonly dim: number; readonly layers: number };
}) {
  const { dim, layers, batchSize } = options;
  const nodes = train.rows + train.cols;
  const positions = batchSize * (2 + drawnPerPair(options));
  const rows = nodes * (1 + Math.min(2, layers)) + 32 * batchSize + 8 * Math.min(nodes, positions);
  return { tables: [{ rows: nodes, dim }], batchBytes: 4 * dim * rows + 48 * positions };
}

/** The contrast of a batch's users and positives. */
export function viewContrast(
  kernels: Kernels,
  options: {
    readonly dim: number;
    readonly batchSize: number;
    readonly contrastTemperature: number;
    readonly contrastGroup: number;
  },
): ViewContrast {
  const { dim, batchSize, contrastTemperature, contrastGroup } = options;
  const group = groupOf({ negativeGroup: contrastGroup, batchSize });
  return new ViewContrast(kernels, dim, 2 * batchSize, group, contrastTemperature);
}

/** What is scored and explained after training with noise: propagation without it. */
export function withoutNoise(
  { train, kernels }: Pick<ModelContext<unknown>, 'train' | 'kernels'>,
  adjacency: ReturnType<typeof normalisedAdjacency>,
  propagation: PerturbedPropagation,
  table: WholeTable,
): Required<Pick<Model, 'vectors' | 'contributions'>> {
  return {
    vectors: () => propagatedSides(kernels, propagation, table, train.rows),
    contributions() {
      const messages = propagation.messages(table.parameters);
      const found = linearContributions(train, adjacency, table.dim, messages);
      kernels.release(messages);
      return found;
    },
  };
}

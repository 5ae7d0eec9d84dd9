/** The optimizers of tables and dense parameters, and what each keeps beside a number. */

/**
 * Adam (Kingma & Ba, ICLR 2015, algorithm 1). On a table it is lazy: rows that a step does not touch keep their moments. With
 * `rowSteps` each row counts its own steps for the bias corrections: a row that is first touched late is then corrected as at
 * step 1, where the table's step would take its young moments for old ones and hold its first steps to a third.
 */
export interface Adam {
  readonly kind: 'adam';
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  /** Tables only. */
  readonly rowSteps?: boolean;
}

/** AdaGrad (Duchi et al., JMLR 2011): sums of squared gradients that begin at `initial`. */
export interface Adagrad {
  readonly kind: 'adagrad';
  readonly initial?: number;
  readonly epsilon?: number;
}

/** Stochastic gradient descent; with a momentum over 0 it keeps velocities, on a table those of touched rows. */
export interface Sgd {
  readonly kind: 'sgd';
  readonly momentum?: number;
}

/** Adam with decoupled weight decay (Loshchilov & Hutter, ICLR 2019, algorithm 2). Dense parameters only. */
export interface AdamW extends Omit<Adam, 'kind' | 'rowSteps'> {
  readonly kind: 'adamw';
  /** Share of a parameter, times the learning rate, that a step takes off. */
  readonly decay: number;
}

export type RowOptimizer = Adam | Adagrad | Sgd;
export type DenseOptimizer = Adam | Adagrad | Sgd | AdamW;

/** Adam's constants as its paper gives them. */
export const adamConstants = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;
/** PyTorch's guard; the sums are large enough without one after the first step. */
export const adagradEpsilon = 1e-10;

/** Parameters with what their optimizer keeps: Adam both moments, AdaGrad sums in `second`, momentum a velocity in `first`. */
export interface OptimizerState {
  readonly parameters: Float32Array;
  readonly first?: Float32Array | undefined;
  readonly second?: Float32Array | undefined;
  /** Steps that each row has had. [rows] */
  readonly steps?: Int32Array | undefined;
  /**
   * Of a table whose rows have their state beside them: numbers from the beginning of a row to that of the next, in each of the
   * arrays, which are then views that begin at the first row's part.
   */
  readonly stride?: number;
}

/** Names of the arrays beside the parameters, each as large as they are, except for `steps`: one a row. */
export function stateOf(optimizer: DenseOptimizer): readonly ('first' | 'second' | 'steps')[] {
  switch (optimizer.kind) {
    case 'adam':
      return optimizer.rowSteps ? ['first', 'second', 'steps'] : ['first', 'second'];
    case 'adamw':
      return ['first', 'second'];
    case 'adagrad':
      return ['second'];
    case 'sgd':
      return optimizer.momentum ? ['first'] : [];
  }
}

/** What one step is told. */
export interface OptimizerStep {
  readonly learningRate: number;
  /** Number of the step, from 1, for Adam's bias corrections. */
  readonly step: number;
  /** Added to the gradient: l2 · parameter, on touched rows only. */
  readonly l2?: number;
  /** The gradient is multiplied by it first: what global-norm clipping gives. */
  readonly scale?: number;
  /** Longest gradient of a row, after `scale` and before `l2`; longer ones are shortened. Tables only. */
  readonly clip?: number;
}

/**
 * lr · m̂ / (√v̂ + ε) with m̂ = m / (1 − β1^t), v̂ = v / (1 − β2^t), written with one step length and one guard:
 * [lr · √(1 − β2^t) / (1 − β1^t), ε · √(1 − β2^t)].
 */
export function adamCorrection(
  { beta1, beta2, epsilon }: Required<Pick<Adam, 'beta1' | 'beta2' | 'epsilon'>>,
  learningRate: number,
  step: number,
): readonly [number, number] {
  const root = Math.sqrt(1 - beta2 ** step);
  return [(learningRate * root) / (1 - beta1 ** step), epsilon * root];
}

/** The validation part of a version's data, where it was not trained on it: what serving fits its own few numbers on. Never the test part. */
import type { Csr } from '../../compute/csr.ts';
import { listModels } from '../../models/registry.ts';
import { option, optionGroups } from '../../options.ts';
import { splitRows } from '../../sampling/rows.ts';
import { splitSnapshot } from '../../sampling/split.ts';
import type { PublishedVersion } from '../published.ts';

export interface HeldOut {
  readonly part: 'validation';
  /** What users liked in it, users × items. */
  readonly pairs: Csr;
}

/** Why there is no such part, to be put behind 'version X'. */
export interface NothingHeldOut {
  readonly lacks: string;
}

const unknownCut: NothingHeldOut = {
  lacks:
    'was cut in other shares than the usual ones, or changed since, so that it is not known what it was not trained on',
};
const trainedOnBoth: NothingHeldOut = {
  lacks:
    'was trained on all but the test part, and nothing is fitted on that. Train with --no-refit, which leaves the validation part out',
};

/**
 * Cuts the snapshot again as it was cut for the training, and makes sure that what comes out is what the version was trained on: it is
 * not where the version was cut in other shares than the usual ones, was trained on validation too, or users were taken out since.
 */
export function heldOut({ manifest, snapshot, train }: PublishedVersion): HeldOut | NothingHeldOut {
  const { split: kind, seed, minValue, interactions, model } = manifest;
  const isKnown = option.split.safeParse(kind);
  const definition = listModels().find(({ name }) => name === model);
  if (!isKnown.success || !definition) return unknownCut;
  const options = optionGroups.splitting.parse({ split: isKnown.data, seed, minValue, interactions });
  const cut = (definition.learns === 'rows' ? splitRows : splitSnapshot)(snapshot, options);
  if (isSame(cut.fit, train)) return trainedOnBoth; // also where nothing was cut off for validation
  if (!isSame(cut.train, train)) return unknownCut;
  return { part: 'validation', pairs: cut.validation };
}

function isSame(a: Csr, b: Csr): boolean {
  const alike = (x: Int32Array, y: Int32Array) => x.length === y.length && x.every((value, at) => value === y[at]);
  return alike(a.offsets, b.offsets) && alike(a.indices, b.indices);
}

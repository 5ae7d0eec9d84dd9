/** The part of its data that a version was not trained on: what serving fits its own few numbers on. */
import type { Csr } from '../../compute/csr.ts';
import { listModels } from '../../models/registry.ts';
import { option, optionGroups } from '../../options.ts';
import { type LabelledRows, splitRows } from '../../sampling/rows.ts';
import { splitSnapshot } from '../../sampling/split.ts';
import type { PublishedVersion } from '../published.ts';

export interface HeldOut {
  /** The test part, where the version was trained on the validation part too. */
  readonly part: 'validation' | 'test';
  /** What users liked in it, users × items. */
  readonly pairs: Csr;
  /** Single interactions with labels, where the model learns from those. */
  readonly rows?: LabelledRows;
}

/**
 * Cuts the snapshot again as it was cut for the training, and makes sure that what comes out is what the version was trained on.
 * Undefined where it is not: the version was cut in other shares than the usual ones, or users were taken out since.
 */
export function heldOut({ manifest, snapshot, train }: PublishedVersion): HeldOut | undefined {
  const { split: kind, seed, minValue, interactions, model } = manifest;
  const isKnown = option.split.safeParse(kind);
  const definition = listModels().find(({ name }) => name === model);
  if (!isKnown.success || !definition) return undefined;
  const options = optionGroups.splitting.parse({ split: isKnown.data, seed, minValue, interactions });
  const cut = (definition.learns === 'rows' ? splitRows : splitSnapshot)(snapshot, options);
  const part = isSame(cut.train, train) ? 'validation' : isSame(cut.fit, train) ? 'test' : undefined;
  if (!part || cut[part].indices.length === 0) return undefined;
  return { part, pairs: cut[part], ...(cut.rows && { rows: cut.rows[part] }) };
}

function isSame(a: Csr, b: Csr): boolean {
  const alike = (x: Int32Array, y: Int32Array) => x.length === y.length && x.every((value, at) => value === y[at]);
  return alike(a.offsets, b.offsets) && alike(a.indices, b.indices);
}

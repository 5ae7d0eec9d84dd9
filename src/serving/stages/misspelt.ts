/** What a declared pipeline names and the data does not have: such a stage does nothing, or less than was meant, and nobody is told. */
import type { PipelineOptions } from '../../options.ts';
import { featureKind } from '../../sampling/featureKinds.ts';
import type { Snapshot } from '../../sampling/snapshot.ts';

/** No error: the next version, or a rule that is registered later, may have it. */
export interface PipelineWarning {
  readonly pipeline: string;
  /** 'rerank features', 'source rule'. */
  readonly stage: string;
  /** Of the stage: 'exclude', 'hidden'. */
  readonly key: string;
  /** As it was given, or how many more there are. */
  readonly value: string;
  readonly problem: string;
}

/** Most values of one key that are named one by one. */
const mostNamed = 10;

/** By what items and features the snapshot has. Rules are asked of the graph: see `pipelineWarnings`. */
export function misspeltIn(pipeline: string, { rerank }: PipelineOptions, snapshot: Snapshot): PipelineWarning[] {
  const found: PipelineWarning[] = [];
  const warn = (stage: string, key: string, values: readonly string[], problem: string): void => {
    const about = { pipeline, stage: `rerank ${stage}`, key, problem };
    for (const value of values.slice(0, mostNamed)) found.push({ ...about, value });
    if (values.length > mostNamed) found.push({ ...about, value: `${values.length - mostNamed} more` });
  };
  const lackedBy = (kind: string, values: readonly string[]): readonly string[] => {
    const known = featureKind(snapshot, kind);
    const had = new Set(known && Array.from(new Set(known.shares.indices), (value) => known.values[value]!));
    return values.filter((value) => !had.has(value));
  };
  const unknown = (ids: readonly string[]) => ids.filter((id) => snapshot.items.index(id) === undefined);
  for (const stage of rerank) {
    if (stage.kind === 'features')
      for (const key of ['include', 'exclude'] as const)
        for (const { kind, values } of stage[key])
          warn(stage.kind, key, lackedBy(kind, values), `no item has such a feature of kind '${kind}'`);
    if (stage.kind === 'fairness' && stage.protect === 'feature')
      warn(stage.kind, 'value', lackedBy(stage.feature!, [stage.value!]), `no item has such a '${stage.feature}'`);
    if (stage.kind === 'available') {
      const { expiryFeature: kind, hidden } = stage;
      if (kind !== undefined && !featureKind(snapshot, kind))
        warn(stage.kind, 'expiryFeature', [kind], 'no item has a feature of such a kind');
      warn(stage.kind, 'hidden', unknown(hidden), 'the version knows no such item');
    }
    if (stage.kind === 'pins') {
      const pinned = stage.items.map(({ item }) => item);
      warn(stage.kind, 'items', unknown(pinned), 'the version knows no such item');
    }
  }
  return found;
}

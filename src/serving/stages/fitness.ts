/** Whether a declared pipeline can do anything with the data: mistakes are told at the start, not in every answer. */
import { TastegraphError } from '../../errors.ts';
import type { PipelineOptions } from '../../options.ts';
import type { Snapshot } from '../../sampling/snapshot.ts';
import type { Reranker } from './candidate.ts';

/** Errors: pipeline/unfit where it names kinds of features that the data has none of. */
export function refuseUnfit(pipeline: string, { sources, rerank }: PipelineOptions, { features }: Snapshot): void {
  const kinds = new Set(Array.from({ length: features.count }, (_, feature) => features.kind(feature)));
  const need = (stage: string, kind: string): void => {
    if (kinds.has(kind)) return;
    const problem = `nothing has a feature of kind '${kind}'. There are: ${[...kinds].sort().join(', ') || 'none'}`;
    throw new TastegraphError('pipeline/unfit', { pipeline, stage, problem });
  };
  for (const source of sources)
    if (source.kind === 'same-feature') need(`source ${source.name ?? source.kind}`, source.feature);
  for (const stage of rerank)
    if (stage.kind === 'features')
      for (const { kind } of [...stage.include, ...stage.exclude]) need('rerank features', kind);
}

/** Errors: pipeline/unfit where two re-rankers draw: what the first drew would be drawn over, so that no list has a known probability. */
export function refuseTwoDraws(pipeline: string, rerankers: readonly Reranker[]): void {
  const [first, second] = rerankers.filter(({ next }) => next);
  if (!first || !second) return;
  const problem = `draws anew what rerank ${first.name} has drawn. Keep one of the two, as the last re-ranker`;
  throw new TastegraphError('pipeline/unfit', { pipeline, stage: `rerank ${second.name}`, problem });
}

/** The published versions that a pipeline needs beside the one that answers. */
export function versionsNamed({ sources, rank }: PipelineOptions): readonly string[] {
  const named = sources.flatMap((source) =>
    source.kind === 'version' && source.version !== undefined ? [source.version] : [],
  );
  return [...new Set(rank.by === 'version' ? [...named, rank.version] : named)];
}

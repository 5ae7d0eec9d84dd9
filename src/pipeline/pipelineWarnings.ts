/** What the declared pipelines name and neither the version that is served nor the graph has. */
import type { PipelineOptions } from '../options.ts';
import type { PipelineWarning } from '../serving/stages/misspelt.ts';
import type { Service } from './service.ts';

export type { PipelineWarning } from '../serving/stages/misspelt.ts';

/** In the order of the pipelines. Of rules nothing is said where the graph does not answer. */
export async function pipelineWarnings({
  recommender,
  pipelines,
  reach,
}: Pick<Service, 'recommender' | 'pipelines' | 'reach'>): Promise<readonly PipelineWarning[]> {
  const { misspeltIn } = await import('../serving/stages/misspelt.ts');
  const kinds = await kindsOfRules(reach, [...pipelines.declared.values()]);
  const { served, release } = recommender.acquire();
  try {
    return Array.from(pipelines.declared, ([name, options]) => [
      ...(kinds ? misnamedRules(name, options, kinds) : []),
      ...misspeltIn(name, options, served.published.snapshot),
    ]).flat();
  } finally {
    release();
  }
}

/** In a sentence. */
export const sentenceOfWarning = ({ pipeline, stage, key, value, problem }: PipelineWarning): string =>
  `Pipeline '${pipeline}', ${stage}, ${key} '${value}': ${problem}`;

const rulesIn = ({ sources }: PipelineOptions) => sources.filter((source) => source.kind === 'rule');

/** Of the rules that pipelines name, by name; undefined where the graph does not say, or nobody needs to know. */
async function kindsOfRules(
  reach: Service['reach'],
  declared: readonly PipelineOptions[],
): Promise<ReadonlyMap<string, string> | undefined> {
  const names = declared.flatMap((options) => rulesIn(options).map(({ rule }) => rule));
  if (names.length === 0) return undefined;
  const { readRules } = await import('../graph/rules/rule.ts');
  const rules = await reach.ask((graph, timeoutMs) => readRules(graph, names, timeoutMs));
  return rules && new Map(rules.map(({ name, kind }) => [name, kind]));
}

const misnamedRules = (
  pipeline: string,
  options: PipelineOptions,
  kinds: ReadonlyMap<string, string>,
): PipelineWarning[] =>
  rulesIn(options).flatMap(({ name, kind, rule: value }) => {
    const found = kinds.get(value);
    if (found === 'source') return [];
    const problem = found === undefined ? 'no such rule is registered' : `the rule is no source but of kind ${found}`;
    return [{ pipeline, stage: `source ${name ?? kind}`, key: 'rule', value, problem }];
  });

import type { Graph } from '../../../graph/driver.ts';
import { answered, nameRules } from '../../rules.ts';
import type { CandidateSource } from '../source.ts';
import { nothing } from '../source.ts';
import type { StageData } from '../stageData.ts';

interface RuleSourceOptions {
  /** Name of a registered rule of kind source. */
  readonly rule: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** ms. */
  readonly timeoutMs: number;
}

/** What a registered rule brings for a user. Score: the rule's, or 0 where it says none. Errors: rule/unknown, rule/failed, query/*. */
export const ruleSource = (
  name: string,
  data: StageData,
  graph: Graph | undefined,
  { rule, parameters, timeoutMs }: RuleSourceOptions,
): CandidateSource => ({
  name,
  async find({ asker }, most) {
    if (asker.user === undefined) return nothing;
    const { items } = data.published.snapshot;
    const [named] = await nameRules(graph, { uses: [{ name: rule, parameters }], timeoutMs });
    const { kind } = named!.rule;
    if (kind !== 'source') return { ...nothing, note: `rule '${rule}' is no source but of kind ${kind}` };
    const rows = await answered({ graph: graph!, user: asker.user, timeoutMs }, named!, []);
    const found = [...rows.values()].flatMap(({ item: id, score = 0 }) => {
      const item = items.index(id);
      return item === undefined || asker.left.has(item) ? [] : [{ item, score }];
    });
    const best = found.sort((a, b) => b.score - a.score).slice(0, most);
    return { ids: best.map(({ item }) => item), scores: best.map(({ score }) => score) };
  },
});

/** What rules say of an item, in words. */
import type { Graph } from '../graph/driver.ts';
import { answered, failureOf, markOf, nameRules, type RuleMark, type RuleRequest } from '../serving/rules.ts';

/** What a rule does with one item for one user. */
export interface RuleVerdict extends RuleMark {
  /** 'none': a source that does not bring it, an exclusion that does not speak of it. */
  readonly verdict: 'brings' | 'allows' | 'removes' | 'none';
}

interface Reasoned {
  readonly reasons: readonly string[];
}

/** An explanation with what brought or allowed the item, each as a sentence after the others. */
export function explainByRules<E extends Reasoned>(
  explanation: E,
  marks: readonly RuleMark[],
): E & { readonly rules?: readonly RuleMark[] } {
  if (marks.length === 0) return explanation;
  const sentences = marks.map((mark) => sentence(mark.kind === 'source' ? 'Brought' : 'Allowed', mark));
  return { ...explanation, reasons: [...explanation.reasons, ...sentences], rules: marks };
}

/** An explanation with what each rule does with the item, also where that keeps it from being recommended. */
export function explainByVerdicts<E extends Reasoned>(
  explanation: E,
  verdicts: readonly RuleVerdict[],
): E & { readonly rules: readonly RuleVerdict[] } {
  const words = { brings: 'Brought', allows: 'Allowed', removes: 'Left out' } as const;
  const sentences = verdicts.flatMap((each) => (each.verdict === 'none' ? [] : [sentence(words[each.verdict], each)]));
  return { ...explanation, reasons: [...explanation.reasons, ...sentences], rules: verdicts };
}

/** Asks each rule about one item. Errors: rule/unknown, rule/failed, query/parameter. */
export async function judgeByRules(
  graph: Graph | undefined,
  user: string,
  item: string,
  request: RuleRequest,
): Promise<readonly RuleVerdict[]> {
  const named = await nameRules(graph, request);
  const asking = { graph: graph!, user, timeoutMs: request.timeoutMs };
  return await Promise.all(
    named.map(async (one) => {
      const { kind } = one.rule;
      try {
        const row = (await answered(asking, one, kind === 'source' ? [] : [item])).get(item);
        const verdicts = {
          source: ['brings', 'none'],
          filter: ['allows', 'removes'],
          exclude: ['removes', 'none'],
        } as const;
        return { ...markOf(one, row ?? { item }), verdict: verdicts[kind][row ? 0 : 1] };
      } catch (thrown) {
        throw failureOf(one, thrown);
      }
    }),
  );
}

function sentence(did: string, { rule, reason }: RuleMark): string {
  return `${did} by the rule '${rule}'${reason === undefined ? '' : `: ${reason.replace(/\.$/, '')}`}.`;
}

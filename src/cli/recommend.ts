import { TastegraphError } from '../errors.ts';
import type { CommandOptions } from '../options.ts';
import {
  openService,
  type Run,
  recommendFor,
  recommendForGroup,
  recommendForSession,
  ruleRequest,
  type Service,
} from '../pipeline.ts';
import { type Answer, type Context, command } from './command.ts';
import { traceLines } from './pipelineLines.ts';
import { groupLines, patientMs, recommendationLines, sessionLines } from './summaries.ts';

type Options = CommandOptions<'recommend'>;

export default command('recommend', async (options, context) => {
  const { words, run } = context;
  const { items, group } = options;
  const asked = [words.length > 0, items.length > 0, group.length > 0].filter(Boolean).length;
  if (asked !== 1) {
    const todo = 'Give a user, or a session with --items, or a group with --group: one of the three';
    throw new TastegraphError('options/missing', { name: 'USER', todo });
  }
  if (options.rule.length > 0 && words.length === 0) {
    const problem = 'rules are about a user; leave it out for a session or a group';
    const [given, where] = [options.rule.join(' '), "'tastegraph recommend'"];
    throw new TastegraphError('options/invalid', { name: 'rule', where, problem, given });
  }
  if (items.length > 0) return await serving(options, run, false, (service) => forSession(service, options, context));
  if (group.length > 0) return await serving(options, run, true, (service) => forGroup(service, options, context));
  const rules = await ruleRequest(options.rule, options.ruleTimeoutMs); // before the version: a wrong name costs nothing
  return await serving(options, run, true, async (service) => {
    const { print, paint } = context;
    const answer = await recommendFor(service, words[0]!, { ...options, seed: String(options.seed), rules });
    print(recommendationLines(answer, paint));
    if (answer.experiment)
      print(`Arm ${answer.experiment.arm} of experiment ${answer.experiment.name}: pipeline ${answer.pipeline}`);
    if (answer.degraded) print(paint.red('The ranking was not ready in time: these are in the order of the retrieval'));
    if (answer.trace) print(traceLines(answer.trace, paint));
    const { explanations, items, rules: marks, ...about } = answer;
    // The whole attribution of each item is what `explain` prints.
    const told = items.map((item, place) => {
      const { reasons = [], paths = [] } = explanations[place] ?? {};
      return { ...item, reasons, paths, ...(marks && { rules: marks[place] }) };
    });
    return { ...about, items: told };
  });
});

async function forSession(service: Service, options: Options, { print, paint }: Context): Promise<Answer> {
  const session = options.items.map((id) => ({ id }));
  const answer = await recommendForSession(service, session, options);
  print(sessionLines(answer, paint));
  return { ...answer, items: answer.items.map(({ attribution: _, ...item }) => item) };
}

async function forGroup(service: Service, options: Options, { print, paint }: Context): Promise<Answer> {
  const answer = await recommendForGroup(service, options.group, options);
  print(groupLines(answer, paint));
  return { ...answer };
}

/** What `answer` gives, over the version and, where it is needed, the graph. */
async function serving(
  options: Options,
  run: Run,
  needsGraph: boolean,
  answer: (service: Service) => Promise<Answer>,
): Promise<Answer> {
  const { home, version, index, pipelines, experiments, anonymity } = options;
  const about = { home, version, index, pipelines, experiments, anonymity, graphTimeoutMs: patientMs };
  const service = await openService(about, run, needsGraph ? options : undefined);
  try {
    return await answer(service);
  } finally {
    await service.close();
  }
}

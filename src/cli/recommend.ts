import { TastegraphError } from '../errors.ts';
import type { CommandOptions } from '../options.ts';
import {
  type ChosenByPipeline,
  openService,
  type Run,
  recommendFor,
  recommendForGroup,
  recommendForSession,
  ruleRequest,
  type Service,
} from '../pipeline.ts';
import type { RuleRequest } from '../serving/rules.ts';
import { type Answer, type Context, command } from './command.ts';
import { traceLines } from './pipelineLines.ts';
import { groupLines, patientMs, recommendationLines, sessionLines } from './summaries.ts';

type Options = CommandOptions<'recommend'>;
/** The options as lists are asked for with them. */
type How = Omit<Options, 'seed'> & { readonly seed: string; readonly rules: RuleRequest | undefined };
type Made = Pick<ChosenByPipeline, 'experiment' | 'pipeline' | 'degraded' | 'notes' | 'trace'>;

export default command('recommend', async (options, context) => {
  const { words, run } = context;
  const { items, group } = options;
  const asked = [words.length > 0 && 'USER', items.length > 0 && '--items', group.length > 0 && '--group'].filter(
    Boolean,
  );
  if (asked.length !== 1) {
    const todo = 'Give a user, or a session with --items, or a group with --group: one of the three';
    if (asked.length === 0) throw new TastegraphError('options/missing', { name: 'USER', todo });
    throw new TastegraphError('options/together', { given: asked.join(' and '), todo });
  }
  const rules = await ruleRequest(options.rule, options.ruleTimeoutMs); // before the version: a wrong name costs nothing
  const how = { ...options, seed: String(options.seed), rules };
  // Rules, and sources of pipelines that are rules, are asked of the graph; the session alone needs none.
  const needsGraph = rules !== undefined || options.pipelines !== undefined;
  if (items.length > 0) return await serving(options, run, needsGraph, (service) => forSession(service, how, context));
  if (group.length > 0) return await serving(options, run, true, (service) => forGroup(service, how, context));
  return await serving(options, run, true, async (service) => {
    const { print, paint } = context;
    const answer = await recommendFor(service, words[0]!, how);
    print(recommendationLines(answer, paint));
    printMaking(answer, context);
    const { explanations, items, rules: marks, ...about } = answer;
    // The whole attribution of each item is what `explain` prints.
    const told = items.map((item, place) => {
      const { reasons = [], paths = [] } = explanations[place] ?? {};
      return { ...item, reasons, paths, ...(marks && { rules: marks[place] }) };
    });
    return { ...about, items: told };
  });
});

async function forSession(service: Service, options: How, context: Context): Promise<Answer> {
  const { print, paint } = context;
  const session = options.items.map((id) => ({ id }));
  const made = await recommendForSession(service, session, options);
  // What they are made of is reckoned with the scores: to leave them out is to say nothing of them.
  const items = options.explain ? made.items : made.items.map((item) => ({ ...item, reasons: [] }));
  const answer = { ...made, items };
  print(sessionLines(answer, paint));
  printNotes(answer, context);
  printMaking(answer, context);
  return { ...answer, items: answer.items.map(({ attribution: _, ...item }) => item) };
}

async function forGroup(service: Service, options: How, context: Context): Promise<Answer> {
  const { print, paint } = context;
  const answer = await recommendForGroup(service, options.group, options);
  print(groupLines(answer, paint));
  printNotes(answer, context);
  printMaking(answer, context);
  for (const { user, trace } of answer.members) {
    if (!trace) continue;
    print(`\n${paint.bold(user)}`);
    print(traceLines(trace, paint));
  }
  return { ...answer };
}

const printNotes = ({ notes = [] }: Made, { print, paint }: Context): void => {
  for (const note of notes) print(`  ${paint.red(note)}`);
};

/** What made the list, where that was asked for. */
function printMaking({ experiment, pipeline, degraded, trace }: Made, { print, paint }: Context): void {
  if (experiment) print(`Arm ${experiment.arm} of experiment ${experiment.name}: pipeline ${pipeline}`);
  if (degraded) print(paint.red('The ranking was not ready in time: these are in the order of the retrieval'));
  if (trace) print(traceLines(trace, paint));
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

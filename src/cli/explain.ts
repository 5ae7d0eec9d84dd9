import { TastegraphError } from '../errors.ts';
import { type CommandOptions, connected } from '../options.ts';
import {
  connectionFor,
  contrastFor,
  counterfactualFor,
  explainFor,
  openService,
  recommendFor,
  ruleRequest,
  type Service,
  whatWouldChangeFor,
  whyNotFor,
} from '../pipeline.ts';
import { type Answer, type Context, command } from './command.ts';
import {
  changeLines,
  connectionLines,
  contrastLines,
  counterfactualLines,
  explanationLines,
} from './explanationLines.ts';
import { whyNotLines } from './pipelineLines.ts';
import { patientMs } from './summaries.ts';

type Options = CommandOptions<'explain'>;

/** Items that are connected where none are named. */
const usuallyConnected = 5;

export default command('explain', async (options, context) => {
  const [user, item] = context.words as readonly [string, string?];
  const isConnecting = options.connect.length > 0;
  if (item === undefined && !isConnecting) {
    const todo = 'Give an item, or items with --connect (--connect first takes the first of her recommendations)';
    throw new TastegraphError('options/missing', { name: 'ITEM', todo });
  }
  const rules = await ruleRequest(options.rule, options.ruleTimeoutMs);
  const { home, version, pipelines, experiments, anonymity } = options;
  const about = { home, version, pipelines, experiments, anonymity, graphTimeoutMs: patientMs };
  const service = await openService(about, context.run, options);
  try {
    if (isConnecting) return await connectItems(service, user, item, options, context);
    const { print, paint } = context;
    if (options.whyNot) {
      const answer = await whyNotFor(service, user, item!, { ...options, rules, seed: String(options.seed) });
      print(whyNotLines(answer, paint));
      return { ...answer };
    }
    const explanation = await explainFor(service, user, item!, { rules, locale: options.locale });
    print(explanationLines(explanation, paint));
    return { ...explanation, ...(await further(service, user, item!, options, context)) };
  } finally {
    await service.close();
  }
});

/** What was asked beside why the item suits. */
async function further(
  service: Service,
  user: string,
  item: string,
  { counterfactual, retrain, contrast, whatWouldChange, ...how }: Options,
  { run, print, paint }: Context,
): Promise<Answer> {
  const answer: Record<string, unknown> = {};
  if (counterfactual || retrain) {
    const found = await counterfactualFor(service, user, item, { ...how, retrain: retrain ? run : undefined });
    print(counterfactualLines(found, paint));
    answer.counterfactual = found;
  }
  if (contrast !== undefined) {
    const found = await contrastFor(service, user, [item, contrast], how);
    print(contrastLines(found, paint));
    answer.contrast = found;
  }
  if (whatWouldChange) {
    const found = await whatWouldChangeFor(service, user, item, how);
    print(changeLines(found, paint));
    answer.whatWouldChange = found;
  }
  return answer;
}

async function connectItems(
  service: Service,
  user: string,
  item: string | undefined,
  { connect, locale }: Options,
  { print, paint }: Context,
): Promise<Answer> {
  const isFirst = connect.length === 1 && connect[0] === 'first' && item === undefined;
  const first = isFirst ? await recommendFor(service, user, { limit: usuallyConnected, explain: false }) : undefined;
  const named = first ? first.items.map(({ id }) => id) : [...(item === undefined ? [] : [item]), ...connect];
  const items = [...new Set(named)];
  if (items.length < connected.least || items.length > connected.most) {
    const problem = `connects ${connected.least} to ${connected.most} items`;
    throw new TastegraphError('options/invalid', {
      name: 'connect',
      where: 'the options',
      problem,
      given: named.join(','),
    });
  }
  const answer = await connectionFor(service, user, items, { locale });
  print(connectionLines(answer, paint));
  return { ...answer };
}

import { TastegraphError } from '../errors.ts';
import type { Graph } from '../graph/driver.ts';
import type { CommandOptions } from '../options.ts';
import { addRule, type CheckedRule, listRules, removeRule, showRule, tryRule, withGraph } from '../pipeline.ts';
import { type Answer, type Context, command } from './command.ts';
import { readCypher } from './query.ts';
import { formatTable } from './terminal.ts';
import { assignments, cellOf } from './values.ts';

type Options = CommandOptions<'rules'>;
type Action = (graph: Graph, name: string, options: Options, context: Context) => Promise<Answer>;

export default command('rules', async (options, context) => {
  const [action = 'list', name] = context.words;
  const { run } = context;
  if (action === 'list') return await withGraph(options, run, (graph) => list(graph, context));
  const act = actions[action];
  if (!act) {
    const known = ['list', ...Object.keys(actions)].join(' ');
    throw new TastegraphError('options/unknown', { name: action, where: "'tastegraph rules'", hint: '', known });
  }
  if (name === undefined) throw missing('NAME', `Usage: tastegraph rules ${action} NAME`);
  return await withGraph(options, run, (graph) => act(graph, name, options, context));
});

const missing = (name: string, todo: string) => new TastegraphError('options/missing', { name, todo });
const whenOf = (at: number) => new Date(at).toISOString().slice(0, 19).replace('T', ' ');

async function list(graph: Graph, { print, paint }: Context): Promise<Answer> {
  const rules = await listRules(graph);
  const rows = rules.map(({ name, version, kind, parameters, purpose }) => [
    paint.cyan(name),
    String(version),
    kind,
    parameters.map((each) => `$${each.name}`).join(' '),
    purpose,
  ]);
  print(
    rows.length > 0 ? formatTable(['rule', 'version', 'kind', 'parameters', ''], rows, paint) : paint.dim('no rules'),
  );
  return { rules };
}

const add: Action = async (graph, name, options, { print, paint }) => {
  const { kind, cypher, user } = options;
  if (kind === undefined) throw missing('--kind', 'Say what the rule does: source, filter or exclude');
  if (cypher === undefined) throw missing('--cypher', 'Name the file with the rule; - reads standard input');
  const draft = { name, kind, cypher: readCypher(cypher) };
  const { rule, checked } = await addRule(graph, draft, options, user ?? null);
  print(`Rule ${paint.bold(name)}, version ${rule.version}, is registered`);
  print(checkedLines(checked, paint));
  return { rule, checked };
};

const show: Action = async (graph, name, _, { print, paint }) => {
  const versions = await showRule(graph, name);
  for (const { version, kind, at, removed, cypher } of versions) {
    const until = removed === null ? '' : `, removed ${whenOf(removed)}`;
    print(
      `${paint.bold(`${name}, version ${version}`)} (${kind}), registered ${whenOf(at)}${until}\n\n${cypher.trim()}\n`,
    );
  }
  return { name, versions };
};

const test: Action = async (graph, name, options, { print, paint }) => {
  const given = assignments(options.param, '--param');
  const checked = await tryRule(graph, name, options, { user: options.user ?? null, given });
  print(checkedLines(checked, paint));
  const rows = checked.answered.map(({ item, score, reason }) => [item, cellOf(score), cellOf(reason)]);
  if (rows.length > 0) print(formatTable(['item', 'score', 'reason'], rows, paint, 2));
  return { name, checked };
};

const remove: Action = async (graph, name, _, { print, paint }) => {
  await removeRule(graph, name);
  print(`Rule ${paint.bold(name)} is out of use; its versions stay in the graph`);
  return { removed: name };
};

const actions: Readonly<Record<string, Action>> = { add, show, test, remove };

function checkedLines({ user, answered, ms, plannedRows }: CheckedRule, paint: Context['paint']): string {
  const whom = user === undefined ? 'for nobody, since the graph has no users' : `for user ${user}`;
  return paint.dim(
    `  ${answered.length} items ${whom} in ${ms.toFixed(0)} ms; the planner expects ${Math.round(plannedRows)} rows`,
  );
}

/** Experiments between pipelines: which there are, and what they have shown so far. */
import { TastegraphError } from '../errors.ts';
import type { Graph } from '../graph/driver.ts';
import type { ShownQuestion } from '../graph/shown.ts';
import { durationOf } from '../options.ts';
import type { ExperimentReport } from '../serving/experiments/report.ts';
import type { Experiment } from '../serving/experiments/split.ts';
import type { Service } from './service.ts';

/** What was shown, and what counts as taken. */
export interface ShownOptions {
  /** How long after it was shown an interaction counts: 7d. */
  readonly window: string;
  readonly types: readonly string[];
  /** ISO 8601. */
  readonly shownFrom?: string | undefined;
  readonly resamples: number;
  readonly seed: number;
}

/** Which impressions an answer was reckoned from. */
export interface ShownAbout {
  readonly window: string;
  readonly types: readonly string[];
  /** ms since 1970: shown from the one on, and before the other, so that each window is over. */
  readonly since: number;
  readonly until: number;
}

export const listExperiments = ({ pipelines }: Pick<Service, 'pipelines'>): readonly Experiment[] => [
  ...pipelines.experiments.values(),
];

/** Errors: experiment/unknown, experiment/no-graph, experiment/nothing-shown, neo4j/*. */
export async function experimentReport(
  { pipelines, reach }: Pick<Service, 'pipelines' | 'reach'>,
  name: string,
  options: ShownOptions,
  now = Date.now(),
): Promise<ExperimentReport & ShownAbout> {
  const [{ experimentOf }, { reportOf }, { shownByArm }] = await Promise.all([
    import('../serving/experiments/split.ts'),
    import('../serving/experiments/report.ts'),
    import('../graph/shown.ts'),
  ]);
  const experiment = experimentOf(pipelines.experiments, name);
  const { question, about } = shownQuestion(options, now);
  const graph = shownGraph(reach.graph);
  const rows = await shownByArm(graph, name, question);
  if (rows.length === 0) throw nothingShown(name, options);
  const report = await reportOf(experiment, rows, options);
  return { ...about, ...report, caveats: [...(await typeCaveats(graph, options)), ...report.caveats] };
}

/** How long the graph may look for types that it may not have, ms: the figures are right without. */
const lookMs = 5000;

/** What to say of types that count and that no interaction is of; nothing where the graph cannot tell in time. */
export async function typeCaveats(graph: Graph, { types }: Pick<ShownOptions, 'types'>): Promise<string[]> {
  if (types.length === 0) return [];
  const { unheardTypes } = await import('../graph/shown.ts');
  const unheard = await unheardTypes(graph, types, lookMs).catch(() => []);
  return unheard.map((type) => `No interaction in the graph is of type '${type}': nothing can have been taken by it.`);
}

/** The graph that holds what was shown. Errors: experiment/no-graph. */
export function shownGraph(graph: Graph | undefined): Graph {
  if (graph && !graph.schema.names) return graph;
  throw new TastegraphError('experiment/no-graph');
}

export function shownQuestion(
  { window, types, shownFrom }: ShownOptions,
  now: number,
  least = 0,
): { readonly question: ShownQuestion; readonly about: ShownAbout } {
  const length = durationOf(window);
  const since = Math.max(least, shownFrom === undefined ? 0 : Date.parse(shownFrom));
  const when = { types, since, until: now - length };
  return { question: { ...when, window: length }, about: { ...when, window } };
}

export const nothingShown = (name: string, { window, shownFrom }: ShownOptions): TastegraphError =>
  new TastegraphError('experiment/nothing-shown', { name, window, since: shownFrom ? ` since ${shownFrom}` : '' });

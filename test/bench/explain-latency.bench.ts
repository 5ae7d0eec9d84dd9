/**
 * How long explanations take: parts of the score with their sentence, and the whole with paths from Neo4j, one recommendation at a time.
 *
 *   npm run bench -- explain-latency --home HOME [--users N]
 *
 * HOME has a published version and a database of the same data (`tastegraph ingest`, `tastegraph train`). Counterfactuals and the graph
 * that is drawn are measured beside.
 */

import { sentenceOfAttribution, speechOf } from '../../src/explain/sentences.ts';
import { option } from '../../src/options.ts';
import { counterfactualFor, explanationGraphFor, openService } from '../../src/pipeline.ts';
import { RandomStream } from '../../src/random.ts';
import { mean, quantile } from './faithfulness/measures.ts';
import type { Bench } from './table.ts';

const seed = 2026;

const bench: Bench = async ({ args, log }) => {
  const after = (flag: string) => (args.includes(flag) ? args[args.indexOf(flag) + 1] : undefined);
  const home = after('--home');
  if (!home) throw new Error('--home HOME is missing: one with a version and a database');
  const count = Number(after('--users') ?? 100);
  const { default: pino } = await import('pino');
  const run = { report: () => {}, signal: new AbortController().signal, log: pino({ level: 'silent' }) };
  const database = {
    home,
    neo4jUsername: option.neo4jUsername.parse(undefined),
    neo4jDatabase: option.neo4jDatabase.parse(undefined),
    heapMb: undefined,
    pageCacheMb: undefined,
    mapping: undefined,
  };
  const service = await openService({ home, graphTimeoutMs: 20_000, warmUp: true }, run, database);
  const { served, release } = service.recommender.acquire();
  const times: Record<string, number[]> = { attribution: [], whole: [], graph: [], counterfactual: [] };
  try {
    const { users } = served.published.snapshot;
    const speech = speechOf(served.manifest);
    const random = new RandomStream(seed, 'explained users');
    const timed = async (name: string, work: () => unknown) => {
      const begin = performance.now();
      await work();
      times[name]!.push(performance.now() - begin);
    };
    const { train } = served.published;
    for (let n = -10; n < count; n++) {
      const index = random.integer(train.rows);
      if (train.offsets[index + 1]! - train.offsets[index]! < 5) continue;
      const user = users.id(index);
      const item = served.recommend(user, { limit: 10 }).items[random.integer(10)]?.id;
      if (item === undefined) continue;
      if (n === 0) log('warm');
      if (n < 0) {
        await service.explainer.explain(served, user, item);
        continue;
      }
      await timed('attribution', () => {
        const attribution = service.explainer.attribute(served, user, [item])(item);
        return attribution && sentenceOfAttribution(speech, attribution);
      });
      await timed('whole', () => service.explainer.explain(served, user, item));
      await timed('graph', () => explanationGraphFor(service, user, item, { limit: 50 }));
      if (n < count / 5) await timed('counterfactual', () => counterfactualFor(service, user, item, { limit: 10 }));
    }
  } finally {
    release();
    await service.close();
  }
  const names: Record<string, string> = {
    attribution: 'parts of the score, and their sentence',
    whole: 'the whole, with paths from Neo4j',
    graph: 'the graph of it, 50 nodes',
    counterfactual: 'a counterfactual, of the first ten',
  };
  const rows = Object.entries(times).map(([name, each]) => [
    names[name]!,
    String(each.length),
    quantile(each, 0.5).toFixed(1),
    quantile(each, 0.95).toFixed(1),
    mean(each).toFixed(1),
  ]);
  const figures = Object.fromEntries(
    Object.entries(times).flatMap(([name, each]) => [
      [`${name} p50 ms`, quantile(each, 0.5)],
      [`${name} p95 ms`, quantile(each, 0.95)],
    ]),
  );
  return {
    title: `Explanations of ${served.manifest.model}, ${served.manifest.users} users, ${served.manifest.items} items (seed ${seed})`,
    columns: ['what', 'times', 'median ms', '95 % ms', 'mean ms'],
    rows,
    notes: ['one at a time, each another user and one of her first ten; the first ten are not counted'],
    figures,
  };
};

export default bench;

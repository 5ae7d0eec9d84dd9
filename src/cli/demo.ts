import { existsSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { openData } from '../data/open.ts';
import type { DataSource } from '../data/source.ts';
import { demoWorld, generateWorld } from '../data/world.ts';
import { replaceFile, sha256 } from '../durable.ts';
import type { IngestSummary } from '../graph/ingest.ts';
import { findModel } from '../models/registry.ts';
import type { CommandOptions } from '../options.ts';
import { optionGroups } from '../options.ts';
import { packageVersion } from '../package.ts';
import {
  databaseStatus,
  holdsData,
  ingestSource,
  loadStored,
  publishedVersions,
  type Run,
  recommendFor,
  type Service,
  stopDatabase,
  takeSnapshot,
  train,
  withGraph,
} from '../pipeline.ts';
import type { Snapshot } from '../sampling/snapshot.ts';
import type { TrainingResult } from '../training/result.ts';
import { type Context, command } from './command.ts';
import { openServing, serveUntilStopped } from './serve.ts';
import { ingestLines, metricsTable, patientMs, recommendationLines } from './summaries.ts';
import { formatCount, formatSeconds } from './terminal.ts';

/**
 * LightGCN for data of this size, where some 30 steps make an epoch: longer steps, and the pairwise loss, which keeps what is
 * popular in the scores (on MovieLens 100K NDCG@20 0.41, with the softmax loss 0.30, by popularity alone 0.22).
 */
const modelOptions = { loss: 'bpr', layers: 2, learningRate: 0.01, l2: 1e-3 };
/** Most epochs, so that it stays a demo; --epochs can only lower it. */
const demoEpochs = 30;
/** Shares of the users, by how much they did, at which the three are taken whose recommendations are shown. */
const shownUsers = [0.25, 0.5, 0.75];
const shownItems = 3;

type DemoOptions = CommandOptions<'demo'>;

/** A home of its own for each content of the data, so that a second run finds what the first one made and no two mix. */
async function homeOf({ home, data }: DemoOptions, source: DataSource): Promise<string> {
  const content = sha256(JSON.stringify([source.id, await source.digests()])).slice(0, 8);
  return join(home, 'demo', `${data === undefined ? 'generated' : basename(resolve(data))}-${content}`);
}

/** Names what is made of the data: everything that changes the model or its figures. */
function keyOf(options: DemoOptions): string {
  const { threads, resume, publish, ...training } = optionGroups.training.shape;
  const keys = [...Object.keys(training), ...Object.keys(optionGroups.splitting.shape)] as (keyof DemoOptions)[];
  const model = findModel('lightgcn').options.parse(modelOptions);
  return sha256(JSON.stringify([packageVersion, model, keys.map((key) => options[key])]));
}

/** Users who did little, a middling amount, and much. */
function someUsers({ users, relation }: Snapshot): string[] {
  const { offsets } = relation('user-item');
  const byActivity = [...Array(users.count).keys()].sort(
    (a, b) => offsets[a + 1]! - offsets[a]! - (offsets[b + 1]! - offsets[b]!) || a - b,
  );
  return shownUsers.map((share) => users.id(byActivity[Math.floor(share * (users.count - 1))]!));
}

interface Made {
  readonly snapshot: Snapshot;
  /** Absent where an earlier run did it. */
  readonly ingest?: IngestSummary;
  readonly model: Pick<TrainingResult, 'model' | 'epochs' | 'seconds' | 'test' | 'popularity'> & {
    readonly reused: boolean;
  };
}

/** What an earlier run made of these very data with these very options, where all of it is still there. */
async function madeBefore(
  options: DemoOptions,
  key: string,
  { run, print, paint }: Context,
): Promise<Made | undefined> {
  const noted = join(options.home, 'made.json');
  if (!existsSync(noted)) return undefined;
  const { key: then, version } = JSON.parse(readFileSync(noted, 'utf8')) as { key?: unknown; version?: unknown };
  const manifest = (await publishedVersions(options)).find(({ current }) => current)?.manifest;
  if (then !== key || manifest === undefined || version !== manifest.id) return undefined;
  if (!(await withGraph(options, run, holdsData))) return undefined;
  const snapshot = await loadStored(manifest.snapshot, options);
  const { model, epochs, seconds, test, popularity } = manifest;
  print(
    `Found what an earlier run made in ${options.home}: graph, snapshot ${snapshot.digest.slice(0, 12)}, version ${manifest.id}`,
  );
  print(
    `\n${paint.bold('LightGCN')} ${epochs} epochs; beside it, recommending what is popular\n${metricsTable(test, popularity, paint)}`,
  );
  return { snapshot, model: { model, epochs, seconds, test, popularity, reused: true } };
}

/** Data into the graph, a snapshot of it, a model, a published version. */
async function make(options: DemoOptions, source: DataSource, context: Context): Promise<Made> {
  const { run, print, paint } = context;
  const key = keyOf(options);
  const before = await madeBefore(options, key, context);
  if (before) return before;
  return await ingestSource(source, { ...options, restart: false }, run, async (graph, ingest) => {
    print(`\n${paint.bold('Into the graph')}\n${ingestLines(ingest, paint)}`);
    const taken = await takeSnapshot({ ...options, data: undefined }, run, graph);
    const { snapshot } = taken;
    print(`\n${paint.bold('Snapshot')} ${snapshot.digest.slice(0, 12)} in ${formatSeconds(taken.seconds.take)}`);
    const training = { ...options, data: undefined, publish: true };
    const { result, version } = await train(findModel('lightgcn'), modelOptions, training, run, { graph, taken });
    const { model, epochs, seconds, test, popularity } = result;
    print(
      `\n${paint.bold('LightGCN')} ${epochs} epochs, ${formatSeconds(seconds.fit)} of training; beside it, recommending what is popular\n${metricsTable(test, popularity, paint)}`,
    );
    replaceFile(join(options.home, 'made.json'), `${JSON.stringify({ key, version })}\n`);
    return { snapshot, ingest, model: { model, epochs, seconds, test, popularity, reused: false } };
  });
}

async function recommendSome(service: Service, snapshot: Snapshot, { print, paint }: Context) {
  print(`\n${paint.bold('Three users')}, who did little, more, and much`);
  const answers = [];
  for (const user of someUsers(snapshot)) {
    const answer = await recommendFor(service, user, { limit: shownItems, explain: true });
    print(`\n${recommendationLines(answer, paint)}`);
    answers.push({
      user,
      items: answer.items.map((item, place) => ({ ...item, reasons: answer.explanations[place]?.reasons ?? [] })),
    });
  }
  return answers;
}

/** URLs to begin with. */
const entrances = (url: string, user: string): Readonly<Record<string, string>> => ({
  recommendations: `${url}/v1/users/${encodeURIComponent(user)}/recommendations`,
  documentation: `${url}/docs`,
  metrics: `${url}/metrics`,
});

async function demonstrate(options: DemoOptions, source: DataSource, context: Context): Promise<void> {
  const { run, print, announce, paint } = context;
  const start = performance.now();
  const { snapshot, ingest, model } = await make(options, source, context);
  const service = await openServing(options, run, patientMs);
  try {
    const users = await recommendSome(service, snapshot, context);
    const stop = new AbortController();
    const signal = options.exit ? stop.signal : run.signal;
    const served: Run = { ...run, signal };
    await serveUntilStopped(options, service, served, (url) => {
      const seconds = (performance.now() - start) / 1000;
      const urls = entrances(url, users[1]!.user);
      print(`\n${paint.bold('Serving')} after ${formatSeconds(seconds)}`);
      for (const [name, address] of Object.entries(urls)) print(`  ${name.padEnd(16)} ${paint.cyan(address)}`);
      if (!options.exit) print(`\n${paint.dim('Ctrl-C ends the server and the Neo4j that was started for it')}`);
      announce({
        version: service.recommender.version.id,
        data: options.data ?? 'generated',
        seconds,
        ingest,
        model,
        users,
        urls,
      });
      stop.abort();
    });
    print(
      `\nEnded after ${formatSeconds((performance.now() - start) / 1000)}; what was made is in ${options.home} (${formatCount(snapshot.interactions.count)} interactions)`,
    );
  } finally {
    await service.close();
  }
}

export default command('demo', async ({ neo4jUri, ...given }, context) => {
  const { data, seed } = given;
  const source = data === undefined ? generateWorld({ ...demoWorld, seed }) : await openData(data, given);
  const options = { ...given, epochs: Math.min(given.epochs, demoEpochs), home: await homeOf(given, source) };
  // An invented world, or data to try, is not for somebody's real graph.
  if (neo4jUri) context.print('The demo leaves the server of NEO4J_URI alone and starts one of its own');
  const before = await databaseStatus(options);
  try {
    await demonstrate(options, source, context);
  } finally {
    // What somebody else had running is left running.
    if (before.managed && !before.running) await stopDatabase(options);
  }
  return undefined;
});

/** Counts, times and logs requests, by route and never by what was asked: ids are somebody's. */
import { createMiddleware } from 'hono/factory';
import { routePath } from 'hono/route';
import type { Logger } from 'pino';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { GraphReach } from '../../graph/reach.ts';
import type { AnswerMemory } from '../../serving/answerMemory.ts';
import type { ImpressionRecorder } from '../../serving/impressions/recorder.ts';
import type { Recommender } from '../../serving/recommender.ts';
import type { Colleagues } from '../colleagues.ts';
import type { AppEnv } from '../context.ts';
import type { RequestQueue } from '../queue.ts';

export interface Observed {
  readonly recommender: Recommender;
  readonly reach: GraphReach;
  readonly impressions?: ImpressionRecorder | undefined;
  readonly memory?: AnswerMemory | undefined;
  readonly queue?: RequestQueue | undefined;
  readonly colleagues?: Colleagues | undefined;
  readonly log: Logger;
}

/** The middleware and the registry that `/metrics` prints. A registry an app, so that two in one process do not mix. */
export function observe({ recommender, reach, impressions, memory, queue, colleagues, log }: Observed) {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Counter({
    name: 'tastegraph_http_requests_total',
    help: 'Requests by route and status',
    labelNames: ['method', 'route', 'status'],
    registers,
  });
  const seconds = new Histogram({
    name: 'tastegraph_http_request_seconds',
    help: 'Time from request to answer',
    labelNames: ['method', 'route'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  new Gauge({
    name: 'tastegraph_version_info',
    help: 'The version that is served: always 1',
    labelNames: ['version', 'model', 'snapshot'],
    aggregator: 'first',
    registers,
    collect() {
      const { id, model, snapshot } = recommender.version;
      this.reset();
      this.set({ version: id, model, snapshot: snapshot.slice(0, 12) }, 1);
    },
  });
  new Gauge({
    name: 'tastegraph_version_age_seconds',
    help: 'Time since the served version was published',
    aggregator: 'max',
    registers,
    collect() {
      this.set((Date.now() - recommender.version.at) / 1000);
    },
  });
  new Gauge({
    name: 'tastegraph_graph_reached',
    help: '1 where Neo4j answered the last question, 0 where it did not or there is none; the least of all processes',
    aggregator: 'min',
    registers,
    collect() {
      this.set(reach.state === 'reached' ? 1 : 0);
    },
  });

  if (impressions) observeImpressions(impressions, registers);
  if (memory) observeMemory(memory, registers);
  if (queue) observeQueue(queue, registers);
  new Gauge({
    name: 'tastegraph_worker_resident_bytes',
    help: 'Memory of each process that answers',
    labelNames: ['worker'],
    registers,
    collect() {
      this.set({ worker: colleagues?.worker ?? 1 }, process.memoryUsage.rss());
    },
  });

  const middleware = createMiddleware<AppEnv>(async (c, next) => {
    const start = performance.now();
    await next();
    const ms = performance.now() - start;
    const path = routePath(c, -1);
    const route = path.includes('*') ? 'unmatched' : path;
    // Any token may stand in a request's first line; only real methods become labels.
    const method = /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)$/.test(c.req.method) ? c.req.method : 'other';
    const status = c.res.status;
    requests.inc({ method, route, status });
    seconds.observe({ method, route }, ms / 1000);
    const level = /^\/((api\/)?health\/|metrics$)/.test(route) ? 'debug' : 'info';
    log[level]({ requestId: c.get('requestId'), method, route, status, ms: Math.round(ms * 10) / 10 }, 'request');
  });
  return { registry, middleware };
}

function observeImpressions(impressions: ImpressionRecorder, registers: Registry[]): void {
  new Counter({
    name: 'tastegraph_impressions_total',
    help: 'Items shown, by how far they have come: journaled on the disk, written to the graph; or repeated, unknown, dropped, expired',
    labelNames: ['outcome'],
    registers,
    collect() {
      this.reset();
      for (const [outcome, count] of Object.entries(impressions.counts)) this.inc({ outcome }, count);
    },
  });
  new Gauge({
    name: 'tastegraph_impressions_waiting',
    help: 'Items shown that wait in memory for the disk',
    registers,
    collect() {
      this.set(impressions.waiting);
    },
  });
  new Gauge({
    name: 'tastegraph_impression_journal_bytes',
    help: 'Impressions that wait on the disk for the graph',
    registers,
    collect() {
      this.set(impressions.journalBytes);
    },
  });
}

function observeMemory(memory: AnswerMemory, registers: Registry[]): void {
  new Counter({
    name: 'tastegraph_answer_cache_total',
    help: 'Lists, and deeds of users, by where they came from: made for the request, kept from before, or stale because the graph does not answer',
    labelNames: ['what', 'outcome'],
    registers,
    collect() {
      this.reset();
      for (const what of ['deeds', 'lists'] as const)
        for (const [outcome, count] of Object.entries(memory.counts[what])) this.inc({ what, outcome }, count);
    },
  });
  new Gauge({
    name: 'tastegraph_answer_cache_bytes',
    help: 'Memory of the answers that are kept, about',
    registers,
    collect() {
      this.set(memory.bytes);
    },
  });
}

function observeQueue(queue: RequestQueue, registers: Registry[]): void {
  new Gauge({
    name: 'tastegraph_requests',
    help: 'Requests that are at work, that wait for those, and that send or take lines',
    labelNames: ['state'],
    registers,
    collect() {
      this.set({ state: 'working' }, queue.working);
      this.set({ state: 'waiting' }, queue.waiting);
      this.set({ state: 'streaming' }, queue.streaming);
    },
  });
  new Counter({
    name: 'tastegraph_requests_refused_total',
    help: 'Requests that were refused because too many waited, streamed or had bodies',
    registers,
    collect() {
      this.reset();
      this.inc(queue.refused);
    },
  });
}

/** The planted world in a real Neo4j, and two services over it as two processes would have them: one behind the API, and another. */
import pino from 'pino';
import { expect } from 'vitest';
import { createApp } from '../../src/api/app.ts';
import type { AppDependencies } from '../../src/api/context.ts';
import type { Graph } from '../../src/graph/driver.ts';
import { type DeclaredPipelines, option, optionGroups } from '../../src/options.ts';
import { openService, type Service } from '../../src/pipeline/service.ts';
import { silent } from '../../src/progress.ts';
import { publish } from '../../src/serving/versions.ts';
import { plantGraph } from '../graph/planted.ts';
import { testGraph, testServer } from '../neo4j.ts';
import { type PlantedHome, plantedHome, plantedResult } from '../serving/home.ts';

export interface TwoServices {
  readonly snapshot: PlantedHome['snapshot'];
  readonly graph: Graph;
  readonly own: Service;
  readonly other: Service;
  readonly app: ReturnType<typeof createApp>;
  /** One more. */
  open(): Promise<Service>;
  /** Over the API of `own`, or that of another. */
  send(method: string, path: string, body?: object, over?: ReturnType<typeof createApp>): Promise<void>;
  close(): Promise<void>;
}

export async function twoServices(pipelines: object): Promise<TwoServices> {
  const planted = plantedHome();
  const log = pino({ level: 'silent' });
  const open = (): Promise<Service> =>
    openService(
      {
        home: planted.home,
        threads: 1,
        answerCacheMb: 16,
        answerCacheSeconds: 600,
        watchMs: 50,
        graphTimeoutMs: 20_000,
        pipelines: option.pipelines.parse(pipelines) as DeclaredPipelines,
      },
      { report: silent, signal: new AbortController().signal, log },
      { ...optionGroups.neo4j.parse({}), ...testServer() },
    );
  const graph = await testGraph();
  await plantGraph(graph);
  await publish(planted.home, plantedResult(planted.snapshot));
  const own = await open();
  const other = await open();
  const options = { maxBodyBytes: 1 << 20, requestTimeoutMs: 30_000 } as AppDependencies['options'];
  const app = createApp({ ...own, log, options });
  return {
    snapshot: planted.snapshot,
    graph,
    own,
    other,
    app,
    open,
    async send(method, path, body, over = app) {
      const headers = { 'content-type': 'application/json' };
      const answer = await over.request(path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
      expect(answer.status, await answer.text()).toBeLessThan(300);
    },
    async close() {
      await own.close();
      await other.close();
      await graph.close();
      planted.remove();
    },
  };
}

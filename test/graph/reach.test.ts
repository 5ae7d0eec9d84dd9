/** A graph that is busy is not one that is gone. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Graph } from '../../src/graph/driver.ts';
import { reachOf } from '../../src/graph/reach.ts';
import { testGraph } from '../neo4j.ts';

let graph: Graph;
beforeAll(async () => {
  graph = await testGraph();
});
afterAll(() => graph.close());

test('a question that is late while others are answered does not make the graph gone', async () => {
  const failures: unknown[] = [];
  const reach = reachOf(graph, { timeoutMs: 500, pauseMs: 0, onFailure: (cause) => failures.push(cause) });
  const one = async (known: Graph) => (await known.read((tx) => tx.run('RETURN 1 AS one'))).records.length;
  let end = (): void => {};
  const told = new Promise<void>((resolve) => {
    end = resolve;
  });
  /** Has its connection until it is told to end. */
  const slow = (known: Graph) => known.read(async (tx) => [await tx.run('RETURN 1 AS one'), await told]);

  const { lost } = reach;
  const late = reach.ask(slow);
  await one(graph); // who writes over the API is answered
  expect(await late).toBeUndefined();
  expect([reach.state, lost.aborted, failures.length]).toEqual(['reached', false, 1]);

  // Nobody is answered any more: it may as well be gone.
  expect(await reach.ask(slow)).toBeUndefined();
  expect([reach.state, lost.aborted]).toEqual(['unreachable', true]);

  end();
  while ((await reach.ask(one)) === undefined);
  expect([reach.state, reach.lost.aborted]).toEqual(['reached', false]);
});

test('a graph that is back may take writes before it is asked anything', async () => {
  const reach = reachOf(graph);
  const gone = async () => {
    throw Object.assign(new Error('refused'), { code: 'ServiceUnavailable' });
  };
  await reach.ask(gone);
  expect([reach.state, reach.mayAsk, reach.mayWrite]).toEqual(['unreachable', false, false]);

  reach.takesWrites();
  const { lost } = reach;
  expect([reach.state, reach.mayAsk, reach.mayWrite, lost.aborted]).toEqual(['unreachable', false, true, false]);
  await reach.ask(gone, true);
  expect([reach.mayWrite, lost.aborted]).toEqual([false, true]);

  reach.takesWrites();
  const { lost: next } = reach;
  await reach.ask(async () => true, true);
  expect([reach.state, reach.mayAsk, reach.mayWrite, next.aborted]).toEqual(['reached', true, true, false]);
});

/** Of whom a copy still tells everything, beside a real graph that others write to. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { Graph } from '../../src/graph/driver.ts';
import { writeInteractions } from '../../src/graph/interactions.ts';
import { reachOf } from '../../src/graph/reach.ts';
import { removeInteractions, removeNode } from '../../src/graph/removal.ts';
import { openUntouched, type Untouched } from '../../src/graph/untouched.ts';
import { snapshotFromGraph } from '../../src/sampling/fromGraph.ts';
import type { Snapshot } from '../../src/sampling/snapshot.ts';
import { withoutUsers } from '../../src/sampling/withoutUsers.ts';
import { testGraph } from '../neo4j.ts';
import { plantGraph } from './planted.ts';

let graph: Graph;
let copy: Snapshot;
let readings = 0;
const everybody = ['ann', 'bob', 'cat', 'dan', 'eve', 'new', 'nobody'];

beforeEach(async () => {
  await graph?.close();
  graph = await testGraph();
  await plantGraph(graph);
  copy = await snapshotFromGraph(graph);
});
afterAll(() => graph.close());

const opened = (): Untouched => {
  readings = 0;
  const { ask } = reachOf(graph, { timeoutMs: 20_000 });
  return openUntouched(async (question, ...how) => {
    const answer = await ask(question, ...how);
    readings++;
    return answer;
  }, 0);
};
/** Of these it is certain, once it was read `times` times. */
const untouchedIn = async (untouched: Untouched, of = copy, times = 1): Promise<string[]> => {
  for (let waited = 0; readings < times && waited < 20_000; waited += 10) {
    untouched.has('', of);
    await sleep(10);
  }
  return everybody.filter((user) => untouched.has(user, of));
};
const posted = (user: string, item: string) => ({ user, item, type: 'view', at: 9000, value: 1 });
const without = (...users: string[]) => everybody.filter((user) => !users.includes(user));

describe('a copy of the graph', () => {
  it('tells nothing for certain before the graph was asked, and then all of everybody', async () => {
    const untouched = opened();
    expect(untouched.has('ann', copy)).toBe(false);
    expect(await untouchedIn(untouched)).toEqual(everybody);
  });

  it('does not tell of who did something since, whether that came or went', async () => {
    await writeInteractions(graph, [posted('ann', 'd4'), posted('newcomer', 'd4')]);
    await removeInteractions(graph, [{ user: 'bob', item: 'd1' }]);
    const untouched = opened();
    expect(await untouchedIn(untouched)).toEqual(without('ann', 'bob'));
    expect(untouched.has('newcomer', copy)).toBe(false);
  });

  it('does not tell of who is heard of, from that moment on', async () => {
    const untouched = opened();
    expect(await untouchedIn(untouched)).toEqual(everybody);
    untouched.heard(['ann']);
    expect(untouched.has('ann', copy)).toBe(false);
    expect(untouched.has('bob', copy)).toBe(true);
  });

  it('does not tell of who is heard of while the graph is asked', async () => {
    const untouched = opened();
    untouched.has('', copy);
    untouched.heard(['ann']);
    expect(await untouchedIn(untouched)).toEqual(without('ann'));
  });

  it('tells nothing where anything may have been written, until the graph was asked again', async () => {
    const untouched = opened();
    await untouchedIn(untouched);
    untouched.heard();
    expect(untouched.has('bob', copy)).toBe(false);
    expect(await untouchedIn(untouched, copy, 2)).toEqual(everybody);
  });

  it('tells nothing where something was written without a mark, also beside what has one', async () => {
    await graph.write((tx) => tx.run("MATCH (u:User {id: 'cat'})-[r:INTERACTED]->() WITH r LIMIT 1 DELETE r"));
    expect(await untouchedIn(opened())).toEqual([]);
    await writeInteractions(graph, [posted('ann', 'd4')]);
    expect(await untouchedIn(opened())).toEqual([]);
  });

  it('does not tell of who had to do with a removed item, nor of a removed user', async () => {
    await removeNode(graph, 'item', 'd3');
    await removeNode(graph, 'user', 'ann');
    await writeInteractions(graph, [posted('dan', 'd3')]); // it is there again
    expect(await untouchedIn(opened())).toEqual(without('ann', 'bob', 'eve', 'dan'));
  });

  it('goes on where somebody was forgotten in it', async () => {
    const forgotten = withoutUsers(copy, new Set([copy.users.index('ann')!]));
    await removeNode(graph, 'user', 'ann');
    await writeInteractions(graph, [posted('cat', 'd3')]);
    expect(await untouchedIn(opened(), forgotten)).toEqual(without('cat'));
  });

  it('of another graph, of a later one, or of files tells nothing', async () => {
    const { mark, ...unmarked } = copy;
    const others = [
      unmarked,
      { ...copy, mark: { ...mark!, graph: 'another' } },
      { ...copy, mark: { ...mark!, newest: 9e15 } },
    ];
    for (const [n, other] of others.entries()) expect(await untouchedIn(opened(), other, n === 0 ? 0 : 1)).toEqual([]);
  });
});

describe('the graph as far as it answers', () => {
  const untouchedBy = async (hears: boolean, liking = {}) => {
    const reach = reachOf(graph, { timeoutMs: 20_000, hears: () => hears });
    for (let waited = 0; waited < 1000; waited += 50) {
      if (reach.isUntouched('ann', liking, copy)) return true;
      await sleep(50);
    }
    return false;
  };

  it('says who is untouched only while it hears of what is written, and where nothing expires', async () => {
    expect(await untouchedBy(true)).toBe(true);
    expect(await untouchedBy(false)).toBe(false);
    expect(await untouchedBy(true, { interactions: { view: { expiryDays: 9 } } })).toBe(false);
  });
});

/** What is too much at once is refused at once; who looks after the server is never kept waiting. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../src/api/app.ts';
import { openQueue } from '../../src/api/queue.ts';
import { TastegraphError } from '../../src/errors.ts';
import { AnswerMemory } from '../../src/serving/answerMemory.ts';
import { type PlantedApp, plantedApp } from './deps.ts';

let planted: PlantedApp;
beforeAll(async () => {
  planted = await plantedApp();
});
afterAll(() => planted.close());

/** A promise and what fulfils it. */
function gate() {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

describe('the queue', () => {
  it('works on so many, lets so many wait in their order, and refuses the rest', async () => {
    const queue = openQueue({ mostWorking: 2, mostWaiting: 2 });
    const gates = Array.from({ length: 4 }, gate);
    const begun: number[] = [];
    const all = gates.map(({ opened }, n) =>
      queue.run(async () => {
        begun.push(n);
        await opened;
        if (n === 1) throw new Error('it failed');
      }),
    );
    const failed = expect(all[1]).rejects.toThrow('it failed');
    await expect(queue.run(async () => {})).rejects.toEqual(
      new TastegraphError('api/overloaded', { working: 2, waiting: 2 }),
    );
    expect([queue.working, queue.waiting, queue.refused, ...begun]).toEqual([2, 2, 1, 0, 1]);
    gates[1]!.open(); // also one that fails makes room
    await failed;
    expect([queue.working, queue.waiting, ...begun]).toEqual([2, 1, 0, 1, 2]);
    for (const { open } of gates) open();
    await Promise.all(all.filter((_, n) => n !== 1));
    expect([queue.working, queue.waiting, ...begun]).toEqual([0, 0, 0, 1, 2, 3]);
    expect(await queue.run(async () => 'free')).toBe('free');
  });

  it('answers 503 with Retry-After, but never for health and metrics', async () => {
    const { open, opened } = gate();
    const { explainer } = planted.deps;
    const slow: typeof explainer = {
      ...explainer,
      explain: async (...given) => {
        await opened;
        return explainer.explain(...given);
      },
    };
    const queue = openQueue({ mostWorking: 1, mostWaiting: 1 });
    const app = createApp({ ...planted.deps, explainer: slow, queue });
    const path = '/v1/users/ann/recommendations/d3/explanation';
    const held = [app.request(path), app.request(path)];
    const refused = await app.request(path);
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(await refused.json()).toMatchObject({ code: 'api/overloaded', retryable: true });
    expect((await app.request('/health/live')).status).toBe(200);
    expect((await app.request('/health/ready')).status).toBe(200);
    const metrics = await (await app.request('/metrics')).text();
    expect(metrics).toContain('tastegraph_requests{state="waiting"} 1');
    expect(metrics).toContain('tastegraph_requests_refused_total 1');
    open();
    for (const answer of held) expect((await answer).status).toBe(200);
  });
});

it('a list that is kept is the list that was made, and says so', async () => {
  const memory = new AnswerMemory({ maxBytes: 1 << 20, maxAgeMs: 60_000 });
  const app = createApp({ ...planted.deps, memory });
  const ask = async (query: string) => {
    const response = await app.request(`/v1/users/ann/recommendations?${query}`);
    return { cache: response.headers.get('x-cache'), age: response.headers.get('age'), body: await response.json() };
  };
  for (const query of ['limit=3', 'limit=3&explain=false', 'limit=3&filter=genre:Drama', 'limit=2']) {
    const made = await ask(query);
    expect(made).toMatchObject({ cache: 'miss', age: null });
    expect(await ask(query)).toEqual({ ...made, cache: 'hit', age: '0' });
  }
  // What a request draws or times for itself is made for it.
  expect(await ask('limit=3&trace=1')).toMatchObject({ cache: 'miss' });
  expect(await ask('limit=3&trace=1')).toMatchObject({ cache: 'miss' });
  await planted.publish(9);
  planted.deps.recommender.reload();
  expect(await ask('limit=3')).toMatchObject({ cache: 'miss' });
});

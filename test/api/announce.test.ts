/** Which kept lists a write gives up, over a real Neo4j: those that it may have made wrong, and no others. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createApp } from '../../src/api/app.ts';
import { AnswerMemory } from '../../src/serving/answerMemory.ts';
import { type PlantedGraphApp, plantedGraphApp } from './deps.ts';

let planted: PlantedGraphApp;
let app: ReturnType<typeof createApp>;
beforeAll(async () => {
  planted = await plantedGraphApp();
  app = createApp({ ...planted.deps, memory: new AnswerMemory({ maxBytes: 1 << 20, maxAgeMs: 600_000 }) });
});
afterAll(async () => {
  await planted?.close();
});

const cached = async (user: string, explain: boolean) =>
  (await app.request(`/v1/users/${user}/recommendations?limit=2&explain=${explain}`)).headers.get('x-cache');
/** What of the lists of ann and bob, and of bob's with reasons, is kept after a write; all are afterwards. */
async function keptAfter(write: () => Response | Promise<Response>) {
  const ask = async () => [await cached('ann', false), await cached('bob', false), await cached('bob', true)];
  await ask();
  expect(await ask()).toEqual(['hit', 'hit', 'hit']);
  const response = await write();
  expect(response.status).toBeLessThan(300);
  const text = await response.text();
  if (response.headers.get('content-type') === 'application/x-ndjson') expect(text).toMatch(/"done":true.*"bad":0/);
  return await ask();
}
const send = (method: string, path: string, body?: object) => () =>
  app.request(path, {
    method,
    ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
const upload = (kind: string, line: object) => () =>
  app.request(`/v1/${kind}:bulk`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: `${JSON.stringify(line)}\n`,
  });
const view = { user: 'ann', item: 'd4', type: 'view', at: 5000, value: 1 };

it.each([
  ['items', send('POST', '/v1/items', { items: [{ id: 'new' }] }), ['hit', 'hit', 'miss']],
  ['many items', upload('items', { id: 'newer' }), ['hit', 'hit', 'miss']],
  ['a feature', send('PUT', '/v1/features/mood/slow'), ['hit', 'hit', 'miss']],
  ["a feature's name", send('PATCH', '/v1/features/mood/slow', { value: 'quiet' }), ['hit', 'hit', 'miss']],
  ['many features', upload('features', { kind: 'mood', value: 'loud' }), ['hit', 'hit', 'miss']],
  ['a feature that goes', send('DELETE', '/v1/features/mood/quiet'), ['hit', 'hit', 'miss']],
  ['users', send('POST', '/v1/users', { users: [{ id: 'ann' }] }), ['miss', 'hit', 'miss']],
  ['many users', upload('users', { id: 'ann' }), ['miss', 'hit', 'miss']],
  ['interactions', send('POST', '/v1/interactions', { interactions: [view] }), ['miss', 'hit', 'hit']],
  ['many interactions', upload('interactions', { ...view, at: 6000 }), ['miss', 'hit', 'hit']],
  ['an item that goes', send('DELETE', '/v1/items/d4'), ['miss', 'miss', 'miss']],
] as const)('%s', async (_, write, kept) => {
  expect(await keptAfter(write)).toEqual(kept);
});

/** The published versions over HTTP: listed, asked by name, promoted and rolled back; and what the server was started with. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createApp } from '../../src/api/app.ts';
import { settingsInForce } from '../../src/cli/settings.ts';
import { optionSections } from '../../src/options/sections.ts';
import { option } from '../../src/options.ts';
import { type PlantedApp, plantedApp } from './deps.ts';

let planted: PlantedApp;
let app: ReturnType<typeof createApp>;
let shown: object[];
let [first, second] = ['', ''];
beforeAll(async () => {
  planted = await plantedApp();
  shown = [];
  const impressions = { record: (each: object) => shown.push(each), close: async () => {} };
  app = createApp({ ...planted.deps, impressions: impressions as never });
  first = planted.deps.recommender.version.id;
  second = await planted.publish(11);
  planted.deps.recommender.reload();
});
afterAll(() => planted.close());

interface Listed {
  readonly id: string;
  readonly current: boolean;
}
interface Body {
  readonly version: string;
  readonly code: string;
  readonly items: object[];
  readonly versions: readonly Listed[];
  readonly history: readonly Listed[];
}

const ask = async (path: string, method = 'GET') => {
  const response = await app.request(path, { method });
  return { status: response.status, body: (await response.json()) as Body };
};

it('lists versions, newest first, with every switch', async () => {
  const { body } = await ask('/v1/versions');
  expect(body.versions.map(({ id, current }) => [id, current])).toEqual([
    [second, true],
    [first, false],
  ]);
  expect(body.history.map(({ id }) => id)).toEqual([first, second]);
  expect(body.versions[0]).toMatchObject({ users: 6, items: 10, forgotten: 0, test: expect.anything() as object });
});

it('answers from a version that is named, which is the one that was served then', async () => {
  const { body } = await ask(`/v1/users/ann/recommendations?version=${first}&explain=false`);
  expect(body.version).toBe(first);
  const { body: served } = await ask('/v1/users/ann/recommendations?explain=false');
  expect(served.version).toBe(second);
  const { body: traced } = await ask(`/v1/users/ann/recommendations?version=${first}&trace=1&explain=false`);
  expect(traced.items).toEqual(body.items);
  expect((await ask(`/v1/users/ann/recommendations/c1/why-not?version=${first}`)).body.version).toBe(first);
  const unknown = await ask('/v1/users/ann/recommendations?version=20200101-000000-abcdef');
  expect([unknown.status, unknown.body.code]).toEqual([404, 'version/not-found']);
  expect((await ask('/v1/users/ann/recommendations?version=../..')).status).toBe(404);
});

it('keeps few versions open, and answers from each all the same', async () => {
  const more = [await planted.publish(12), await planted.publish(13), await planted.publish(14)];
  for (const id of [first, ...more, first, second])
    expect((await ask(`/v1/users/ann/recommendations?version=${id}&explain=false`)).body.version).toBe(id);
});

it('does not note a look as shown', async () => {
  const before = shown.length;
  await ask('/v1/users/bob/recommendations?preview=true&explain=false');
  expect(shown.length).toBe(before);
  await ask('/v1/users/bob/recommendations?explain=false');
  expect(shown.length).toBe(before + 1);
});

it('promotes, and rolls back to what was served before', async () => {
  planted.deps.recommender.reload();
  const before = planted.deps.recommender.version.id;
  expect((await ask(`/v1/admin/versions/${first}/promote`, 'POST')).body).toEqual({ current: first });
  expect((await ask('/health/ready')).body.version).toBe(first);
  expect((await ask('/v1/admin/versions/rollback', 'POST')).body).toEqual({ current: before });
  expect((await ask('/health/ready')).body.version).toBe(before);
  const unknown = await ask('/v1/admin/versions/20200101-000000-abcdef/promote', 'POST');
  expect([unknown.status, unknown.body.code]).toEqual([404, 'version/not-found']);
});

it('tells every option with its value and where it comes from, no secret, and a tenant nothing', async () => {
  const settings = settingsInForce('serve', {
    flags: new Map([['port', '9000']]),
    env: {
      TASTEGRAPH_TOKEN: 'a-secret-of-some-length',
      NEO4J_URI: 'neo4j://ann:secret@db.example:7687',
      TASTEGRAPH_EPOCHS: 'few',
    },
  });
  const deps = { ...planted.deps, settings };
  const response = await createApp(deps).request('/v1/admin/settings');
  const text = await response.text();
  expect(text).not.toContain('secret-of');
  expect(text).not.toContain('ann:secret');
  const told = (JSON.parse(text) as { settings: { key: string }[] }).settings;
  const of = (key: string) => told.find((each) => each.key === key);
  expect(of('port')).toMatchObject({ source: 'flag', value: 9000, defaultValue: 8080, section: 'Serving', here: true });
  expect(of('token')).toMatchObject({ source: 'environment', secret: 'set' });
  expect(of('token')).not.toHaveProperty('value');
  expect(of('neo4jUri')).toMatchObject({ value: 'neo4j://(hidden)@db.example:7687' });
  expect(of('epochs')).toMatchObject({ source: 'environment', value: 'few', here: false });
  expect(of('maxBodyBytes')).toMatchObject({ source: 'default', value: 1 << 20, unit: 'bytes' });
  expect((await createApp({ ...deps, tenant: 'north' }).request('/v1/admin/settings')).status).toBe(404);
});

it('has every option in one section', () => {
  const sectioned = Object.values(optionSections).flatMap((options) => Object.keys(options));
  expect(sectioned.toSorted()).toEqual(Object.keys(option).toSorted());
});

/** Every route while the graph is known to be gone: none asks it, and those that cannot do without it say so at once. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createApp } from '../../src/api/app.ts';
import type { Document, Example, Media, Parameter, Reference } from '../../src/api/openapi/model.ts';
import { errorTable, TastegraphError } from '../../src/errors.ts';
import type { Graph } from '../../src/graph/driver.ts';
import { reachOf } from '../../src/graph/reach.ts';
import { ownSchema } from '../../src/graph/schema.ts';
import { option } from '../../src/options.ts';
import { type PlantedApp, plantedApp } from './deps.ts';

const uri = 'bolt://127.0.0.1:31230';
let asked: string[] = [];
/** A server that is gone and says nothing: whoever asks it waits. */
const silent = (what: string) => {
  asked.push(what);
  return new Promise<never>(() => {});
};
const graph = {
  connection: { uri, username: 'neo4j', database: 'neo4j' },
  schema: ownSchema,
  read: () => silent('read'),
  write: () => silent('write'),
  session: () => {
    asked.push('session');
    const close = async () => {};
    return { run: () => silent('run'), executeRead: () => silent('read'), executeWrite: () => silent('write'), close };
  },
  answeredAt: () => Number.NEGATIVE_INFINITY,
  credentials: () => ({ uri, username: 'neo4j', password: 'secret', database: 'neo4j' }),
  close: async () => {},
} as unknown as Graph;
const gone = () => Promise.reject(Object.assign(new Error('gone'), { code: 'ServiceUnavailable' }));

let planted: PlantedApp;
let app: ReturnType<typeof createApp>;
let document: Document;
beforeAll(async () => {
  planted = await plantedApp(
    graph,
    { pauseMs: 3_600_000 },
    {
      pipelines: option.pipelines.parse({
        drawn: { sources: [{ kind: 'version' }], rerank: [{ kind: 'epsilon-greedy', epsilon: 0.1 }] },
      }),
      experiments: {
        ranking: { arms: { now: { pipeline: 'default', share: 0.5 }, mixed: { pipeline: 'drawn', share: 0.5 } } },
      },
    },
  );
  await planted.deps.reach.ask(gone);
  const forget = () => silent('forget');
  const { versions } = planted.deps;
  const switching = { ...versions!, promote: () => silent('promote'), rollback: () => silent('rollback') };
  const options = { ...planted.deps.options, freeCypher: true, token: 'a-token-of-some-length' };
  app = createApp({ ...planted.deps, forget, versions: switching, options });
  document = (await (await ask('GET', '/openapi.json')).json()) as Document;
});
beforeEach(() => {
  asked = [];
});
afterAll(() => planted.close());

const ask = async (method: string, path: string, body?: string, type = 'application/json') =>
  await app.request(path, {
    method,
    headers: { authorization: 'Bearer a-token-of-some-length', ...(body !== undefined && { 'content-type': type }) },
    ...(body !== undefined && { body }),
  });

function resolved<T extends object>(given: T | Reference): T {
  if (!('$ref' in given)) return given;
  const [, , kind, name] = given.$ref.split('/');
  return (document.components as unknown as Record<string, Record<string, T>>)[kind!]![name!]!;
}
const exampleOf = ({ example, examples }: Media | Parameter): unknown =>
  example ?? resolved<Example>(Object.values(examples ?? {})[0]!).value;

const unreachable = async (response: Response) => {
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
  expect(await response.json()).toMatchObject({ code: 'neo4j/unreachable', retryable: true });
};

describe('while the graph is gone', () => {
  it('no route asks it, fails for want of it, or says where it is', async () => {
    const wrong: string[] = [];
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        const parameters = (operation.parameters ?? []).map((each) => resolved<Parameter>(each));
        const place = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
          if (/\/(pipelines|experiments)\//.test(path)) return path.includes('pipelines') ? 'drawn' : 'ranking';
          const given = exampleOf(parameters.find((each) => each.in === 'path' && each.name === name)!);
          return encodeURIComponent(String(given));
        });
        const needed = parameters.filter((each) => each.in === 'query' && 'required' in each && each.required);
        const query = needed.map((each) => `${each.name}=${encodeURIComponent(String(exampleOf(each)))}`).join('&');
        const [type, media] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
        const example = media && exampleOf(media);
        const body = example === undefined || typeof example === 'string' ? example : JSON.stringify(example);
        const response = await ask(method.toUpperCase(), `${place}?${query}`, body, type);
        const text = await response.text();
        const said = `${method.toUpperCase()} ${path}: ${response.status} ${text.slice(0, 200)}`;
        if (text.includes('31230') || text.includes('NEO4J_') || text.includes(planted.home)) wrong.push(said);
        if (asked.length > 0) wrong.push(`${said} asked ${asked.join()}`);
        if (response.status >= 500 && !/"code":"(neo4j\/unreachable|rule\/failed)"/.test(text)) wrong.push(said);
        asked = [];
      }
    }
    expect(wrong).toEqual([]);
  });

  it.each([
    ['GET', '/v1/users:export'],
    ['GET', '/v1/interactions:export'],
    ['GET', '/v1/admin/rules'],
    ['GET', '/v1/admin/rules/new'],
    ['GET', '/v1/versions/one/lineage'],
    ['GET', '/v1/pipelines/drawn/estimate'],
    ['GET', '/v1/experiments/ranking/report'],
    ['DELETE', '/v1/users/ann'],
    ['POST', '/v1/admin/versions/rollback'],
    ['GET', '/v1/admin/queries/long-tail'],
    ['POST', '/v1/admin/cypher', '{"cypher":"RETURN 1 AS one"}'],
  ])('%s %s is refused at once', async (method, path, body?: string) => {
    await unreachable(await ask(method, path, body));
    expect(asked).toEqual([]);
  });

  it.each(['/health/ready', '/api/health/ready'])('%s says that it does not answer, and no more', async (path) => {
    const problem = (await (await ask('GET', path)).json()) as { detail: string };
    expect(problem).toMatchObject({ code: 'neo4j/unreachable', detail: 'Neo4j does not answer: no answer in time' });
  });

  it('an upload is refused before its answer begins', async () => {
    await unreachable(await ask('POST', '/v1/users:bulk', '{"id":"ann"}\n', 'application/x-ndjson'));
    expect(asked).toEqual([]);
  });

  it('lists by rules do not wait for it', async () => {
    for (const path of ['recommendations', 'recommendations/d3/explanation']) {
      const response = await ask('GET', `/v1/users/ann/${path}?rules=new`);
      expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([503, 'rule/failed']);
    }
    expect(asked).toEqual([]);
  });
});

it('an upload and a download that meet a graph which has gone meanwhile have no answer begun', async () => {
  const session = () => ({ run: gone, close: async () => {} });
  const lost = { ...graph, session, read: gone, write: gone } as unknown as Graph;
  const other = createApp({ ...planted.deps, reach: reachOf(lost, { pauseMs: 3_600_000 }) });
  const init = { method: 'POST', headers: { 'content-type': 'application/x-ndjson' }, body: '{"id":"ann"}\n' };
  await unreachable(await other.request('/v1/users:bulk', init));
  const again = createApp({ ...planted.deps, reach: reachOf(lost, { pauseMs: 3_600_000 }) });
  await unreachable(await again.request('/v1/users:export'));
});

it('no error says outside where the server keeps things, or whom it asks', () => {
  const places = ['path', 'folder', 'uri', 'lock', 'log', 'root', 'checkpoint', 'quarantine', 'pid', 'from'];
  const details = Object.fromEntries(places.map((place) => [place, 'inner']));
  const wrong = Object.keys(errorTable).filter((code) => {
    const { outside } = new TastegraphError(code as keyof typeof errorTable, details);
    return outside?.includes('inner') && code !== 'api/not-found'; // which names what was asked for
  });
  expect(wrong).toEqual([]);
  expect(new TastegraphError('neo4j/unreachable', { ...details, problem: '' }).message).toContain('inner');
});

it('a version that is not there is named, and not where it would be', async () => {
  const response = await createApp(planted.deps).request('/v1/users/ann/recommendations?version=nope');
  const { detail, code } = (await response.json()) as { detail: string; code: string };
  expect([response.status, code]).toEqual([404, 'version/not-found']);
  expect(detail).toBe("No version 'nope'. See 'tastegraph versions'");
});

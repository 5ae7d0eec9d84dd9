/** Cypher in every string that a request can hold: it stays a string. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createApp, openApiDocument } from '../../src/api/app.ts';
import { type RunningServer, serve } from '../../src/api/server.ts';
import type { Graph } from '../../src/graph/driver.ts';
import { plantGraph } from '../graph/planted.ts';
import { graphContent, testGraph } from '../neo4j.ts';
import { type PlantedApp, plantedApp } from './deps.ts';
import { auth, head, interactions, json, post, send, token } from './sockets.ts';

let graph: Graph;
let planted: PlantedApp;
let server: RunningServer;
let before: unknown;

beforeAll(async () => {
  graph = await testGraph();
  await plantGraph(graph);
  planted = await plantedApp(graph);
  const options = { host: '127.0.0.1', port: 0, token, maxBodyBytes: 1 << 20, requestTimeoutMs: 30_000 };
  server = await serve({ ...options, freeCypher: true }, planted.deps);
  before = await graphContent(graph);
});
afterAll(async () => {
  await server.stop();
  await planted.close();
  await graph.close();
});

describe('Cypher in a string', () => {
  afterEach(async () => expect(await graphContent(graph)).toEqual(before));

  const payloads = [
    "' OR 1=1 //",
    "'}) DETACH DELETE n //",
    '"}) MATCH (n) DETACH DELETE n //',
    "ann' MATCH (n) SET n.polluted = 1 WITH n MATCH (m) RETURN m //",
    '`) DETACH DELETE n //',
    '\\u0027}) MATCH (n) DETACH DELETE n //',
    '$user',
    "x'}) CALL db.labels() YIELD label RETURN label //",
    "'; MATCH (n) DETACH DELETE n; //",
    "a:kind=' OR 1=1 //",
  ];

  interface Parameter {
    readonly in: string;
    readonly name: string;
    readonly required?: boolean;
    /** Absent of parameters that all routes share, which are headers. */
    readonly schema?: { readonly type?: string };
  }
  interface Operation {
    readonly parameters?: readonly Parameter[];
  }

  it('stays a string in every parameter of every path and query', async () => {
    const paths = openApiDocument(createApp(planted.deps)).paths as unknown as Record<
      string,
      Record<string, Operation>
    >;
    let asked = 0;
    for (const [path, methods] of Object.entries(paths)) {
      for (const [method, { parameters = [] }] of Object.entries(methods)) {
        const texts = parameters.filter(({ schema }) => schema?.type === 'string' || schema?.type === 'array');
        for (const target of texts) {
          // Two for each, so that over all parameters each comes several times.
          for (const payload of [payloads[asked % payloads.length]!, payloads[(asked + 1) % payloads.length]!]) {
            const textOf = ({ name }: Parameter) => encodeURIComponent(name === target.name ? payload : 'nobody');
            let url = path;
            for (const each of parameters) if (each.in === 'path') url = url.replace(`{${each.name}}`, textOf(each));
            const query = parameters
              .filter((each) => each.in === 'query' && (each === target || each.required))
              .map((each) => `${each.name}=${textOf(each)}`);
            if (target.name === 'write-back-type') continue; // it writes what it is asked to, by a name that its schema holds narrow
            const response = await fetch(`${server.url}${url}?${query.join('&')}`, {
              method: method.toUpperCase(),
              headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
              ...(method === 'post' && {
                body: JSON.stringify({ parameters: { user: payload, item: payload, kind: payload } }),
              }),
            });
            await response.text();
            asked++;
            // Neo4j that could not read a statement would be a 500 or a 503.
            expect(response.status, `${method} ${url}?${query}`).toBeLessThan(500);
          }
        }
      }
    }
    expect(asked).toBeGreaterThan(3 * payloads.length);
    // What PUT makes of a kind and a value is a feature of just that name.
    await graph.write((tx) => tx.run("MATCH (f:Feature) WHERE 'nobody' IN [f.kind, f.value] DELETE f"));
  });

  it('stays a string in questions of the catalogue', async () => {
    for (const payload of payloads.slice(0, 4)) {
      const asked = new URLSearchParams({ user: payload });
      const { statuses } = await send(server.port, [
        head(`GET /v1/admin/queries/influential-interactions?${asked.toString()}`, auth),
      ]);
      expect(statuses).toEqual([200]);
    }
  });

  it('is an id like any other where it is written, and takes nothing else with it where it is removed', async () => {
    const posted = { interactions: payloads.map((id) => ({ user: id, item: id, at: 1 })) };
    expect((await send(server.port, post(interactions, JSON.stringify(posted)))).statuses).toEqual([200]);
    const { records } = await graph.read((tx) =>
      tx.run('MATCH (u:User)-[:INTERACTED]->(i:Item) WHERE u.id = i.id RETURN u.id AS id'),
    );
    expect(new Set(records.map((record) => record.get('id') as string))).toEqual(new Set(payloads));
    const gone = JSON.stringify({ interactions: payloads.map((id) => ({ user: id, item: id })) });
    const taken = [head(`DELETE ${interactions}`, auth, json, `content-length: ${Buffer.byteLength(gone)}`), gone];
    expect((await send(server.port, taken)).text).toContain(`"removed":${payloads.length}`);
    for (const id of payloads.slice(0, 3)) {
      const { statuses } = await send(server.port, [head(`DELETE /v1/items/${encodeURIComponent(id)}`, auth)]);
      expect(statuses).toEqual([200]);
    }
    await graph.write((tx) => tx.run('MATCH (n) WHERE n.id IN $payloads DETACH DELETE n', { payloads }));
  });
});

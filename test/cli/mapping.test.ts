/** The whole way on a graph that somebody else modelled, through the command line; it is counted before and after. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Graph } from '../../src/graph/driver.ts';
import { census, movies, plantMovies } from '../graph/movies.ts';
import { testGraph, testServer } from '../neo4j.ts';
import { tastegraph } from './tastegraph.ts';

const cwd = mkdtempSync(join(tmpdir(), 'tastegraph-mapping-'));
// The home of the worker's server, so that its database is found; versions and snapshots lie there too.
const { home } = testServer();
const config = join(cwd, 'tastegraph.config.json');
const run = (...args: readonly string[]) =>
  tastegraph([...args, '--json', '--quiet'], { cwd, env: { TASTEGRAPH_HOME: home } });
let graph: Graph;
let before: unknown;
beforeAll(async () => {
  graph = await testGraph();
  await plantMovies(graph);
  before = await census(graph);
});
afterAll(async () => {
  await graph?.close();
  rmSync(cwd, { recursive: true, force: true });
  for (const folder of ['versions', 'snapshots', 'checkpoints'])
    rmSync(join(home, folder), { recursive: true, force: true });
});

describe('a graph of movies, from inspect to explain', () => {
  it('is looked at, and a mapping written beside what the config file holds', async () => {
    writeFileSync(config, JSON.stringify({ seed: 7 }));
    const inspected = await run('inspect', '--write', config);
    expect(inspected.stderr).toBe('');
    expect(inspected.json()).toMatchObject({ proposed: true, mapping: { users: { label: 'User', key: 'userId' } } });
    const written = JSON.parse(readFileSync(config, 'utf8')) as { seed: number; mapping: { items: object } };
    expect(written).toMatchObject({ seed: 7, mapping: { items: { label: 'Movie', key: 'movieId', title: 'title' } } });
  });

  it('trains, recommends, explains and finds what is similar, and adds nothing to it', async () => {
    const trained = await run(...'train ease --min-value 4 --threads 1'.split(' '));
    expect(trained.stderr).toBe('');
    expect(trained.json()).toMatchObject({ data: 'neo4j', version: expect.any(String) });
    expect((trained.json().test as { 'recall@20': number })['recall@20']).toBeGreaterThan(0.9);

    const recommended = await run('recommend', '0', '--limit', '2');
    const { items } = recommended.json() as { items: { id: string; title: string; paths: { kind: string }[] }[] };
    // User 0 rated all dramas but these two, and one comedy.
    expect(items.map(({ title }) => title).sort()).toEqual(['Drama 0', 'Drama 6']);
    expect(new Set(items.flatMap(({ paths }) => paths.map(({ kind }) => kind)))).toEqual(
      new Set(['people', 'feature']),
    );
    const explained = await run('explain', '0', '6');
    expect(explained.json()).toMatchObject({ title: 'Drama 6', graph: 'reached', attribution: expect.any(Object) });
    expect(String(explained.json().reasons)).toMatch(/genre Drama|director Director 0-0|actor Actor 0-2/);
    expect(await census(graph)).toEqual(before);
  });

  it('leaves out what was rated since, and knows an item that came since', async () => {
    await graph.write((tx) =>
      tx.run(
        `MATCH (u:User {userId: 0}), (m:Movie {movieId: 6}) CREATE (u)-[:RATED {rating: 5.0, timestamp: 990000000}]->(m)`,
      ),
    );
    const { items } = (await run('recommend', '0', '--limit', '1')).json() as { items: { id: string }[] };
    expect(items.map(({ id }) => id)).toEqual(['0']);
    await graph.write((tx) => tx.run(`MATCH (:User {userId: 0})-[r:RATED]->(:Movie {movieId: 6}) DELETE r`));
  });

  it('trains on neighbours that the database draws', async () => {
    const trained = await run(
      'train',
      'lightgcn',
      '--source',
      'neo4j',
      '--fanouts',
      '5,5',
      '--layers',
      '2',
      '--epochs',
      '1',
      '--dim',
      '8',
      '--threads',
      '1',
      '--no-publish',
    );
    expect(trained.stderr).toBe('');
    expect(trained.json()).toMatchObject({ sampling: { batches: expect.any(Number) } });
    expect(await census(graph)).toEqual(before);
  });

  it('is not written by an ingest', async () => {
    writeFileSync(join(cwd, 'more.csv'), 'user,item\n1,2\n');
    const ingested = await run('ingest', 'more.csv');
    expect(ingested.code).toBe(2);
    expect(ingested.stderr).toContain('mapping/read-only');
    expect(await census(graph)).toEqual(before);
  });

  it('gets versions and vectors with --write-back, and nothing but these', async () => {
    const trained = await run('train', 'lightgcn', '--epochs', '1', '--dim', '8', '--threads', '1', '--write-back');
    expect(trained.stderr).toBe('');
    const { records } = await graph.read((tx) =>
      tx.run(
        `MATCH (v:Version)-[:PUBLISHED_AS]->(slot:Slot {current: true})
         RETURN v.id AS version, COUNT { (u:User) WHERE size(u[slot.name]) = 8 } AS users, COUNT { (m:Movie) WHERE size(m[slot.name]) = 8 } AS items`,
      ),
    );
    expect(records.map((record) => record.toObject())).toEqual([
      { version: trained.json().version, users: movies.users, items: 2 * movies.perGenre },
    ]);
    expect(existsSync(join(home, 'versions'))).toBe(true);
  });

  it('says which field of a mapping is wrong, by its whole name', async () => {
    const wrong = await run('snapshot', '--mapping', '{"users":{"label":"User"}}');
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toMatch(/'--mapping' from the command line: users\.key: /);
    const other = await run('snapshot', '--mapping', 'movies.json');
    expect(other.stderr).toMatch(/'--mapping' from the command line/);
  });
});

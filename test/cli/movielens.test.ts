/** MovieLens 100K as somebody else would have modelled it: mapped, trained, recommended from, explained; nothing added. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Graph } from '../../src/graph/driver.ts';
import { buildMovielens, hasMovielens, movielensFolder, unbuildMovielens } from '../graph/movielens.ts';
import { census } from '../graph/movies.ts';
import { testGraph, testServer } from '../neo4j.ts';
import { tastegraph } from './tastegraph.ts';

if (!hasMovielens) console.warn(`Not run: MovieLens 100K with its knowledge graph is not at ${movielensFolder}`);
else
  describe('MovieLens 100K as films, genres, actors and directors', () => {
    const cwd = mkdtempSync(join(tmpdir(), 'tastegraph-movielens-'));
    const { home } = testServer();
    const run = (...args: readonly string[]) =>
      tastegraph([...args, '--json', '--quiet'], { cwd, env: { TASTEGRAPH_HOME: home } });
    let graph: Graph;
    beforeAll(async () => {
      graph = await testGraph();
      await buildMovielens(graph);
    });
    afterAll(async () => {
      await unbuildMovielens(graph);
      await graph?.close();
      rmSync(cwd, { recursive: true, force: true });
      for (const folder of ['versions', 'snapshots', 'checkpoints'])
        rmSync(join(home, folder), { recursive: true, force: true });
    });

    it('is mapped by inspect, trained, recommended from and explained, and is afterwards what it was', async () => {
      const before = await census(graph);
      const inspected = await run('inspect', '--write', 'tastegraph.config.json');
      expect(inspected.stderr).toBe('');
      const { parts } = inspected.json() as { parts: { field: string; what: string; count: number }[] };
      expect(parts.map(({ what, count }) => [what, count])).toEqual(
        expect.arrayContaining([
          ['(:User {userId})', 943],
          ['(:Movie {movieId})', 1682],
          ['(:User)-[:RATED]->(:Movie)', 100_000],
          ['(:Movie)-[:IN_GENRE]->(:Genre)', 2893],
        ]),
      );
      const trained = await run('train', 'ease', '--min-value', '4', '--threads', '1');
      expect(trained.stderr).toBe('');
      const { test, popularity } = trained.json() as Record<'test' | 'popularity', Record<string, number>>;
      expect(test['ndcg@20']).toBeGreaterThan(1.5 * popularity['ndcg@20']!);

      const recommended = await run('recommend', '1', '--limit', '3');
      const { items } = recommended.json() as { items: { id: string; paths: { kind: string }[] }[] };
      expect(items).toHaveLength(3);
      const seen = await graph.read((tx) =>
        tx.run('MATCH (:User {userId: 1})-[:RATED]->(m:Movie) WHERE toString(m.movieId) IN $ids RETURN m', {
          ids: items.map(({ id }) => id),
        }),
      );
      expect(seen.records).toEqual([]);
      const explained = await run('explain', '1', items[0]!.id);
      expect(explained.json()).toMatchObject({ graph: 'reached', attribution: expect.any(Object) });
      expect((explained.json().paths as { kind: string }[]).map(({ kind }) => kind)).toEqual(
        expect.arrayContaining(['people', 'feature']),
      );
      expect(await census(graph)).toEqual(before);
    });
  });

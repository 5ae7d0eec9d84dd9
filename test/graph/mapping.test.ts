/** A graph that somebody else modelled, read through a mapping: nothing of ours is in it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/graph/database.ts';
import type { Graph } from '../../src/graph/driver.ts';
import { findEvidence } from '../../src/graph/evidence.ts';
import { inspectGraph } from '../../src/graph/inspect.ts';
import { interactedItems, writeInteractions } from '../../src/graph/interactions.ts';
import { mappedSchema } from '../../src/graph/mappedSchema.ts';
import { checkMapping } from '../../src/graph/mapping.ts';
import { neighbourhoodOfItem } from '../../src/graph/neighbourhoodOfItem.ts';
import { drawNeighbours, readNodes } from '../../src/graph/neighbours.ts';
import { proposeMapping } from '../../src/graph/proposal.ts';
import { statement } from '../../src/graph/statements.ts';
import { type Mapping, mappingSchema } from '../../src/options/mapping.ts';
import { snapshotFromRecords } from '../../src/sampling/fromFiles.ts';
import { snapshotFromGraph } from '../../src/sampling/fromGraph.ts';
import { emptyGraph, testGraph, testServer } from '../neo4j.ts';
import { attacks, census, movieRecords, movies, moviesMapping, plantMovies } from './movies.ts';

let graph: Graph;
let mapped: Graph;
let before: unknown;
beforeAll(async () => {
  graph = await testGraph();
  await plantMovies(graph);
  before = await census(graph);
  mapped = await openDatabase({ ...testServer(), mapping: moviesMapping });
});
afterAll(async () => {
  await mapped?.close();
  await graph?.close();
});
const ask = { timeoutMs: 10_000, anonymity: 1 };
const withMapping = (change: (mapping: Mapping) => unknown): Mapping => {
  const copy = structuredClone(moviesMapping) as Mapping;
  return mappingSchema.parse(change(copy) ?? copy);
};

describe('a mapped graph', () => {
  it('gives the snapshot that the same data gives from files', async () => {
    const snapshot = await snapshotFromGraph(mapped);
    const expected = snapshotFromRecords(movieRecords(), 'files');
    expect([snapshot.users.count, snapshot.items.count]).toEqual([movies.users, 2 * movies.perGenre]);
    const index = snapshot.items.index('3')!;
    expect(snapshot.items.title(index)).toBe('Drama 3');
    expect(snapshot.items.at[index]).toBe(Date.UTC(1983, 0, 1));
    expect(snapshot.digest).toBe(expected.digest);
  });

  it('answers what a user did, with numbers as keys', async () => {
    const items = await interactedItems(mapped, '0', 10_000);
    const own = movieRecords().flatMap((record) =>
      record.kind === 'interaction' && record.user === '0' ? [record.item] : [],
    );
    expect(items.sort()).toEqual(own.sort());
    expect(await interactedItems(mapped, '00', 10_000)).toEqual([]);
    expect(await interactedItems(mapped, 'nobody', 10_000)).toEqual([]);
  });

  it('gives evidence: people and features, each under its own kind', async () => {
    const paths = (await findEvidence(mapped, '0', ['0'], ask)).get('0')!;
    expect(paths.some(({ kind }) => kind === 'people')).toBe(true);
    const features = paths.filter(({ kind }) => kind === 'feature').map(({ through }) => through!);
    expect(features).toContainEqual({ id: 'genre:Drama', title: 'Drama', kind: 'genre' });
    expect(features).toContainEqual({ id: 'director:Director 0-0', title: 'Director 0-0', kind: 'director' });
    // User 12 chose the first comedy and not the first drama: who acts in one and directs the other connects them as neither.
    const both = (await findEvidence(mapped, '12', ['0'], ask)).get('0')!;
    expect(JSON.stringify(both)).not.toContain('Both Ways');
  });

  it('knows what a new item is known by', async () => {
    const found = (await neighbourhoodOfItem(mapped, '100', { minValue: 4, ...ask }))!;
    expect(found).toMatchObject({ id: '100', title: 'Comedy 0' });
    expect(found.features.map(({ kind, value }) => `${kind}:${value}`)).toEqual([
      'genre:Comedy',
      'actor:Actor 1-0',
      'director:Both Ways',
      'director:Director 1-0',
    ]);
    expect(found.neighbours.length).toBeGreaterThan(0);
    expect(found.neighbours.every(({ item }) => Number(item) > 100)).toBe(true);
    expect(await neighbourhoodOfItem(mapped, 'none', ask)).toBeUndefined();
  });

  it('is drawn from as it lies there', async () => {
    const { user, item, feature } = await readNodes(mapped);
    expect([user.ids.length, item.ids.length]).toEqual([movies.users, 2 * movies.perGenre]);
    const nodeOf = (id: string) => item.nodes[item.ids.indexOf(id)]!;
    const named = new Map(feature.nodes.map((node, at) => [node, feature.ids[at]]));
    const [features] = await drawNeighbours(mapped, {
      relation: 'item-feature',
      nodes: [nodeOf('3')],
      fanout: 10,
      how: 'distinct',
    });
    expect(features!.map((node) => named.get(node)).sort()).toEqual([
      'actor:Actor 0-3',
      'director:Director 0-1',
      'genre:Drama',
    ]);
    const [people] = await drawNeighbours(mapped, {
      relation: 'item-user',
      nodes: [nodeOf('3')],
      untils: [1000 * (880_000_000 + 1000 * 5)],
      fanout: 50,
      how: 'distinct',
    });
    const early = movieRecords().filter(
      (record) => record.kind === 'interaction' && record.item === '3' && record.at <= 1000 * (880_000_000 + 1000 * 5),
    );
    expect(people).toHaveLength(early.length);
    expect(
      await drawNeighbours(mapped, { relation: 'user-user', nodes: [user.nodes[0]!], fanout: 3, how: 'distinct' }),
    ).toEqual([[]]);
  });

  it('is not written, by us or through us', async () => {
    const readOnly = expect.objectContaining({ code: 'mapping/read-only' });
    await expect(mapped.write((tx) => tx.run('CREATE (:User)'))).rejects.toEqual(readOnly);
    await expect(writeInteractions(mapped, [{ user: '0', item: '0', type: 'RATED', at: 1, value: 5 }])).rejects.toEqual(
      readOnly,
    );
    await expect(mapped.read((tx) => tx.run('CREATE (:User)'))).rejects.toMatchObject({ code: 'neo4j/query-failed' });
    const session = mapped.session({ mode: 'WRITE' });
    await expect(session.run('CREATE (:User)')).rejects.toThrow(/read access mode/i);
    await session.close();
    expect(await census(graph)).toEqual(before);
  });
});

describe('a mapping', () => {
  it('is proposed from what is there', async () => {
    const inspection = await inspectGraph(graph);
    expect(inspection.labels.find(({ label }) => label === 'User')).toMatchObject({ count: movies.users });
    const { mapping } = proposeMapping(inspection);
    const order = (features: Mapping['features']) => features.toSorted((a, b) => (a.kind < b.kind ? -1 : 1));
    // "Both Ways" makes actors and directors of several labels; what else leads to them gives them the type's name.
    expect({ ...mapping, features: [] }).toEqual({ ...moviesMapping, features: [] });
    expect(
      order(mapping.features).map(({ relationship, label, direction }) => [relationship, label, direction]),
    ).toEqual(
      order(moviesMapping.features).map(({ relationship, label, direction }) => [relationship, label, direction]),
    );
    const { parts } = await checkMapping(graph, mapping);
    expect(parts.map(({ field }) => field)).toContain('features.2');
  });

  it('is held against the database, with counts and samples', async () => {
    const { parts, notes } = await checkMapping(graph, moviesMapping);
    expect(parts.find(({ field }) => field === 'users')).toMatchObject({ what: '(:User {userId})', count: 40 });
    expect(parts.find(({ field }) => field === 'interactions.0')!.what).toBe('(:User)-[:RATED]->(:Movie)');
    expect(parts.find(({ field }) => field === 'interactions.0')!.samples).toEqual([
      'values 2 to 5',
      'from 1997-11-20 to 1997-11-20',
    ]);
    expect(notes.join()).toContain('CREATE INDEX FOR (n:User) ON (n.userId)');
  });

  const wrong: readonly [string, (mapping: Mapping) => unknown, RegExp][] = [
    [
      'a label',
      (m) => ({ ...m, users: { label: 'Usr', key: 'userId' } }),
      /users\.label: .* label 'Usr'\. There are: .*Movie.*User/,
    ],
    [
      'a key',
      (m) => ({ ...m, items: { ...m.items, key: 'id' } }),
      /items\.key: .*'id'\. There are: movieId, released, title/,
    ],
    [
      'a key that repeats',
      (m) => ({ ...m, items: { ...m.items, key: 'released' } }),
      /items\.key: of 24 Movie nodes .* 12 have the released of another/,
    ],
    [
      'a type',
      (m) => ({ ...m, interactions: [{ relationship: 'RATES' }] }),
      /interactions\.0\.relationship: .*'RATES'\. There are: .*RATED/,
    ],
    [
      'a direction',
      (m) => ({ ...m, interactions: [{ relationship: 'RATED', direction: 'in' }] }),
      /nothing is \(:User\)<-\[:RATED\]-\(:Movie\)\. There is \(:User\)-\[:RATED\]->\(:Movie\)/,
    ],
    [
      'a unit',
      (m) => ({ ...m, interactions: [{ relationship: 'RATED', time: { property: 'timestamp', unit: 'ms' } }] }),
      /interactions\.0\.time\.unit: 'timestamp' in ms is of 1970-01-11 .*It looks like 's'/,
    ],
    [
      'a unit of another kind',
      (m) => ({ ...m, interactions: [{ relationship: 'RATED', time: { property: 'timestamp', unit: 'date' } }] }),
      /is INTEGER .* which is no 'date'\. Say 'ms' or 's' or 'year'/,
    ],
    [
      'a value',
      (m) => ({ ...m, items: { ...m.items, available: 'title' } }),
      /items\.available: 'title' is STRING .* expected BOOLEAN/,
    ],
    [
      'a feature',
      (m) => ({ ...m, features: [{ ...m.features[1]!, direction: 'out' }] }),
      /features\.0\.relationship: nothing is \(:Movie\)-\[:ACTED_IN\]->\(:Actor\)\. There is \(:Actor/,
    ],
    [
      'a feature property',
      (m) => ({ ...m, features: [{ ...m.features[0]!, value: 'title' }] }),
      /features\.0\.value: .* There are: name/,
    ],
  ];
  for (const [what, change, message] of wrong)
    it(`with ${what} that is not there says which field, and what there is`, async () => {
      await expect(checkMapping(graph, withMapping(change))).rejects.toThrow(message);
    });
});

describe('names that try to break out, in the database', () => {
  it('find what has exactly that name, and touch nothing else', async () => {
    await emptyGraph(graph);
    for (const [at, name] of attacks.entries()) {
      const parse = { users: { label: name, key: name }, items: { label: `${name}!`, key: name, title: name } };
      const mapping = mappingSchema.parse({ ...parse, interactions: [{ relationship: name, value: name }] });
      const q = (text: string) => `\`${text.replaceAll('`', '``')}\``;
      await graph.write((tx) =>
        tx.run(
          `CREATE (:${q(name)} {${q(name)}: $user})-[:${q(name)} {${q(name)}: 3.0}]->(:${q(`${name}!`)} {${q(name)}: $item})`,
          {
            user: `u${at}`,
            item: `i${at}`,
          },
        ),
      );
      const schema = mappedSchema(mapping, { users: 'text', items: 'text' });
      const found = await interactedItems({ ...graph, schema }, `u${at}`, 10_000);
      expect(found, name).toEqual([`i${at}`]);
      const { parts } = await checkMapping(graph, mapping);
      expect(parts.map(({ count }) => count)).toEqual([1, 1, 1]);
    }
    const { records } = await graph.read((tx) =>
      tx.run('MATCH (n) WHERE NOT n:Migration AND NOT n:MigrationLock RETURN count(n) AS n'),
    );
    expect(records[0]!.get('n')).toBe(2 * attacks.length);
    expect(statement('read/users')).toContain('(u:User)');
  });
});

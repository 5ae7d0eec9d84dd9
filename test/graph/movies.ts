/** A small graph of the shape of Neo4j's public movie recommendations example, with tastes planted in it. */
import type { DataRecord } from '../../src/data/records.ts';
import type { Graph } from '../../src/graph/driver.ts';
import { type Mapping, mappingSchema } from '../../src/options/mapping.ts';

/** How such a graph is to be read. */
export const moviesMapping: Mapping = mappingSchema.parse({
  users: { label: 'User', key: 'userId' },
  items: { label: 'Movie', key: 'movieId', title: 'title', time: { property: 'released', unit: 'year' } },
  interactions: [{ relationship: 'RATED', value: 'rating', time: { property: 'timestamp', unit: 's' } }],
  features: [
    { relationship: 'IN_GENRE', label: 'Genre', value: 'name', kind: 'genre' },
    { relationship: 'ACTED_IN', direction: 'in', label: 'Actor', value: 'name', kind: 'actor' },
    { relationship: 'DIRECTED', direction: 'in', label: 'Director', value: 'name', kind: 'director' },
  ],
});

export const movies = { users: 40, perGenre: 12, genres: ['Drama', 'Comedy'], actors: 4, directors: 2 } as const;

/**
 * Users 0, 2, … rate dramas and 1, 3, … comedies from 4 to 5, all but two of them, and one film of the other kind with 2. Genre
 * g's films have actors and directors of their own; "Both Ways" acts in the first drama and directs the first comedy.
 */
export async function plantMovies(graph: Graph): Promise<void> {
  await graph.write(async (tx) => {
    await tx.run(
      `UNWIND range(0, size($genres) - 1) AS g
       CREATE (genre:Genre {name: $genres[g]})
       WITH g, genre UNWIND range(0, toInteger($perGenre) - 1) AS i
       CREATE (m:Movie {movieId: toInteger(100 * g + i), title: genre.name + ' ' + i, released: 1980 + toInteger(i)})-[:IN_GENRE]->(genre)
       MERGE (a:Actor {name: 'Actor ' + g + '-' + (i % toInteger($actors))})
       MERGE (d:Director {name: 'Director ' + g + '-' + (i % toInteger($directors))})
       CREATE (a)-[:ACTED_IN]->(m)<-[:DIRECTED]-(d)`,
      movies,
    );
    await tx.run(
      `MATCH (drama:Movie {movieId: 0}), (comedy:Movie {movieId: 100})
       CREATE (drama)<-[:ACTED_IN]-(:Actor:Director {name: 'Both Ways'})-[:DIRECTED]->(comedy)`,
    );
    await tx.run(
      `UNWIND range(0, toInteger($users) - 1) AS u
       CREATE (user:User {userId: u, name: 'User ' + u})
       WITH u, user MATCH (m:Movie)
       WITH u, user, m, m.movieId % 100 AS i, toInteger(m.movieId / 100) AS g
       WHERE (g = u % 2 AND i % 6 <> u % 6) OR (g <> u % 2 AND i = u % toInteger($perGenre))
       CREATE (user)-[:RATED {rating: CASE WHEN g = u % 2 THEN 4.0 + (u + i) % 2 ELSE 2.0 END, timestamp: 880000000 + 1000 * u + i}]->(m)`,
      movies,
    );
  });
}

/** The same as records, made without the database. */
export function movieRecords(): DataRecord[] {
  const { users, perGenre, genres, actors, directors } = movies;
  const records: DataRecord[] = [];
  for (const [g, genre] of genres.entries())
    for (let i = 0; i < perGenre; i++) {
      const both = i > 0 ? [] : [{ kind: g === 0 ? 'actor' : 'director', value: 'Both Ways', weight: 1 }];
      const features = [
        { kind: 'genre', value: genre, weight: 1 },
        { kind: 'actor', value: `Actor ${g}-${i % actors}`, weight: 1 },
        { kind: 'director', value: `Director ${g}-${i % directors}`, weight: 1 },
        ...both,
      ];
      const at = Date.UTC(1980 + i, 0, 1);
      records.push({ kind: 'item', id: `${100 * g + i}`, title: `${genre} ${i}`, at, features });
    }
  for (let u = 0; u < users; u++)
    for (const g of genres.keys())
      for (let i = 0; i < perGenre; i++) {
        const isOwn = g === u % 2;
        if (isOwn ? i % 6 === u % 6 : i !== u % perGenre) continue;
        const [value, at] = [isOwn ? 4 + ((u + i) % 2) : 2, 1000 * (880_000_000 + 1000 * u + i)];
        records.push({ kind: 'interaction', user: `${u}`, item: `${100 * g + i}`, type: 'RATED', at, value });
      }
  return records;
}

/** What there is in the database, counted: nodes by labels, relationships by type, property names in use, constraints and indexes. */
export async function census(graph: Graph): Promise<unknown> {
  const all = async (query: string): Promise<unknown[]> =>
    graph.read(async (tx) => (await tx.run(query)).records.map((record) => record.toObject() as unknown));
  return {
    nodes: await all('MATCH (n) RETURN labels(n) AS labels, count(*) AS count ORDER BY labels'),
    edges: await all('MATCH ()-[r]->() RETURN type(r) AS type, count(*) AS count ORDER BY type'),
    nodeProperties: await all(
      'MATCH (n) UNWIND keys(n) AS key RETURN labels(n) AS labels, key, count(*) AS count ORDER BY labels, key',
    ),
    edgeProperties: await all(
      'MATCH ()-[r]->() UNWIND keys(r) AS key RETURN type(r) AS type, key, count(*) AS count ORDER BY type, key',
    ),
    indexes: await all('SHOW INDEXES YIELD name, type RETURN name, type ORDER BY name'),
    constraints: await all('SHOW CONSTRAINTS YIELD name, type RETURN name, type ORDER BY name'),
  };
}

/** Names that try to end the backticks, the statement, or to begin another. */
export const attacks = [
  'User`) DETACH DELETE n //',
  '`',
  '``',
  'a`b``c```',
  "User'}) MATCH (n) DETACH DELETE n //",
  'User) RETURN 1 UNION MATCH (n',
  '$limit',
  '{name}',
  'User /* ',
  'x:User|Item',
  'r.value',
  'ünï çødé 🎬',
];

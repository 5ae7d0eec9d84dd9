/**
 * MovieLens 100K with its knowledge graph, as Neo4j's public movie recommendations example models films: built by plain Cypher, as
 * somebody else would. (:User {userId, name})-[:RATED {rating, timestamp}]->(:Movie {movieId, title, released})-[:IN_GENRE]->
 * (:Genre {name}), (:Actor)-[:ACTED_IN]->(:Movie)<-[:DIRECTED]-(:Director).
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Graph } from '../../src/graph/driver.ts';

export const movielensFolder = '../shared/data/ml-100k';
export const hasMovielens = existsSync(join(movielensFolder, 'ml-100k.kg'));

const linesOf = (file: string): string[] =>
  readFileSync(join(movielensFolder, file), 'latin1')
    .split('\n')
    .filter((line) => line !== '');

/** Films that both names of a relation in the knowledge graph lead to or from, as pairs of entity and film. */
function peopleOf(
  relations: readonly string[],
  filmOf: ReadonlyMap<string, string>,
): { name: string; movie: number }[] {
  const seen = new Set<string>();
  for (const line of linesOf('ml-100k.kg').slice(1)) {
    const [head, relation, tail] = line.split('\t') as [string, string, string];
    if (!relations.includes(relation)) continue;
    const [person, film] = filmOf.has(head) ? [tail, filmOf.get(head)] : [head, filmOf.get(tail)];
    if (film !== undefined) seen.add(`${person}\t${film}`);
  }
  return Array.from(seen, (pair) => {
    const [name, movie] = pair.split('\t') as [string, string];
    return { name, movie: Number(movie) };
  });
}

const statements = {
  index: (label: string, key: string) => `CREATE CONSTRAINT IF NOT EXISTS FOR (n:${label}) REQUIRE n.${key} IS UNIQUE`,
  users: `UNWIND $rows AS row CREATE (:User {userId: toInteger(row.user), name: 'User ' + toInteger(row.user)})`,
  movies: `UNWIND $rows AS row CREATE (m:Movie {movieId: toInteger(row.movie), title: row.title, released: toInteger(row.released)})
           WITH m, row UNWIND row.genres AS name MERGE (g:Genre {name: name}) CREATE (m)-[:IN_GENRE]->(g)`,
  ratings: `UNWIND $rows AS row MATCH (u:User {userId: toInteger(row.user)}), (m:Movie {movieId: toInteger(row.movie)})
            CREATE (u)-[:RATED {rating: row.rating, timestamp: toInteger(row.at)}]->(m)`,
  actors: `UNWIND $rows AS row MATCH (m:Movie {movieId: toInteger(row.movie)})
           MERGE (a:Actor {name: row.name}) CREATE (a)-[:ACTED_IN]->(m)`,
  directors: `UNWIND $rows AS row MATCH (m:Movie {movieId: toInteger(row.movie)})
              MERGE (d:Director {name: row.name}) CREATE (d)-[:DIRECTED]->(m)`,
};

/** Builds it with its own constraints; `unbuildMovielens` takes those away again. */
export async function buildMovielens(graph: Graph): Promise<void> {
  const genres = linesOf('u.genre').map((line) => line.split('|')[0]!);
  for (const [label, key] of keys) await graph.write((tx) => tx.run(statements.index(label, key)));
  const write = async (text: string, rows: readonly object[]): Promise<void> => {
    for (let from = 0; from < rows.length; from += 10_000)
      await graph.write((tx) => tx.run(text, { rows: rows.slice(from, from + 10_000) }));
  };
  await write(
    statements.users,
    linesOf('u.user').map((line) => ({ user: Number(line.split('|')[0]) })),
  );
  await write(
    statements.movies,
    linesOf('u.item').map((line) => {
      const fields = line.split('|');
      const flags = fields.slice(5);
      return {
        movie: Number(fields[0]),
        title: fields[1]!,
        released: fields[2] ? Number(fields[2].slice(-4)) : null,
        genres: genres.filter((_, at) => flags[at] === '1'),
      };
    }),
  );
  await write(
    statements.ratings,
    linesOf('u.data').map((line) => {
      const [user, movie, rating, at] = line.split('\t').map(Number);
      return { user, movie, rating, at };
    }),
  );
  const links = linesOf('ml-100k.link')
    .slice(1)
    .map((line) => line.split('\t') as [string, string]);
  const filmOf = new Map(links.map(([item, entity]) => [entity, item]));
  await write(statements.actors, peopleOf(['film.film.actor', 'film.actor.film'], filmOf));
  await write(statements.directors, peopleOf(['film.film.directed_by', 'film.director.film'], filmOf));
}

const keys = [
  ['User', 'userId'],
  ['Movie', 'movieId'],
  ['Genre', 'name'],
  ['Actor', 'name'],
  ['Director', 'name'],
] as const;

export async function unbuildMovielens(graph: Graph): Promise<void> {
  const names = await graph.read(async (tx) => {
    const { records } = await tx.run(
      `SHOW CONSTRAINTS YIELD name, labelsOrTypes, properties
       WHERE [labelsOrTypes[0], properties[0]] IN $keys RETURN name`,
      { keys },
    );
    return records.map((record) => record.get('name') as string);
  });
  for (const name of names) await graph.write((tx) => tx.run(`DROP CONSTRAINT \`${name}\``));
}

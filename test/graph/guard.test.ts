/** Free Cypher: what only reads goes through, and every way out that we know of is refused. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askFreely } from '../../src/graph/admin/apart.ts';
import { guardCypher, guardText } from '../../src/graph/admin/guard.ts';
import { openRows } from '../../src/graph/admin/rows.ts';
import type { Graph } from '../../src/graph/driver.ts';
import { graphContent, testGraph } from '../neo4j.ts';
import { plantGraph } from './planted.ts';

let graph: Graph;
let before: Awaited<ReturnType<typeof graphContent>>;
beforeAll(async () => {
  graph = await testGraph();
  await plantGraph(graph);
  before = await graphContent(graph);
});
afterAll(() => graph.close());

const limits = { timeoutMs: 30_000, limit: 1000, memoryMb: 128 };

async function ask(text: string, parameters = {}, more: Partial<typeof limits & { signal: AbortSignal }> = {}) {
  const { columns, rows } = await askFreely(graph, text, parameters, { ...limits, ...more });
  const found = [];
  for await (const row of rows) found.push(row);
  return { columns, rows: found };
}

const escapes: readonly (readonly [what: string, text: string])[] = [
  ['creates', "CREATE (:User {id: 'mallory'})"],
  ['merges', "MERGE (u:User {id: 'mallory'}) RETURN u"],
  ['sets', 'MATCH (u:User) SET u.id = 1 RETURN u'],
  ['removes', 'MATCH (u:User) REMOVE u:User RETURN u'],
  ['deletes', 'MATCH (u) DETACH DELETE u'],
  ['creates for each', 'FOREACH (x IN [1] | CREATE (:User {id: "m"}))'],
  ['creates in a subquery', 'CALL () { CREATE (u:User) RETURN u } RETURN u'],
  ['inserts', "INSERT (:User {id: 'mallory'})"],
  ['writes in transactions of its own', 'MATCH (u:User) CALL (u) { DETACH DELETE u } IN TRANSACTIONS OF 1 ROWS'],
  ['reads in transactions of its own', 'MATCH (u:User) CALL (u) { RETURN 1 AS x } IN TRANSACTIONS RETURN x'],
  ['reads a file', "LOAD CSV FROM 'file:///etc/passwd' AS line RETURN line"],
  ['reads a URL', "LOAD CSV FROM 'http://169.254.169.254/' AS line RETURN line"],
  ['reads a URL from a parameter', 'LOAD CSV FROM $url AS line RETURN line'],
  ['hides its words in escapes', "LO\\u0041D CSV FROM 'file:///etc/passwd' AS line RETURN line"],
  ['hides its words in capital escapes', 'RETURN 1 AS x \\U003B'],
  ['asks for the configuration', 'CALL dbms.listConfig() YIELD name, value RETURN name, value'],
  ['calls without brackets', 'CALL dbms.listConfig'],
  ['calls in backticks', 'CALL `dbms`.`listConnections`() YIELD username RETURN username'],
  ['calls with blanks between', 'CALL dbms /* hidden */ . listConnections ( ) YIELD username RETURN username'],
  ['calls what writes', "CALL db.createLabel('Mallory')"],
  ['calls what writes a vector', "MATCH (u:User) CALL db.create.setNodeVectorProperty(u, 'v', [1.0])"],
  ['calls what ends connections', "CALL dbms.killConnection('bolt-1')"],
  ['calls what clears caches', 'CALL db.clearQueryCaches()'],
  ['calls a plugin', "CALL apoc.cypher.doIt('CREATE (n)', {})"],
  ['calls a function of a plugin', "RETURN apoc.cypher.runFirstColumnSingle('MATCH (n) RETURN n', {}) AS x"],
  ['calls a function in backticks', "RETURN `apoc`.`static`.`get`('password') AS x"],
  ['calls a function over lines', "RETURN apoc\n.load\n.json\n('http://localhost') AS x"],
  ['names another graph', "CALL () { USE graph.byName('system') MATCH (n) RETURN n } RETURN n"],
  ['uses another database', 'USE system SHOW USERS'],
  ['uses its own database by name', 'USE neo4j MATCH (n) RETURN n'],
  ['gives two statements', 'RETURN 1 AS x; MATCH (n) DETACH DELETE n'],
  ['gives two statements after a comment', 'RETURN 1 AS x /* ; */ ; RETURN 2 AS y'],
  ['ends a comment by a carriage return', 'RETURN 1 AS x //\rMERGE (n:Mallory) RETURN n'],
  ['ends a string by an escape', "RETURN 'a\\\\' AS x MERGE (n:Mallory) //'"],
  ['leaves a string open', "RETURN 'a AS x"],
  ['leaves a comment open', 'RETURN 1 AS x /* and'],
  ['blanks that are none', 'RETURN apoc.x\u180e(1) AS x'],
  ['shows users', 'SHOW USERS'],
  ['shows privileges', 'SHOW PRIVILEGES'],
  ['shows settings', 'SHOW SETTINGS'],
  ['shows what others run', 'SHOW TRANSACTIONS YIELD currentQuery RETURN currentQuery'],
  ['ends what others run', "TERMINATE TRANSACTIONS 'neo4j-transaction-1'"],
  [
    'shows and ends',
    'SHOW TRANSACTIONS YIELD transactionId AS t TERMINATE TRANSACTIONS t YIELD message RETURN message',
  ],
  ['shows databases', 'SHOW DATABASES'],
  ['makes an index', 'CREATE INDEX mallory FOR (n:User) ON (n.name)'],
  ['drops a constraint', 'DROP CONSTRAINT user_id'],
  ['makes a user', "CREATE USER mallory SET PASSWORD 'password1'"],
  ['alters a user', "ALTER USER neo4j SET PASSWORD 'password1'"],
  ['grants', 'GRANT ROLE admin TO mallory'],
  ['stops a database', 'STOP DATABASE neo4j'],
  ['runs what it profiles', 'PROFILE MATCH (n) RETURN n'],
  ['changes how it is planned', 'CYPHER runtime=slotted MATCH (n) RETURN n'],
  ['asks to be explained', 'EXPLAIN MATCH (n) RETURN n'],
  ['is empty', ' // nothing\n'],
  ['is too long', `RETURN '${'x'.repeat(20_000)}' AS x`],
  ['is no Cypher', 'SELECT * FROM users'],
];

const reads: readonly string[] = [
  'MATCH (u:User) RETURN count(u) AS n;',
  "RETURN 'CREATE (n); LOAD CSV' AS x // MERGE (n)",
  'RETURN {set: 1, delete: 2}.set AS `create`',
  'MATCH (n) WHERE n.load IS NULL AND n.`merge` IS NULL RETURN count(n) AS n',
  'MATCH (n:Use|Item) RETURN n.id AS id LIMIT $create',
  'MATCH (u:User) CALL (u) { MATCH (u)-[:INTERACTED]->(i) RETURN count(i) AS n } RETURN u.id, n',
  'MATCH (u:User) WHERE EXISTS { (u)-[:TRUSTS]->() } AND NOT (u)-[:HAS]->() RETURN u.id UNION MATCH (i:Item) RETURN i.id AS `u.id`',
  "MATCH p = shortestPath((a:User {id: 'ann'})-[:INTERACTED*..4]-(b:User {id: 'dan'})) RETURN [n IN nodes(p) | n.id] AS way",
  "MATCH (a:User {id: 'ann'}) (()-[:INTERACTED]-()){2,2} (b:User) RETURN DISTINCT b.id",
  'CALL db.labels() YIELD label RETURN label',
  'SHOW INDEXES',
  'UNWIND [1, 2] AS x WITH x ORDER BY x DESC SKIP 1 RETURN x, duration.between(date(), date()) AS d',
  'MATCH (i:Item) RETURN i.id, reduce(s = 0, x IN range(1, 3) | s + x) AS s, coalesce(i.title, "") AS t, point({x: 1, y: 2}) AS p',
];

describe('free Cypher', () => {
  it.each(escapes)('that %s is refused', async (_, text) => {
    await expect(ask(text, { url: 'http://localhost', create: 1 })).rejects.toMatchObject({ code: 'query/refused' });
  });

  it('has changed nothing by all that', async () => {
    expect(await graphContent(graph)).toEqual(before);
  });

  it.each(reads)('reads: %s', async (text) => {
    await expect(ask(text, { create: 3 })).resolves.toBeDefined();
  });

  it('would be refused by the text, by the plan and by the transaction, each alone', async () => {
    const text = "CREATE (:User {id: 'mallory'})";
    expect(() => guardText(text)).toThrow(/CREATE is not allowed/);
    const rows = async () => {
      for await (const _ of (await openRows(graph, text, {}, limits, 'x')).rows);
    };
    await expect(rows()).rejects.toMatchObject({ code: 'neo4j/query-failed' });
    // What the text does not show, the plan does.
    await expect(guardCypher(graph, 'CALL db.ping', {}, 30_000)).rejects.toThrow(/procedure db\.ping/);
    await expect(guardCypher(graph, 'SHOW SETTINGS', {}, 30_000)).rejects.toThrow(/ShowSettings/);
  });

  it('answers nodes, times and whole numbers as JSON holds them, and says what was more', async () => {
    const { columns, rows } = await ask("MATCH (i:Item {id: $id}) RETURN i, date('2024-02-29') AS day, $n + 1 AS n", {
      id: 'd1',
      n: 41,
    });
    expect(columns).toEqual(['i', 'day', 'n']);
    expect(rows).toEqual([
      [{ labels: ['Item'], properties: { id: 'd1', title: 'Film d1', available: true } }, '2024-02-29', 42],
    ]);
    const many = await askFreely(graph, 'UNWIND range(1, 1000) AS x RETURN x', {}, { ...limits, limit: 250 });
    const taken = [];
    for await (const [x] of many.rows) taken.push(x);
    expect(taken).toHaveLength(250);
    expect(taken.at(-1)).toBe(250);
    expect(many.more()).toBe(true);
  });

  it('a row without an end costs nothing but its thread', async () => {
    const endless = 'RETURN range(1, 1000000000) AS x';
    await expect(ask(endless, {}, { timeoutMs: 3000, memoryMb: 64 })).rejects.toMatchObject({
      code: expect.stringMatching(/^query\/(memory|timeout)$/),
    });
    await nothingRuns('range(1, 1000000000)');
  });

  it('what takes too long is ended by the server', async () => {
    const slow = 'UNWIND range(1, 1000000) AS x UNWIND range(1, 1000000) AS y RETURN sum(x * y) AS s';
    await expect(ask(slow, {}, { timeoutMs: 1000 })).rejects.toMatchObject({ code: 'query/timeout' });
    await nothingRuns('sum(x * y)');
  });

  it('what nobody waits for any more is ended', async () => {
    const gone = new AbortController();
    const slow = ask(
      'UNWIND range(1, 1000000) AS x UNWIND range(1, 1000000) AS y RETURN max(x * y) AS s',
      {},
      { signal: gone.signal },
    );
    const ended = expect(slow).rejects.toThrow('gone');
    await runs('max(x * y)');
    gone.abort(new Error('gone'));
    await ended;
    await nothingRuns('max(x * y)');
  });
});

async function running(part: string): Promise<number> {
  const { records } = await graph.read((tx) =>
    tx.run('SHOW TRANSACTIONS YIELD currentQuery WHERE currentQuery CONTAINS $part RETURN currentQuery', { part }),
  );
  return records.filter((record) => !String(record.get('currentQuery')).startsWith('SHOW')).length;
}
async function runs(part: string): Promise<void> {
  while ((await running(part)) === 0) await sleep(20);
}
async function nothingRuns(part: string): Promise<void> {
  while ((await running(part)) > 0) await sleep(20);
}

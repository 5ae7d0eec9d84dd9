import { spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Graph } from '../../src/graph/driver.ts';
import { migrate, readMigrations, schemaFolder, splitStatements } from '../../src/graph/migrations.ts';
import { ensureServer } from '../../src/graph/server.ts';
import { packageRoot } from '../../src/package.ts';
import { testGraph, testServer } from '../neo4j.ts';

let graph: Graph;
const base = mkdtempSync(join(tmpdir(), 'tastegraph-migrations-'));
let folder: string;
const probe = '900-probe.cypher';
const probeText = `// A probe; not a statement;
CREATE CONSTRAINT probe_id IF NOT EXISTS FOR (n:Probe) REQUIRE n.id IS UNIQUE;
CREATE INDEX probe_at IF NOT EXISTS FOR (n:Probe) ON (n.at);
CREATE (:Probe {id: 'the one', text: 'a;b'});
CREATE (:Probe {id: randomUUID()});
`;

async function all(text: string, key: string): Promise<unknown[]> {
  const { records } = await graph.read((tx) => tx.run(text));
  return records.map((row) => row.get(key) as unknown);
}
const constraints = () => all('SHOW CONSTRAINTS YIELD name RETURN name ORDER BY name', 'name');
const probes = async () => (await all('MATCH (p:Probe) RETURN count(p) AS n', 'n'))[0];

/** As a database is before Tastegraph has ever seen it. */
async function bare(): Promise<void> {
  await graph.write((tx) => tx.run('MATCH (n) DETACH DELETE n'));
  for (const name of await constraints()) await graph.write((tx) => tx.run(`DROP CONSTRAINT ${String(name)}`));
  await graph.write((tx) => tx.run('DROP INDEX probe_at IF EXISTS'));
}

/** The shipped migrations and a probe, over a bare database. */
beforeEach(async () => {
  folder = mkdtempSync(join(base, 'schema-'));
  for (const file of readdirSync(schemaFolder)) copyFileSync(join(schemaFolder, file), join(folder, file));
  writeFileSync(join(folder, probe), probeText);
  await bare();
});
beforeAll(async () => {
  graph = await testGraph();
});
afterAll(async () => {
  await bare();
  await migrate(graph);
  await graph.close();
  rmSync(base, { recursive: true, force: true });
});

test('a file is split at semicolons that end a line, and comments fall away', () => {
  expect(splitStatements(probeText)).toHaveLength(4);
  expect(splitStatements("// nothing;\n\nRETURN ';';\nRETURN 2")).toEqual(["RETURN ';'", 'RETURN 2']);
});

test('outside ids are unique once the shipped files are applied', async () => {
  await migrate(graph);
  expect(await constraints()).toEqual(
    expect.arrayContaining(['feature_key', 'item_id', 'slot_name', 'snapshot_digest', 'user_id', 'version_id']),
  );
  const twice = graph.write((tx) => tx.run("UNWIND [1, 2] AS i CREATE (:User {id: 'ann'})"));
  await expect(twice).rejects.toMatchObject({ code: 'neo4j/query-failed' });
  // Whose id it was stays out of the message.
  await expect(twice).rejects.not.toThrow('ann');
});

test('every file is applied once, in order, and written down', async () => {
  const files = readMigrations(folder).map(({ file }) => file);
  expect(await migrate(graph, undefined, folder)).toEqual(files);
  expect(await migrate(graph, undefined, folder)).toEqual([]);
  expect(await probes()).toBe(2);
  const recorded = await all('MATCH (m:Migration) RETURN m.checksum AS sum ORDER BY m.version', 'sum');
  expect(recorded).toEqual(readMigrations(folder).map(({ checksum }) => checksum));
});

test('four processes at once apply it once', async () => {
  const connection = await ensureServer(testServer());
  const dist = join(packageRoot, 'dist', 'graph');
  const program = `
    import { openGraph } from ${JSON.stringify(join(dist, 'driver.js'))};
    import { migrate } from ${JSON.stringify(join(dist, 'migrations.js'))};
    const graph = await openGraph(JSON.parse(process.env.CONNECTION));
    console.log(JSON.stringify(await migrate(graph, () => {}, process.argv[1])));
    await graph.close();`;
  const one = () =>
    new Promise<string[]>((resolve, reject) => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', program, folder], {
        env: { ...process.env, CONNECTION: JSON.stringify(connection) },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let text = '';
      child.stdout.on('data', (part: Buffer) => {
        text += part.toString();
      });
      child.on('close', (code) =>
        code === 0 ? resolve(JSON.parse(text) as string[]) : reject(new Error(`code ${code}`)),
      );
    });
  const applied = await Promise.all([one(), one(), one(), one()]);
  expect(applied.flat().sort()).toEqual(readMigrations(folder).map(({ file }) => file));
  expect(await probes()).toBe(2);
});

test('one that fails halfway leaves no data behind and is applied whole after it is mended', async () => {
  writeFileSync(join(folder, probe), `${probeText}RETURN 1 / 0;\n`);
  await expect(migrate(graph, undefined, folder)).rejects.toMatchObject({ code: 'neo4j/query-failed' });
  expect(await probes()).toBe(0);
  writeFileSync(join(folder, probe), probeText);
  expect(await migrate(graph, undefined, folder)).toEqual([probe]);
  expect(await probes()).toBe(2);
});

test('a file that was changed after it was applied is refused, and so is a database that is ahead', async () => {
  await migrate(graph, undefined, folder);
  writeFileSync(join(folder, probe), `${probeText}// changed`);
  await expect(migrate(graph, undefined, folder)).rejects.toMatchObject({
    code: 'neo4j/migration-changed',
    details: { file: probe },
  });
  await expect(migrate(graph)).rejects.toMatchObject({ code: 'neo4j/migration-newer', details: { version: 900 } });
});

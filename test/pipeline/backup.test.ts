/** Backup and restore of a whole home on a real server: what is put back is what was there, and nothing is ever half. */
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/graph/database.ts';
import type { Graph } from '../../src/graph/driver.ts';
import { ingest } from '../../src/graph/ingest.ts';
import { type ServerOptions, serverStatus, stopServer } from '../../src/graph/server.ts';
import { commandOptions } from '../../src/options.ts';
import { readManifest, verifyFiles } from '../../src/pipeline/backup/archive.ts';
import { backUp, restore } from '../../src/pipeline/backup.ts';
import type { Run } from '../../src/pipeline/run.ts';
import { silent } from '../../src/progress.ts';
import { listSnapshots, loadSnapshot } from '../../src/sampling/store.ts';
import { loadVersion } from '../../src/serving/published.ts';
import { listVersions, publish } from '../../src/serving/versions.ts';
import { start, tastegraph } from '../cli/tastegraph.ts';
import { graphContent } from '../neo4j.ts';
import { oddities, sourceOf } from '../planted.ts';
import { plantedHome, plantedResult } from '../serving/home.ts';

const at = plantedHome();
const { home } = at;
const base = mkdtempSync(join(tmpdir(), 'tastegraph-backup-'));
const server: ServerOptions = { home, neo4jUsername: 'neo4j', neo4jDatabase: 'neo4j', heapMb: 512, pageCacheMb: 128 };
const options = (force = false) => commandOptions.backup.parse({ ...server, force });
const run: Run = { report: silent, signal: new AbortController().signal, log: pino({ level: 'silent' }) };

async function inGraph<T>(work: (graph: Graph) => Promise<T>): Promise<T> {
  const graph = await openDatabase(server);
  try {
    return await work(graph);
  } finally {
    await graph.close();
  }
}

/** All that a backup is of; every array of it is compared with its checksum on the way. */
const everything = async () => {
  const graph = await inGraph(graphContent); // first: it finishes a switch that was killed
  const snapshots = listSnapshots(home).map(({ folder, digest }) => [digest, loadSnapshot(folder).digest]);
  const versions = listVersions(home).map(({ manifest: { id }, current }) => [
    id,
    current,
    loadVersion(home, id).manifest,
  ]);
  return { graph, snapshots, versions };
};
type Everything = Awaited<ReturnType<typeof everything>>;

const change = async () => {
  await inGraph((graph) =>
    graph.write((tx) =>
      tx.run(
        "MATCH (u:User {id: 'zoë'}) DETACH DELETE u CREATE (:User {id: 'later'})-[:INTERACTED {at: 1}]->(:Item {id: 'z'})",
      ),
    ),
  );
  await publish(home, plantedResult(at.snapshot, { seed: 9 }));
};

const good = join(base, 'good');
let before: Everything;
beforeAll(async () => {
  await publish(home, plantedResult(at.snapshot));
  const ingestOptions = { home, maxBadPercent: 1, restart: false };
  await inGraph((graph) => ingest(graph, sourceOf(oddities()), ingestOptions, silent));
  before = await everything();
});
afterAll(async () => {
  await stopServer(home);
  at.remove();
  rmSync(base, { recursive: true, force: true });
});

describe('a backup', () => {
  it('is put back whole, whatever came after it', async () => {
    const port = (await serverStatus(server)).uri;
    const summary = await backUp(good, options(), run);
    expect(summary.database?.content).toMatchObject({ users: before.graph.nodes.filter(isUser).length });
    expect(readdirSync(base)).toEqual(['good']);
    expect((await serverStatus(server)).running).toBe(true);
    expect(await everything()).toEqual(before);

    await change();
    expect(await everything()).not.toEqual(before);
    expect(await restore(good, options(), run)).toMatchObject({ files: summary.files, database: summary.database });
    expect(await serverStatus(server)).toMatchObject({ running: true, uri: port });
    expect(await everything()).toEqual(before);
    expect(readdirSync(home).filter((name) => name.startsWith('restoring'))).toEqual([]);
  });

  it('is put into a home that was never used, and a server that did not run is not left running', async () => {
    const other = mkdtempSync(join(base, 'home-'));
    const elsewhere = { ...server, home: other };
    await restore(good, commandOptions.restore.parse(elsewhere), run);
    expect((await serverStatus(elsewhere)).running).toBe(false);
    const graph = await openDatabase(elsewhere);
    try {
      expect(await graphContent(graph)).toEqual(before.graph);
    } finally {
      await graph.close();
      await stopServer(other);
    }
    expect(loadVersion(other).manifest).toEqual(loadVersion(home).manifest);
  });

  it('waits for nobody: while others are connected it and its restore are refused', async () => {
    await inGraph(async () => {
      const target = join(base, 'in use');
      await expect(backUp(target, options(), run)).rejects.toMatchObject({ code: 'backup/in-use' });
      expect(existsSync(target)).toBe(false);
      await expect(restore(good, options(), run)).rejects.toMatchObject({ code: 'backup/in-use' });
    });
    expect(await everything()).toEqual(before);
  });

  it('is not written over another, nor taken of a server that is not ours', async () => {
    await expect(backUp(good, options(), run)).rejects.toMatchObject({ code: 'backup/exists' });
    const theirs = { ...options(), neo4jUri: 'bolt://127.0.0.1:1' };
    await expect(backUp(join(base, 'theirs'), theirs, run)).rejects.toMatchObject({ code: 'backup/not-managed' });
    await expect(restore(good, theirs, run)).rejects.toMatchObject({ code: 'backup/not-managed' });
    await expect(restore(base, options(), run)).rejects.toMatchObject({ code: 'backup/not-found' });
    expect(readdirSync(base).filter((name) => name.includes('theirs'))).toEqual([]);
  });

  it('that is damaged is refused with the file’s name, and nothing is touched', async () => {
    const { pid } = await serverStatus(server);
    const { files } = JSON.parse(readFileSync(join(good, 'manifest.json'), 'utf8')) as { files: { path: string }[] };
    const largest = files.find(({ path }) => path.startsWith('versions/') && path.includes('vectors'))!.path;
    for (const path of ['neo4j/neo4j.dump', largest, 'manifest.json']) {
      const whole = join(good, path);
      const bytes = readFileSync(whole);
      const damaged = Buffer.from(bytes);
      damaged[damaged.length >> 1]! ^= 1;
      writeFileSync(whole, damaged);
      const refused = { code: 'backup/corrupt', details: { path: whole } };
      await expect(restore(good, options(), run), path).rejects.toMatchObject(refused);
      writeFileSync(whole, bytes);
    }
    const longer = join(good, largest);
    const bytes = readFileSync(longer);
    appendFileSync(longer, 'x');
    await expect(restore(good, options(), run)).rejects.toMatchObject({ details: { path: longer } });
    writeFileSync(longer, bytes);
    expect((await serverStatus(server)).pid).toBe(pid);
    expect(await everything()).toEqual(before);
  });
});

const isUser = (node: unknown): boolean => (node as { labels: string[] }).labels.includes('User');

/** What a command tells before it is killed, and how many ms later; a phase is told as the next one begins. */
type Moment = readonly [told: string, later: number];

/** Runs the command and kills it at that moment, unless it has come to its end by then. */
async function killedAt([told, later]: Moment, args: readonly string[]): Promise<void> {
  const all = [...args, '--home', home, '--json', '--heap-mb', '512', '--page-cache-mb', '128'];
  const { child, done } = start(all, { cwd: base });
  child.stderr!.on('data', (text: string) => {
    if (text.includes(told)) setTimeout(() => child.kill('SIGKILL'), later);
  });
  const { code, stderr } = await done;
  expect([null, 0], `${told}: ${stderr}`).toContain(code); // null: by the signal
}

describe('kill -9', () => {
  it('in a backup leaves the home as it is, and no backup or a whole one', async () => {
    const target = join(base, 'killed');
    const moments: Moment[] = [
      ['stopping Neo4j', 0],
      ['stopping Neo4j', 1500], // in the midst of the dump
      ['dumping the database', 0],
    ];
    for (const moment of moments) {
      await killedAt(moment, ['backup', target]);
      // Killed so late that it was done, it is whole; the next one is made anew.
      if (existsSync(target)) await verifyFiles(target, readManifest(target).files, silent, run.signal);
      rmSync(target, { recursive: true, force: true });
      expect(await everything(), moment.join()).toEqual(before);
    }
    const whole = await tastegraph(['backup', target, '--home', home, '--json'], { cwd: base });
    expect(whole.code, whole.stderr).toBe(0);
    expect(readdirSync(base).filter((name) => name.endsWith('.part'))).toEqual([]);
  }, 300_000);

  it('in a restore leaves the old home, or the new one', async () => {
    await change();
    const changed = await everything();
    const moments: Moment[] = [
      ['comparing checksums', 0],
      ['copying', 1500], // in the midst of the load, whose process lives on
      ['loading the database', 1500], // and the server of the new home
      ['putting in place', 0],
    ];
    for (const moment of moments) {
      await killedAt(moment, ['restore', good]);
      expect([changed, before], moment.join()).toContainEqual(await everything());
    }
    expect(readdirSync(home).filter((name) => name.startsWith('restoring'))).toEqual([]);
  }, 300_000);
});

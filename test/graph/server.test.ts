/** The managed Neo4j's life, with real processes: programs that start it are killed, come at once, find the port taken. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Connection, openGraph } from '../../src/graph/driver.ts';
import { checkEnvironment } from '../../src/graph/environment.ts';
import { jarFolder } from '../../src/graph/jars.ts';
import { ensureServer, type ServerOptions, serverStatus, stopServer } from '../../src/graph/server.ts';
import { lockHolder } from '../../src/lock.ts';
import { packageRoot } from '../../src/package.ts';
import { commandLine, processStart } from '../../src/processes.ts';

const base = mkdtempSync(join(tmpdir(), 'tastegraph-server-'));
const home = join(base, 'a home with spaces');
const options: ServerOptions = { home, neo4jUsername: 'neo4j', neo4jDatabase: 'neo4j', heapMb: 512, pageCacheMb: 64 };
const file = (name: string) => join(home, 'neo4j', name);
const state = () =>
  JSON.parse(readFileSync(file('server.json'), 'utf8')) as { pid: number; start: string; port: number };

/** Another program that asks for the server, prints its address and lives on. Runs what `npm run build` made. */
const program = `
  import { ensureServer } from ${JSON.stringify(join(packageRoot, 'dist', 'graph', 'server.js'))};
  console.log((await ensureServer(JSON.parse(process.argv[1]))).uri);
  setInterval(() => {}, 1 << 30);`;
const programs: ChildProcess[] = [];

function start(): { readonly process: ChildProcess; readonly uri: Promise<string> } {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  programs.push(child);
  const uri = new Promise<string>((resolve, reject) => {
    child.stdout?.once('data', (text: Buffer) => resolve(text.toString().trim()));
    child.once('exit', (code, signal) => reject(new Error(`ended with ${code ?? signal}`)));
  });
  uri.catch(() => {}); // One that is killed before it answers.
  return { process: child, uri };
}

async function killed(child: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(10);
}

async function marks(connection: Connection): Promise<number> {
  const graph = await openGraph(connection);
  try {
    const { records } = await graph.read((tx) => tx.run('MATCH (m:Mark) RETURN count(m) AS n'));
    return records[0]?.get('n') as number;
  } finally {
    await graph.close();
  }
}

beforeAll(() => {
  if (!existsSync(join(packageRoot, 'dist', 'graph', 'server.js'))) throw new Error("Run 'npm run build' first");
});
afterEach(() => vi.unstubAllEnvs());
afterAll(async () => {
  for (const child of programs) child.kill('SIGKILL');
  await stopServer(home);
  rmSync(base, { recursive: true, force: true });
});

test('without Java it says so, and starts nothing', async () => {
  vi.stubEnv('PATH', '');
  vi.stubEnv('JAVA_HOME', '');
  await expect(ensureServer(options)).rejects.toMatchObject({ code: 'java/missing' });
  const rows = await checkEnvironment(options);
  expect(rows.find(({ name }) => name === 'Java')).toMatchObject({ ok: false, found: 'none' });
  expect(await serverStatus(options)).toMatchObject({ managed: true, running: false });
});

test('a Java that is too old is named', async () => {
  const old = join(base, 'java');
  writeFileSync(old, '#!/bin/sh\necho \'openjdk version "11.0.2" 2019-01-15\' >&2\n', { mode: 0o755 });
  vi.stubEnv('PATH', `${base}`);
  vi.stubEnv('JAVA_HOME', '');
  await expect(ensureServer(options)).rejects.toMatchObject({
    code: 'java/too-old',
    details: { found: '11.0.2', path: old },
  });
});

test('its starter is killed in the midst: two that come at once find the one server', async () => {
  const starter = start();
  await until(() => existsSync(file('server.json')));
  await killed(starter.process);
  const { pid } = state();
  // What the dead starter left: a lock that nobody gives back.
  expect(lockHolder(file('server.lock'))?.pid).toBe(starter.process.pid);
  // And at worst not even the state: the server's process is found by its command line then.
  rmSync(file('server.json'));

  const both = [start(), start()];
  const [first, second] = await Promise.all(both.map(({ uri }) => uri));
  expect(first).toBe(second);
  expect(state().pid).toBe(pid);
  expect(existsSync(file('server.lock'))).toBe(false);

  // Its users are killed, and it lives on for the next.
  await Promise.all(both.map((one) => killed(one.process)));
  const connection = await ensureServer(options);
  expect(connection.uri).toBe(first);
  expect(state().pid).toBe(pid);
});

test('its password is nobody else’s to see', async () => {
  const { password } = await ensureServer(options);
  expect(statSync(file('password')).mode & 0o777).toBe(0o600);
  expect(execFileSync('ps', ['-eww', '-o', 'args'], { encoding: 'utf8' })).not.toContain(password);
  expect(readFileSync(file('conf/neo4j.conf'), 'utf8')).not.toContain(password);
});

test('its classes come out of an archive that the first start on this machine made', async () => {
  await ensureServer(options);
  const made = readdirSync(jarFolder()).filter((name) => name.startsWith('classes-'));
  expect(made.filter((name) => !name.endsWith('.jsa'))).toEqual([]); // no lock, and no home of the start that made it
  const flags = made.map((name) => `-XX:SharedArchiveFile=${join(jarFolder(), name)}`);
  expect(commandLine(state().pid).filter((word) => flags.includes(word))).toHaveLength(1);
});

describe('a server of somebody else’s', () => {
  const elsewhere = (uri: string, password: string): ServerOptions => ({
    ...options,
    home: join(base, 'elsewhere'),
    neo4jUri: uri,
    neo4jPassword: password,
  });

  test('is used as it is, and nothing is started', async () => {
    const { uri, password } = await ensureServer(options);
    const theirs = elsewhere(uri, password);
    const graph = await openGraph(await ensureServer(theirs));
    await graph.write((tx) => tx.run('CREATE (:Mark)'));
    await graph.close();
    expect(await serverStatus(theirs)).toMatchObject({ managed: false, running: true, nodes: 1, edition: 'community' });
    expect((await checkEnvironment(theirs)).every(({ ok }) => ok)).toBe(true);
    expect(existsSync(theirs.home)).toBe(false);
  });

  test('that refuses us is told from one that does not answer, and no password is told', async () => {
    const { uri } = await ensureServer(options);
    const wrong = 'a wrong password';
    const refused = await openGraph(await ensureServer(elsewhere(uri, wrong))).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'neo4j/refused', details: { uri, user: 'neo4j' } });
    expect(JSON.stringify(refused) + String(refused)).not.toContain(wrong);

    const nobody = 'bolt://neo4j:secret@127.0.0.1:1';
    const unreachable = await openGraph(await ensureServer(elsewhere(nobody, wrong))).catch((error: unknown) => error);
    expect(unreachable).toMatchObject({ code: 'neo4j/unreachable', details: { uri: 'bolt://127.0.0.1:1' } });
    expect(String(unreachable)).not.toContain('secret');
    expect(await serverStatus(elsewhere(nobody, wrong))).toMatchObject({ managed: false, running: false });

    const nonsense = openGraph(await ensureServer(elsewhere('localhost', wrong)));
    await expect(nonsense).rejects.toMatchObject({ code: 'neo4j/unreachable' });
  });

  test('an error of a statement tells its code and no data', async () => {
    const graph = await openGraph(await ensureServer(options));
    const dividing = graph.read((tx) => tx.run('RETURN $secret / 0', { secret: 424242 }), 'read/probe');
    await expect(dividing).rejects.toMatchObject({ code: 'neo4j/query-failed', details: { statement: 'read/probe' } });
    await expect(dividing).rejects.not.toThrow('424242');
    await expect(graph.read((tx) => tx.run('RETRUN 1'))).rejects.toThrow('RETRUN');
    await graph.close();
  });
});

test('it stops when asked, once', async () => {
  const { pid, start: began } = state();
  expect(await stopServer(home)).toBe(true);
  expect(processStart(pid)).not.toBe(began);
  expect(existsSync(file('server.json'))).toBe(false);
  expect(await stopServer(home)).toBe(false);
  expect(await serverStatus(options)).toMatchObject({ managed: true, running: false });
});

test('two starts at once, over a taken port and a state whose id is another program’s by now', async () => {
  const port = Number(/listen_address=.*:(\d+)$/m.exec(readFileSync(file('conf/neo4j.conf'), 'utf8'))?.[1]);
  const squatter = createServer().listen(port, '127.0.0.1');
  // This very process: alive, started when the file says, and no Neo4j. It must not be stopped, nor be taken for one.
  const impostor = {
    pid: process.pid,
    start: processStart(process.pid),
    port,
    version: '5',
    since: new Date().toISOString(),
  };
  writeFileSync(file('server.json'), JSON.stringify(impostor));
  expect(await stopServer(home)).toBe(false);
  writeFileSync(file('server.json'), JSON.stringify(impostor));
  expect(await serverStatus(options)).toMatchObject({ running: false });

  const [first, second] = await Promise.all([start().uri, start().uri]);
  squatter.close();
  expect(first).toBe(second);
  expect(state().port).not.toBe(port);
  const servers = execFileSync('ps', ['-eww', '-o', 'args'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(`--home-dir=${home}`));
  expect(servers).toHaveLength(1);
  // The graph is where it was.
  expect(await marks(await ensureServer(options))).toBe(1);
});

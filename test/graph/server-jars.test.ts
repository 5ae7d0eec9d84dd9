/** The cache of jars: checked, mended, and honest about what cannot be mended. Works on a copy of the user's cache. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  createReadStream,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { sha256File } from '../../src/durable.ts';
import { ensureJars, firstWrongJar, jarChecksums, jarFolder, jarsPresent } from '../../src/graph/jars.ts';
import { ensureServer, type ServerOptions, stopServer } from '../../src/graph/server.ts';

const base = mkdtempSync(join(tmpdir(), 'tastegraph-jars-'));
const victim = `neo4j-server-5.26.30.jar`;
let whole: string;
/** Nobody listens there, so no test reaches out. */
const nowhere = 'http://127.0.0.1:1/neo4j.tar.gz';

beforeAll(async () => {
  whole = await ensureJars();
});
function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to); // The cache lies on another file system.
  }
}
/** A cache of our own whose jars are links to the whole ones; the victim is a file of its own. */
beforeEach(() => {
  vi.stubEnv('XDG_CACHE_HOME', mkdtempSync(join(base, 'cache-')));
  mkdirSync(jarFolder(), { recursive: true });
  for (const name of jarChecksums().keys()) {
    if (name === victim) copyFileSync(join(whole, name), join(jarFolder(), name));
    else linkOrCopy(join(whole, name), join(jarFolder(), name));
  }
});
afterEach(() => vi.unstubAllEnvs());
afterAll(() => rmSync(base, { recursive: true, force: true }));

/** A program in the place of Maven: the only way to have a repository whose jars are wrong. */
function stubMaven(script: string): void {
  const bin = mkdtempSync(join(base, 'bin-'));
  writeFileSync(join(bin, 'mvn'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  vi.stubEnv('PATH', `${bin}:/bin:/usr/bin`);
}
/** Shell that copies the whole jars to where Maven was told to put them, and says so as Maven does. */
const deliver = () => `for word; do case $word in -DoutputDirectory=*) out=\${word#*=};; esac; done
  cp '${whole}'/*.jar "$out"; for jar in "$out"/*.jar; do echo "[INFO] Copying $(basename $jar) to $jar"; done`;

/** Other bytes of the same length, and the same time of change: what a failing disk does. */
function rot(path: string): void {
  const bytes = readFileSync(path);
  writeFileSync(path, bytes.fill(0, 0, bytes.length));
  utimesSync(path, 1_700_000_000, 1_700_000_000);
}

test('right jars are taken without fetching anything', async () => {
  vi.stubEnv('PATH', '');
  expect(await ensureJars()).toBe(jarFolder());
  expect(jarsPresent()).toBe(213);
});

test('a jar that was cut off is noticed and fetched again, aside and whole', async () => {
  writeFileSync(join(jarFolder(), victim), 'half a jar');
  expect(await firstWrongJar(jarFolder())).toBe(join(jarFolder(), victim));
  stubMaven(deliver());
  const seen: number[] = [];
  await ensureJars({ report: ({ done, total }) => seen.push(done / (total ?? 0)) });
  expect(await firstWrongJar(jarFolder())).toBeUndefined();
  expect(seen).toHaveLength(214);
  expect(seen.at(-1)).toBe(1);
  // Nothing lies beside the cache.
  expect(readdirSync(join(jarFolder(), '..'))).toHaveLength(1);
});

test('a jar that stays wrong is an error that names it, and the second try is without Maven’s own cache', async () => {
  rmSync(join(jarFolder(), victim));
  const log = join(base, 'maven.log');
  stubMaven(`${deliver()}; echo rotten > "$out/${victim}"; echo "$*" >> '${log}'`);
  await expect(ensureJars()).rejects.toMatchObject({ code: 'neo4j/corrupt-jars', details: { folder: jarFolder() } });
  const tries = readFileSync(log, 'utf8').trim().split('\n');
  expect(tries.map((words) => words.includes('-Dmaven.repo.local='))).toEqual([false, true]);
  expect(readdirSync(join(jarFolder(), '..'))).toHaveLength(1);
});

test('a jar that nobody asked for is as bad as a wrong one', async () => {
  copyFileSync(join(whole, victim), join(jarFolder(), 'neo4j-stranger.jar'));
  stubMaven('echo "[ERROR] Could not resolve dependencies"; exit 1');
  await expect(ensureJars({ archive: nowhere })).rejects.toThrow('Could not resolve dependencies');
});

test('no Maven and no download is an error that says what to do', async () => {
  rmSync(join(jarFolder(), victim));
  vi.stubEnv('PATH', '');
  await expect(ensureJars({ archive: nowhere })).rejects.toMatchObject({ code: 'neo4j/fetch-failed' });
  await expect(ensureJars({ archive: nowhere })).rejects.toThrow('no mvn on the path');
});

test('without Maven the jars come out of an archive as Neo4j publishes it', async () => {
  rmSync(join(jarFolder(), victim));
  const root = join(base, 'neo4j-community-5.26.30');
  mkdirSync(join(root, 'lib'), { recursive: true });
  for (const name of jarChecksums().keys()) linkOrCopy(join(whole, name), join(root, 'lib', name));
  writeFileSync(join(root, 'lib', 'neo4j-browser.jar'), 'which the archive has and we do not need');
  execFileSync('tar', ['-cf', join(base, 'neo4j.tar'), '-C', base, 'neo4j-community-5.26.30']);
  // Jars are compressed already: no level is the quickest.
  writeFileSync(join(base, 'neo4j.tar.gz'), gzipSync(readFileSync(join(base, 'neo4j.tar')), { level: 0 }));
  const server = createServer((_request, response) => createReadStream(join(base, 'neo4j.tar.gz')).pipe(response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // Maven fails; tar and gzip are there.
  stubMaven('exit 1');
  try {
    await ensureJars({ archive: `http://127.0.0.1:${(server.address() as AddressInfo).port}/neo4j.tar.gz` });
  } finally {
    server.close();
  }
  expect(await firstWrongJar(jarFolder())).toBeUndefined();
  expect(readdirSync(join(jarFolder(), '..'))).toHaveLength(1);
});

test('a fetch that was killed leaves nothing in the way', async () => {
  mkdirSync(`${jarFolder()}.fetch-abc/jars-1`, { recursive: true });
  writeFileSync(`${jarFolder()}.lock`, JSON.stringify({ pid: 2 ** 22 + 1, start: 'gone', since: '', nonce: 'x' }));
  await ensureJars();
  expect(readdirSync(join(jarFolder(), '..'))).toEqual(['neo4j-5.26.30']);
});

test('two that fetch at once fetch once', async () => {
  rmSync(join(jarFolder(), victim));
  const log = join(base, 'once.log');
  stubMaven(`${deliver()}; echo fetched >> '${log}'`);
  await Promise.all([ensureJars(), ensureJars()]);
  expect(readFileSync(log, 'utf8')).toBe('fetched\n');
});

test('rot that neither size nor time shows is found when the start fails, and real Maven mends it', async () => {
  const jar = join(jarFolder(), victim);
  utimesSync(jar, 1_700_000_000, 1_700_000_000);
  await ensureJars();
  rot(jar);
  const home = join(base, 'home');
  const options: ServerOptions = { home, neo4jUsername: 'neo4j', neo4jDatabase: 'neo4j', heapMb: 512, pageCacheMb: 64 };
  try {
    expect((await ensureServer(options)).uri).toMatch(/^bolt:\/\/127\.0\.0\.1:\d+$/);
    expect(await sha256File(join(jarFolder(), victim))).toBe(jarChecksums().get(victim));
  } finally {
    await stopServer(home);
  }
});

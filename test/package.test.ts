/** What a user gets from the registry: the tarball, installed in an empty folder, works by itself. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot, packageVersion } from '../src/package.ts';
import { plantedCsv } from './cli/tastegraph.ts';

let folder: string;
let place: string;

const clean = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(TASTEGRAPH_|NEO4J_|npm_)/.test(name)),
);

function npx(...args: string[]) {
  const { status, stdout, stderr } = spawnSync('npx', ['--no-install', 'tastegraph', ...args], {
    cwd: place,
    env: clean,
    encoding: 'utf8',
  });
  return {
    status,
    stdout,
    stderr,
    json: () => JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, unknown>,
  };
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tastegraph-package-'));
  place = join(folder, 'elsewhere');
  mkdirSync(place);
  execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], {
    cwd: packageRoot,
    env: clean,
    stdio: 'pipe',
  });
  const tarball = join(folder, readdirSync(folder).find((file) => file.endsWith('.tgz'))!);
  writeFileSync(join(place, 'package.json'), JSON.stringify({ private: true }));
  const install = ['install', '--no-audit', '--no-fund', '--prefer-offline', '--omit=dev', '--silent', tarball];
  execFileSync('npm', install, { cwd: place, env: clean, stdio: 'pipe' });
  writeFileSync(join(place, 'planted.csv'), plantedCsv());
}, 180_000);
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('the installed package', () => {
  it('holds what runs and nothing else', () => {
    const files = readdirSync(join(place, 'node_modules', 'tastegraph'), { recursive: true, encoding: 'utf8' });
    expect(files).toEqual(
      expect.arrayContaining([
        'dist/console/index.html',
        'dist/kernels/baseline.wasm',
        'dist/kernels/gradients.js',
        'dist/kernels/relaxed.wasm',
        'infra/neo4j/pom.xml',
        'README.md',
        'LICENSE',
      ]),
    );
    expect(files.filter((file) => file.startsWith('cypher/') && file.endsWith('.cypher')).length).toBeGreaterThan(5);
    expect(
      files.filter(
        (file) => /(^|\/)(src|test|shared)\//.test(file) || (file.endsWith('.ts') && !file.endsWith('.d.ts')),
      ),
    ).toEqual([]);
  });

  it('says its version, and what of the machine it needs', () => {
    expect(npx('--version').stdout.trim()).toBe(packageVersion);
    const { checks } = npx('doctor', '--json').json() as { checks: { name: string; ok: boolean }[] };
    expect(checks.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['Node', 'Tensor backend', 'Java', 'Maven', 'Memory', 'Disk']),
    );
    expect(checks.find(({ name }) => name === 'Tensor backend')).toMatchObject({ ok: true });
  });

  it('trains on a file and answers from what it learned', () => {
    const trained = npx(
      'train',
      'lightgcn',
      '--data',
      'planted.csv',
      '--dim',
      '8',
      '--batch-size',
      '64',
      '--learning-rate',
      '0.01',
      '--epochs',
      '20',
      '--metrics-at',
      '5',
      '--json',
    );
    expect(trained.stderr).not.toContain('error');
    expect(trained.status).toBe(0);
    const { test, popularity } = trained.json() as { test: Record<string, number>; popularity: Record<string, number> };
    expect(test['recall@5']!).toBeGreaterThan(popularity['recall@5']!);
    const { items } = npx('recommend', 'u0', '--limit', '1', '--json').json() as {
      items: { id: string; reasons: string[] }[];
    };
    expect(items[0]!.id).toMatch(/^g0/);
    expect(items[0]!.reasons.length).toBeGreaterThan(0);
  });
});

// npm leaves out a platform's package that the registry does not have yet, and then refuses the lock file elsewhere.
it('the lock file has every package that another one asks for', () => {
  const lock = JSON.parse(readFileSync(join(packageRoot, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dependencies?: object; optionalDependencies?: object }>;
  };
  const held = new Set(Object.keys(lock.packages).map((path) => path.replace(/^.*node_modules\//, '')));
  const asked = Object.values(lock.packages).flatMap(({ dependencies, optionalDependencies }) =>
    Object.keys({ ...dependencies, ...optionalDependencies }),
  );
  expect(asked.filter((name) => !held.has(name))).toEqual([]);
});

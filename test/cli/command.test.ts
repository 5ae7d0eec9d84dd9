/** The built command line as child processes: exit codes, last lines, what it refuses, how it stops. No database. */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tensorflowBuilds } from '../../src/compute/tensors/builds.ts';
import { commandOptions } from '../../src/options.ts';
import { packageVersion } from '../../src/package.ts';
import { plantedCsv, start, tastegraph } from './tastegraph.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tastegraph-cli-'));
  writeFileSync(join(folder, 'planted.csv'), plantedCsv());
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('help', () => {
  it('names the version and every command', async () => {
    expect((await tastegraph(['--version'], { cwd: folder })).stdout.trim()).toBe(packageVersion);
    const { code, stdout } = await tastegraph(['--help'], { cwd: folder });
    expect(code).toBe(0);
    for (const name of Object.keys(commandOptions)) expect(stdout).toContain(`  ${name} `);
  });

  it("shows a model's own options beside those of every training", async () => {
    const { code, stdout } = await tastegraph(['train', 'lightgcn', '--help'], { cwd: folder });
    expect(code).toBe(0);
    expect(stdout).toMatch(/--epochs .*default 60/);
    expect(stdout).toMatch(/--temperature .*default/);
    expect(stdout).toMatch(/NEO4J_PASSWORD/);
    expect(stdout).not.toMatch(/--neo4j-password/);
  });

  it('without a command ends with 2', async () => {
    expect((await tastegraph([], { cwd: folder })).code).toBe(2);
  });
});

describe('mistakes', () => {
  it.each([
    [['trian'], 2, 'options/unknown-command', "'train'"],
    [['train', 'lightgcn', '--epoch', '3'], 2, 'options/unknown', "'--epochs'"],
    [['train'], 2, 'options/missing', 'MODEL'],
    [['train', 'lightgcn', 'ngcf'], 2, 'options/unknown', 'ngcf'],
    [['train', 'nonsense'], 3, 'model/unknown', 'lightgcn'],
    [['models', '--temperature', '3'], 2, 'options/unknown', '--temperature'],
    [['train', 'lightgcn', '--dim', '7', '--data', 'planted.csv'], 2, 'options/invalid', '--dim'],
    [
      ['train', 'lightgcn', '--loss', 'bpr', '--score', 'cosine', '--data', 'planted.csv'],
      2,
      'options/invalid',
      '--score',
    ],
    [
      ['train', 'lightgcn', '--layers', '2', '--fanouts', '5', '--data', 'planted.csv'],
      2,
      'options/invalid',
      '--fanouts',
    ],
    [['train', 'lightgcn', '--source', 'neo4j'], 2, 'options/invalid', '--fanouts'],
    [['train', 'sasrec', '--source', 'neo4j'], 2, 'options/invalid', 'draws no subgraphs'],
    [
      ['train', 'lightgcn', '--fanouts', '5', '--source', 'neo4j', '--data', 'planted.csv'],
      2,
      'options/invalid',
      'ingest',
    ],
    [['recommend', '1', '--items', '50'], 2, 'options/together', 'USER and --items were given together'],
    [['recommend'], 2, 'options/missing', 'USER'],
    [['train', 'lightgcn', '--data', 'nowhere'], 3, 'data/not-found', 'nowhere'],
    [['similar', 'x'], 5, 'version/none', 'tastegraph train'],
    [['serve', '--token', 'verysecretverysecret'], 2, 'options/invalid', 'TASTEGRAPH_TOKEN'],
    [['versions', '--rollback'], 5, 'version/none', 'Train'],
  ])('%j', async (args, code, name, part) => {
    const plain = await tastegraph(args, { cwd: folder });
    expect(plain.code).toBe(code);
    expect(plain.stdout).toBe('');
    expect(plain.stderr).toMatch(new RegExp(`^error ${name}: .*\n$`));
    expect(plain.stderr).toContain(part);
    expect(plain.stderr).not.toContain('verysecret');
    const asJson = await tastegraph([...args, '--json'], { cwd: folder });
    expect(asJson.code).toBe(code);
    expect(asJson.json()).toMatchObject({ error: { code: name, retryable: expect.any(Boolean) } });
  });
});

describe('train on a file, without a database', () => {
  const args = [
    'train',
    'lightgcn',
    '--data',
    'planted.csv',
    '--home',
    'trained',
    '--dim',
    '8',
    '--epochs',
    '30',
    '--batch-size',
    '64',
    '--learning-rate',
    '0.01',
  ];

  it('finds the planted taste, publishes it, and answers from it', async () => {
    const trained = await tastegraph([...args, '--json', '--metrics-at', '2,5'], { cwd: folder });
    expect(trained.stderr).not.toContain('error');
    expect(trained.code).toBe(0);
    const answer = trained.json() as {
      test: Record<string, number>;
      popularity: Record<string, number>;
      version: string;
    };
    expect(answer).toMatchObject({
      model: 'lightgcn',
      data: 'planted.csv',
      seed: 2026,
      epochs: expect.any(Number),
      seconds: { fit: expect.any(Number), evaluate: expect.any(Number) },
      valid: { 'recall@5': expect.any(Number) },
    });
    // Of 24 items only the other half is another group's: whoever learned the groups ranks the own group's left items first.
    expect(answer.test['recall@5']!).toBeGreaterThan(0.9);
    expect(answer.test['recall@5']!).toBeGreaterThan(answer.popularity['recall@5']!);
    const similar = (
      await tastegraph(['similar', 'g1-i3', '--home', 'trained', '--limit', '5', '--json'], { cwd: folder })
    ).json();
    expect((similar.items as { id: string }[]).map(({ id }) => id.slice(0, 2))).toEqual(Array(5).fill('g1'));
    const versions = (await tastegraph(['versions', '--home', 'trained', '--json'], { cwd: folder })).json();
    expect(versions).toMatchObject({ current: answer.version });
    expect(existsSync(join(folder, 'trained', 'neo4j'))).toBe(false);
  });

  it('prints tables and a curve for a person, and progress on standard error only', async () => {
    const { code, stdout, stderr } = await tastegraph([...args, '--epochs', '2', '--no-publish'], { cwd: folder });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^epoch +1 .*loss \d/m);
    expect(stdout).toMatch(/^ *recall@10 +\d\.\d{4} +\d\.\d{4}/m);
    expect(stderr).toMatch(/%/);
    expect((await tastegraph([...args, '--epochs', '2', '--no-publish', '--quiet'], { cwd: folder })).stderr).toBe('');
  });

  it('stops at an interrupt with 130, publishes nothing, and goes on with --resume', async () => {
    const long = [...args, '--home', 'stopped', '--epochs', '2000', '--patience', '2000', '--no-refit', '--json'];
    const { child, done } = start(long, { cwd: folder });
    while (!existsSync(join(folder, 'stopped', 'snapshots')) && child.exitCode === null) await sleep(20);
    await sleep(700);
    child.kill('SIGINT');
    const stopped = await done;
    expect(stopped.code).toBe(130);
    expect(stopped.json()).toMatchObject({ error: { code: 'training/interrupted' } });
    expect(
      existsSync(join(folder, 'stopped', 'versions')) && readdirSync(join(folder, 'stopped', 'versions')).length > 0,
    ).toBe(false);
    const resumed = await tastegraph([...long, '--epochs', '5', '--resume'], { cwd: folder });
    expect(resumed.code).toBe(0);
    expect(resumed.json()).toMatchObject({ model: 'lightgcn' });
    // Reasons of a session are said unless nobody wants them.
    const session = async (...more: string[]) => {
      const args = ['recommend', '--items', 'g0-i0,g0-i1', '--home', 'stopped', '--limit', '1', ...more];
      const [{ stdout }, json] = [
        await tastegraph(args, { cwd: folder }),
        (await tastegraph([...args, '--json'], { cwd: folder })).json() as { items: { reasons: string[] }[] },
      ];
      return { stdout, reasons: json.items.flatMap(({ reasons }) => reasons) };
    };
    const told = await session();
    expect(told.reasons).toHaveLength(1);
    expect(told.stdout).toContain('Because');
    const silent = await session('--no-explain');
    expect(silent.reasons).toEqual([]);
    expect(silent.stdout).not.toContain('Because');
    expect(silent.stdout).toContain('g0-i');
  });
});

describe('a model of a graph on a device', () => {
  const common = ['--data', 'planted.csv', '--dim', '8', '--batch-size', '64', '--learning-rate', '0.02', '--json'];

  it('NGCF is trained, published and served, and says why no score has parts', async () => {
    const home = ['--home', 'ngcf'];
    const trained = await tastegraph(
      ['train', 'ngcf', ...common, ...home, '--device', 'wasm', '--epochs', '15', '--metrics-at', '5'],
      { cwd: folder },
    );
    expect(trained.code).toBe(0);
    const answer = trained.json() as Record<'test' | 'popularity', Record<string, number>>;
    expect(trained.json()).toMatchObject({ model: 'ngcf', device: 'wasm', version: expect.any(String) });
    expect(answer.test['recall@5']).toBeGreaterThan(answer.popularity['recall@5']!);
    const listed = await tastegraph(['recommend', 'u0', ...home, '--limit', '2', '--json'], { cwd: folder });
    const { items } = listed.json() as { items: { id: string }[] };
    expect(items).toHaveLength(2);
    const explained = await tastegraph(['explain', 'u0', items[0]!.id, ...home, '--json'], { cwd: folder });
    expect(explained.json()).toMatchObject({
      unattributed: expect.stringContaining('no sum of parts'),
      attribution: { method: 'leave-one-out' },
    });
  }, 60_000);

  if (tensorflowBuilds().length > 0)
    it('LightGCN takes the device that is named, and its kernels where none is', async () => {
      const args = ['train', 'lightgcn', ...common, '--home', 'lightgcn-device', '--epochs', '2', '--no-publish'];
      const [plain, named] = [
        await tastegraph(args, { cwd: folder }),
        await tastegraph([...args, '--device', 'cpu', '--clip-norm', '100'], { cwd: folder }),
      ];
      expect(plain.json()).not.toHaveProperty('device');
      expect(named.json()).toMatchObject({ device: 'cpu' });
      const [ours, theirs] = [plain, named].map(({ json }) => json().test as Record<string, number>);
      for (const [metric, value] of Object.entries(ours!)) expect(theirs![metric]).toBeCloseTo(value, 1);
    }, 60_000);
});

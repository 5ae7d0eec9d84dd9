import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { parseFlags } from '../../src/cli/flags.ts';
import { hintFor } from '../../src/cli/nearest.ts';
import { resolveOptions } from '../../src/cli/resolve.ts';
import { TastegraphError } from '../../src/errors.ts';
import { describeOptions } from '../../src/options/describe.ts';
import { commandOptions } from '../../src/options.ts';

const train = commandOptions.train;
const serve = commandOptions.serve;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tastegraph-resolve-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const resolve = (schema: z.ZodObject, args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
  resolveOptions(schema, { flags: parseFlags(args, describeOptions(schema), 'a test').flags, env });

function errorOf(work: () => unknown): TastegraphError {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof TastegraphError) return thrown;
    throw thrown;
  }
  throw new Error('nothing was thrown');
}

describe('where a value comes from', () => {
  it('flag before environment before config file before default', () => {
    const config = join(folder, 'c.json');
    writeFileSync(config, JSON.stringify({ epochs: 3, patience: 4, testRatio: 0.3 }));
    const env = { TASTEGRAPH_EPOCHS: '2', TASTEGRAPH_PATIENCE: '9', TASTEGRAPH_CONFIG: config };
    const options = resolve(train, ['--epochs', '1'], env);
    expect(options).toMatchObject({ epochs: 1, patience: 9, testRatio: 0.3, evaluateEvery: 1 });
  });

  it('text becomes the kind of value the option takes', () => {
    const options = resolve(train, [
      '--metrics-at=5,10, 50',
      '--no-refit',
      '--resume',
      '--min-value',
      '4',
      '--split',
      'time',
      '--delimiter',
      '\t',
    ]);
    expect(options).toMatchObject({
      metricsAt: [5, 10, 50],
      refit: false,
      resume: true,
      minValue: 4,
      split: 'time',
      delimiter: '\t',
    });
  });

  it("the database's usual environment variables", () => {
    const options = resolve(serve, [], {
      NEO4J_URI: 'bolt://there',
      NEO4J_PASSWORD: 'hidden',
      TASTEGRAPH_TOKEN: 'x'.repeat(16),
    });
    expect(options).toMatchObject({ neo4jUri: 'bolt://there', neo4jPassword: 'hidden', token: 'x'.repeat(16) });
  });

  it("another command's setting is no mistake, in the environment or in the config file", () => {
    const config = join(folder, 'c.json');
    writeFileSync(config, JSON.stringify({ port: 9000, temperature: 0.2 }));
    expect(resolve(train, ['--config', config], { TASTEGRAPH_LIMIT: '3' })).not.toHaveProperty('port');
  });
});

describe('every mistake is an error', () => {
  it.each([
    [['--epoch', '3'], 'options/unknown', "'--epochs'"],
    [['--no-epochs'], 'options/unknown', '--no-epochs'],
    [['-e', '3'], 'options/unknown', '-e'],
    [['--epochs'], 'options/invalid', 'missing'],
    [['--epochs', 'many'], 'options/invalid', '"many"'],
    [['--epochs', ''], 'options/invalid', 'number'],
    [['--epochs', '0x10'], 'options/invalid', '0x10'],
    [['--epochs', '0'], 'options/invalid', '>=1'],
    [['--epochs', '1.5'], 'options/invalid', 'int'],
    [['--split', 'Ratio'], 'options/invalid', 'leave-one-out'],
    [['--refit=maybe'], 'options/invalid', 'maybe'],
    [['--metrics-at', '10,x'], 'options/invalid', 'x'],
    [['--test-ratio', '1'], 'options/invalid', '<1'],
  ])('%j', (args, code, part) => {
    const error = errorOf(() => resolve(train, args));
    expect(error.code).toBe(code);
    expect(error.message).toContain(part);
    expect(error.exitCode).toBe(2);
  });

  it('an unknown environment variable or key, with the name that was meant', () => {
    expect(errorOf(() => resolve(train, [], { TASTEGRAPH_EPOCH: '3' })).message).toContain(
      "Did you mean 'TASTEGRAPH_EPOCHS'",
    );
    expect(errorOf(() => resolve(train, [], { TASTEGRAPH_NEO4J_URI: 'x' })).message).toContain(
      "Did you mean 'NEO4J_URI'",
    );
    const config = join(folder, 'c.json');
    writeFileSync(config, JSON.stringify({ epoch: 3 }));
    expect(errorOf(() => resolve(train, ['--config', config])).message).toContain("Did you mean 'epochs'");
  });

  it('a config file that is absent, no JSON, no object, or holds a bad value', () => {
    const config = join(folder, 'c.json');
    expect(errorOf(() => resolve(train, ['--config', config])).code).toBe('options/config-file');
    for (const text of ['{', '[]', 'null', '3']) {
      writeFileSync(config, text);
      expect(errorOf(() => resolve(train, ['--config', config])).code).toBe('options/config-file');
    }
    writeFileSync(config, JSON.stringify({ epochs: '3' }));
    const error = errorOf(() => resolve(train, ['--config', config]));
    expect([error.code, error.details.where]).toEqual(['options/invalid', config]);
  });

  it('a secret is refused as a flag, and its value is in no message', () => {
    for (const args of [['--token', 'verysecretverysecret'], ['--neo4j-password=verysecretverysecret']]) {
      const error = errorOf(() => resolve(serve, args));
      expect(error.code).toBe('options/invalid');
      expect(JSON.stringify([error.message, error.details])).not.toContain('verysecret');
    }
    const short = errorOf(() => resolve(serve, [], { TASTEGRAPH_TOKEN: 'tooshort' }));
    expect(short.message).toContain('TASTEGRAPH_TOKEN');
    expect(JSON.stringify([short.message, short.details])).not.toContain('tooshort');
  });
});

describe('words', () => {
  it('stand before, between and after flags, and after -- with a dash', () => {
    const known = describeOptions(commandOptions.recommend);
    expect(parseFlags(['--limit', '3', '-1x'.slice(1), '--json', '--', '--strange'], known, '').words).toEqual([
      '1x',
      '--strange',
    ]);
  });
  it('a list is all that its flag was given, a choice the last of it', () => {
    const known = describeOptions(commandOptions.keys);
    const { flags } = parseFlags(['--scope', 'read', '--grace', '1h', '--scope=write,admin', '--grace=2h'], known, '');
    expect([flags.get('scope'), flags.get('grace')]).toEqual(['read,write,admin', '2h']);
  });
  it('hints only at what is near', () => {
    expect(hintFor('recomend', ['recommend', 'similar'])).toBe(" Did you mean 'recommend'?");
    expect(hintFor('zzz', ['recommend', 'similar'])).toBe('');
  });
});

/** Standard input, several files and exports on the built command line. No database. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { plant } from '../data/planted.ts';
import { plantedCsv, start, tastegraph } from './tastegraph.ts';

it('takes in standard input, packed too, and removes what it put aside', async () => {
  const cwd = plant({});
  const digests: unknown[] = [];
  for (const content of [plantedCsv(), gzipSync(plantedCsv())]) {
    const { child, done } = start(['snapshot', '--data', '-', '--json'], { cwd });
    child.stdin!.end(content);
    const outcome = await done;
    expect(outcome.code, outcome.stderr).toBe(0);
    digests.push(outcome.json().digest);
  }
  expect(digests[0]).toBe(digests[1]);
  expect(readdirSync(join(cwd, '.tastegraph', 'spool'))).toEqual([]);
});

it('takes options for columns that are more than tokens', async () => {
  const cwd = plant({ 'planted.csv': plantedCsv(), 'items.csv': 'item,price\ng0-i0,cheap\n' });
  const args = ['snapshot', '--data', 'planted.csv', '--item-file', 'items.csv', '--max-bad-percent', '0', '--json'];
  expect((await tastegraph(args, { cwd })).code).toBe(0);
  const typed = await tastegraph([...args, '--number-columns', 'price'], { cwd });
  expect(typed.code).toBe(2);
  expect(typed.stderr).toContain('items.csv, line 2, field price: is not a number');
});

it('refuses to export over what is no export, before a database is started', async () => {
  const cwd = plant({ 'mine/notes.txt': 'mine' });
  const { code, json } = await tastegraph(['export', 'mine', '--overwrite', '--json'], { cwd });
  expect([code, (json().error as { code: string }).code]).toEqual([2, 'export/exists']);
  expect(existsSync(join(cwd, '.tastegraph'))).toBe(false);
  const unknown = await tastegraph(['export', 'out', '--what', 'people'], { cwd });
  expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('--what')]);
});

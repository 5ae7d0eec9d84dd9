/** An export that is killed while it is written, or takes the place of an earlier one. Runs what `npm run build` made. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { exportManifest } from '../../src/data/exported.ts';
import { writeFolder } from '../../src/data/exportFolder.ts';
import { packageRoot } from '../../src/package.ts';
import { killedAt } from '../killed.ts';

const base = mkdtempSync(join(tmpdir(), 'tastegraph-exportfolder-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));
const built = join(packageRoot, 'dist', 'data', 'exportFolder.js');
const manifest = JSON.stringify({
  format: 'tastegraph-export',
  version: 1,
  encoding: 'csv',
  asOf: 0,
  consistent: true,
  tables: [],
});

it('killed at any moment leaves the earlier export or the new one, and the next is whole', async () => {
  const target = join(base, 'out');
  const exportAt = (moment: number) =>
    killedAt(
      moment,
      `const { writeFolder } = await import(given.built);
       await writeFolder(given.target, true, async (aside) => {
         fs.writeFileSync(aside + '/users.csv', 'new');
         fs.writeFileSync(aside + '/${exportManifest}', given.manifest);
       });`,
      { built, target, manifest },
    );
  const content = () => readFileSync(join(target, 'users.csv'), 'utf8');
  const plant = () => {
    rmSync(base, { recursive: true, force: true });
    mkdirSync(target, { recursive: true });
    writeFileSync(join(target, 'users.csv'), 'old');
    writeFileSync(join(target, exportManifest), manifest);
  };
  plant();
  const { changes, signal } = await exportAt(0);
  expect([signal, content()]).toEqual([null, 'new']);
  const seen = new Set<string>();
  for (let moment = 1; moment <= changes; moment++) {
    plant();
    expect((await exportAt(moment)).signal, `moment ${moment}`).toBe('SIGKILL');
    // A next one that fails writes nothing, but puts right what the killed one left.
    const failed = writeFolder(target, true, async () => {
      throw new Error('on purpose');
    });
    await expect(failed).rejects.toThrow('on purpose');
    seen.add(content());
    expect(readdirSync(target).sort(), `moment ${moment}`).toEqual([exportManifest, 'users.csv']);
    expect(readdirSync(base), `moment ${moment}`).toEqual(['out']);
  }
  expect([...seen].sort()).toEqual(['new', 'old']);
});

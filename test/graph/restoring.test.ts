/** A switch to a new home that is killed at every moment, as real processes. They run what `npm run build` made. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { serverHome } from '../../src/graph/server/home.ts';
import { restoredParts, settleRestore } from '../../src/graph/server/restoring.ts';
import { packageRoot } from '../../src/package.ts';
import { killedAt } from '../killed.ts';

const built = join(packageRoot, 'dist', 'graph', 'server');
const base = mkdtempSync(join(tmpdir(), 'tastegraph-restoring-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));
let home = '';
beforeEach(() => {
  home = mkdtempSync(join(base, 'home-'));
});

function put(folder: string, content: string): void {
  for (const part of restoredParts) {
    mkdirSync(join(folder, part), { recursive: true });
    writeFileSync(join(folder, part, content), content);
  }
}
const held = () => restoredParts.map((part) => readdirSync(join(home, part)).join());

/** Switches, and is killed on the way. */
const switchUntil = (moment: number) =>
  killedAt(
    moment,
    `const { serverHome } = await import(given.built + '/home.js');
     const { beginRestore, finishRestore, restoredParts } = await import(given.built + '/restoring.js');
     const staging = await beginRestore(serverHome(given.home));
     for (const part of restoredParts) {
       fs.mkdirSync(staging + '/' + part, { recursive: true });
       fs.writeFileSync(staging + '/' + part + '/new', 'new');
     }
     finishRestore(serverHome(given.home));`,
    { home, built },
  );

describe('a switch to a new home', () => {
  it('killed at any moment leaves the old one or the new one', async () => {
    put(home, 'old');
    const { changes, signal } = await switchUntil(0);
    expect(signal).toBeNull();
    expect(held()).toEqual(['new', 'new', 'new']);
    const seen = new Set<string>();
    for (let change = 1; change <= changes; change++) {
      rmSync(home, { recursive: true, force: true });
      put(home, 'old');
      expect((await switchUntil(change)).signal, `moment ${change}`).toBe('SIGKILL');
      await settleRestore(serverHome(home));
      const [first] = held();
      expect(held(), `moment ${change}`).toEqual([first, first, first]);
      seen.add(first!);
      expect(readdirSync(home).sort()).toEqual(['neo4j', 'snapshots', 'versions']);
    }
    expect([...seen].sort()).toEqual(['new', 'old']);
  });

  it('into a home that has none of it yet, and with a part made again after the crash', async () => {
    await switchUntil(0);
    expect(held()).toEqual(['new', 'new', 'new']);
    put(join(home, 'restoring'), 'newer');
    rmSync(join(home, 'snapshots'), { recursive: true });
    mkdirSync(join(home, 'snapshots'));
    await settleRestore(serverHome(home));
    expect(held()).toEqual(['newer', 'newer', 'newer']);
    expect(readFileSync(join(home, 'versions', 'newer'), 'utf8')).toBe('newer');
  });

  it('leaves a part that the new home does not have', async () => {
    put(home, 'old');
    mkdirSync(join(home, 'restoring', 'versions'), { recursive: true });
    await settleRestore(serverHome(home));
    expect(held()).toEqual(['old', 'old', '']);
  });
});

/** Forgetting that is killed on the way, as real processes. They run what `npm run build` made. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/package.ts';
import { readReceipt } from '../../src/pipeline/forget/receipt.ts';
import { forgetUser, type SignedReceipt } from '../../src/pipeline.ts';
import { loadVersion } from '../../src/serving/published.ts';
import { killedAt } from '../killed.ts';
import { testServer } from '../neo4j.ts';
import { filesWith, leaving, run } from './home.ts';
import { type PlantedFiles, plantedFiles } from './planted.ts';

const built = join(packageRoot, 'dist', 'pipeline.js');
let planted: PlantedFiles;
beforeAll(async () => {
  planted = await plantedFiles();
});
afterAll(() => planted.remove());

const forgetUntil = (home: string, moment: number) =>
  killedAt(
    moment,
    `const { forgetUser } = await import(given.built);
     const run = { report: () => {}, signal: new AbortController().signal };
     await forgetUser(given.user, { home: given.home, block: false, withId: false }, run);`,
    { home, user: leaving, built },
  );

const copy = (): string => {
  const home = mkdtempSync(join(tmpdir(), 'tastegraph-forget-'));
  cpSync(planted.home, home, { recursive: true });
  return home;
};

const forget = (home: string): Promise<SignedReceipt> =>
  forgetUser(leaving, { ...testServer(), home, block: false, withId: false }, run());

/** What an operation leaves behind, without what differs from one to the next. */
const stateOf = (home: string) => ({
  files: readdirSync(home, { recursive: true, encoding: 'utf8' })
    .filter((name) => !name.startsWith(join('forgotten', 'receipts')))
    .sort(),
  versions: planted.versions.map((id) => {
    const { manifest, snapshot, train, vectors } = loadVersion(home, id);
    return {
      manifest: { ...manifest, forgotten: manifest.forgotten?.map(({ key }) => key) },
      snapshot: snapshot.digest,
      train,
      vectors,
    };
  }),
  quarantine: readFileSync(join(home, 'quarantine', 'a.jsonl'), 'utf8'),
});

const lasting = ({ receipt }: SignedReceipt) => {
  const { operation: _, startedAt: __, finishedAt: ___, proof, ...rest } = receipt;
  return { ...rest, left: proof.files?.holding };
};

describe('forgetting that is killed', () => {
  it('at any moment leaves every version whole, and ends in the same state when it is run again', async () => {
    const whole = copy();
    const { changes, signal } = await forgetUntil(whole, 0);
    expect(signal).toBeNull();
    expect(changes).toBeGreaterThan(100);
    const [receipt] = readdirSync(join(whole, 'forgotten', 'receipts'));
    const expected = readReceipt(join(whole, 'forgotten', 'receipts', receipt!));
    expect(lasting(expected)).toMatchObject({
      known: true,
      left: [],
      removed: { quarantineLines: 1, checkpoints: ['planted'] },
    });
    expect(expected.receipt.removed.snapshots).toHaveLength(2);
    expect([...expected.receipt.influenced].sort()).toEqual([...planted.versions].sort());
    expect(filesWith(whole, leaving)).toEqual([]);
    expect(filesWith(whole, 'only-theirs')).toEqual([]);
    const state = stateOf(whole);
    // Moments all over the operation, and a few that follow each other where it ends.
    const step = Math.ceil(changes / 14);
    const moments = Array.from({ length: changes }, (_, n) => n + 1).filter((n) => n % step === 3 || n > changes - 4);
    for (const moment of moments) {
      const home = copy();
      expect((await forgetUntil(home, moment)).signal, `moment ${moment}`).toBe('SIGKILL');
      for (const id of planted.versions) expect(loadVersion(home, id).manifest.id, `moment ${moment}`).toBe(id);
      const signed = await forget(home);
      expect(filesWith(home, leaving), `moment ${moment}`).toEqual([]);
      expect(stateOf(home), `moment ${moment}`).toEqual(state);
      // Killed after the receipt was signed and noted, the next is another operation, which finds nothing.
      if (signed.receipt.earlier.length === 0)
        expect({ ...lasting(signed), influenced: undefined }).toEqual({ ...lasting(expected), influenced: undefined });
      else expect(signed.receipt).toMatchObject({ known: false, influenced: expected.receipt.influenced });
      rmSync(home, { recursive: true, force: true });
    }
    rmSync(whole, { recursive: true, force: true });
  }, 600_000);

  it('by two at once is one after the other', async () => {
    const home = copy();
    const [one, other] = await Promise.all([forget(home), forget(home)]);
    expect([one.receipt.known, other.receipt.known].sort()).toEqual([false, true]);
    expect(one.receipt.operation).not.toBe(other.receipt.operation);
    expect(filesWith(home, leaving)).toEqual([]);
    rmSync(home, { recursive: true, force: true });
  });
});

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Shown } from '../../../src/graph/impressions.ts';
import { packageRoot } from '../../../src/package.ts';
import { ImpressionJournal } from '../../../src/serving/impressions/journal.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'tastegraph-journal-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const shown = (n: number, items = 2): Shown => ({
  request: `r${n}`,
  user: 'ann',
  at: n,
  version: 'v',
  items: Array.from({ length: items }, (_, place) => `i${place}`),
  propensity: 1,
});
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => shown(from + n));
/** Reads everything, saying each time that it is in the graph. */
async function drain(journal: ImpressionJournal, most = 10): Promise<Shown[]> {
  const all: Shown[] = [];
  for (let batch = await journal.read(most); batch; batch = await journal.read(most)) {
    expect(batch.shown.length).toBeGreaterThan(0);
    expect(batch.shown.length === 1 || batch.shown.reduce((sum, { items }) => sum + items.length, 0) <= most).toBe(
      true,
    );
    all.push(...batch.shown);
    await journal.commit(batch);
  }
  return all;
}
const filesIn = () => readdirSync(join(home, 'impressions'), { recursive: true, encoding: 'utf8' });

describe('the journal of impressions', () => {
  it('gives back what was added, once, in order, and leaves nothing behind', async () => {
    const journal = await ImpressionJournal.open(home);
    expect(await journal.read(10)).toBeUndefined();
    await journal.append(range(0, 20));
    await journal.append(range(20, 23));
    expect(await drain(journal)).toEqual(range(0, 23));
    expect(journal.bytes).toBe(0);
    await journal.append([shown(23)]);
    expect(await drain(journal)).toEqual([shown(23)]);
    await journal.close();
    expect(filesIn()).toEqual([]);
  });

  it('is on the disk in segments, which go when they have been read, also those of a line longer than what is read at once', async () => {
    const journal = await ImpressionJournal.open(home);
    const long = { ...shown(0), items: Array.from({ length: 1000 }, (_, n) => `${n}`.padStart(400, 'x')) };
    for (let n = 0; n < 8; n++) await journal.append([long, shown(n)]);
    expect(filesIn().filter((name) => name.endsWith('.jsonl')).length).toBeGreaterThan(2);
    const first = (await journal.read(10))!;
    expect(first.shown).toEqual([long]);
    // Not said to be in the graph: it comes again.
    expect(await journal.read(10)).toEqual(first);
    expect(await drain(journal)).toHaveLength(16);
    await journal.retire();
    expect(filesIn().filter((name) => name.endsWith('.jsonl'))).toEqual([]);
    await journal.close();
  });

  it('leaves what was not read to the next', async () => {
    const before = await ImpressionJournal.open(home);
    await before.append(range(0, 10));
    await before.commit((await before.read(8))!);
    await before.close();
    const after = await ImpressionJournal.open(home);
    await after.append([shown(10)]);
    // What the graph has already comes once more where a segment was not read to its end.
    expect(await drain(after)).toEqual(range(0, 11));
    await after.close();
    expect(filesIn()).toEqual([]);
  });

  it('of a server that lives is left alone', async () => {
    const [one, other] = [await ImpressionJournal.open(home), await ImpressionJournal.open(home)];
    await one.append([shown(1)]);
    await other.adopt();
    expect(await drain(other)).toEqual([]);
    await one.close();
    // It takes it over also while it writes and reads itself.
    await other.append([shown(2)]);
    await other.adopt();
    await other.append([shown(3)]);
    expect((await drain(other)).map(({ at }) => at).sort()).toEqual([1, 2, 3]);
    await other.close();
    expect(filesIn()).toEqual([]);
  });

  it('of a server that is killed holds every line that was acknowledged, and half a line harms none', async () => {
    const program = `
      import { ImpressionJournal } from ${JSON.stringify(join(packageRoot, 'dist/serving/impressions/journal.js'))};
      const journal = await ImpressionJournal.open(${JSON.stringify(home)});
      for (let n = 0; ; n++) {
        await journal.append([{ request: 'r' + n, user: 'ann', at: n, version: 'v', items: ['a', 'b'], propensity: 1 }]);
        console.log(n);
      }`;
    const child: ChildProcess = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let acknowledged = -1;
    const closed = once(child, 'close');
    for await (const line of createInterface({ input: child.stdout! })) {
      acknowledged = Number(line);
      if (acknowledged === 200) child.kill('SIGKILL');
    }
    await closed;
    const [segment] = filesIn().filter((name) => name.endsWith('.jsonl'));
    appendFileSync(join(home, 'impressions', segment!), '{"request":"half');
    expect(readFileSync(join(home, 'impressions', segment!), 'utf8')).toContain('"r200"');
    const next = await ImpressionJournal.open(home);
    const found = (await drain(next)).map(({ at }) => at);
    expect(found.slice(0, acknowledged + 1)).toEqual(Array.from({ length: acknowledged + 1 }, (_, n) => n));
    expect(found.length).toBeLessThanOrEqual(acknowledged + 2);
    await next.close();
    expect(filesIn()).toEqual([]);
  });
});

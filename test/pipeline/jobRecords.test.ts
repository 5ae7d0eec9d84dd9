import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TastegraphError } from '../../src/errors.ts';
import { listJobRecords, recordJob } from '../../src/pipeline/jobRecords.ts';
import { jobsOf } from '../../src/pipeline/jobs.ts';
import type { Run } from '../../src/pipeline/run.ts';
import type { Progress } from '../../src/progress.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'tastegraph-jobs-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const runWith = (more: Partial<Run> = {}): Run => ({
  report() {},
  signal: new AbortController().signal,
  log: pino({ level: 'silent' }),
  ...more,
});
const start = { kind: 'ingest', about: 'clicks.csv' } as const;

describe('the record of a job', () => {
  it('stands while it is at work, with how far it is, and tells what came of it', async () => {
    const seen: Progress[] = [];
    const run = runWith({ report: (progress) => void seen.push(progress) });
    const answer = await recordJob({ home }, start, run, async ({ report }, ended) => {
      expect(listJobRecords(home)).toMatchObject([{ ...start, state: 'running' }]);
      report({ phase: 'interactions', done: 1, total: 2, unit: 'lines' });
      ended('2 new interactions');
      expect(listJobRecords(home)).toMatchObject([{ state: 'ended', outcome: '2 new interactions' }]);
      return 7; // what follows is other work
    });
    expect(answer).toBe(7);
    expect(seen).toHaveLength(1);
    const [job] = await jobsOf({ home });
    expect(job).toMatchObject({ ...start, state: 'ended', outcome: '2 new interactions' });
    expect(job!.endedAt).toBeGreaterThanOrEqual(job!.at);
  });

  it('says by what code it failed and not in which words, and when it was stopped', async () => {
    const failing = recordJob({ home }, start, runWith(), async () => {
      throw new TastegraphError('snapshot/not-found', { digest: 'somebody' });
    });
    await expect(failing).rejects.toThrow('somebody');
    const stopped = runWith({ signal: AbortSignal.abort() });
    await expect(recordJob({ home }, start, stopped, () => Promise.reject(new Error('stop')))).rejects.toThrow('stop');
    const found = listJobRecords(home).map(({ state, outcome }) => [state, outcome]);
    expect(found).toEqual(
      expect.arrayContaining([
        ['failed', 'snapshot/not-found'],
        ['stopped', undefined],
      ]),
    );
    expect(JSON.stringify(listJobRecords(home))).not.toContain('somebody');
  });

  it('says of a process that is gone that it was cut off', async () => {
    mkdirSync(join(home, 'jobs'));
    const record = { ...start, id: 'x', state: 'running', process: { pid: 2 ** 22 - 1, start: '' }, startedAt: 1 };
    writeFileSync(join(home, 'jobs', '20200101-000000-abcdef.json'), JSON.stringify(record));
    expect(listJobRecords(home)).toMatchObject([{ state: 'cut off' }]);
  });

  it('hinders nothing where it cannot be written', async () => {
    writeFileSync(join(home, 'jobs'), 'a file where the folder would be');
    expect(await recordJob({ home }, start, runWith(), async () => 'done')).toBe('done');
  });
});

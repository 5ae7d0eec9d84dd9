import { appendFileSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { type AuditEntry, openAuditLog } from '../../src/access/auditLog.ts';

const home = mkdtempSync(join(tmpdir(), 'tastegraph-audit-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const entry = (at: number, tenant?: string): AuditEntry => ({
  at,
  who: { kind: 'key', id: 'abc' },
  tenant,
  what: 'POST /v1/admin/keys',
  status: 201,
});

it('keeps the newest, in parts of bounded size that their owner alone reads', () => {
  const log = openAuditLog(home, 1000);
  for (let at = 0; at < 100; at++) log.record(entry(at));
  const files = readdirSync(home).sort();
  expect(files).toEqual(['audit.1.jsonl', 'audit.2.jsonl', 'audit.3.jsonl', 'audit.jsonl']);
  for (const file of files) {
    const { size, mode } = statSync(join(home, file));
    expect(size).toBeLessThan(1200);
    expect(mode & 0o777).toBe(0o600);
  }
  const all = log.read(1000).map(({ at }) => at);
  expect(all.length).toBeGreaterThan(30);
  expect(all).toEqual(Array.from(all, (_, place) => 99 - place));
  expect(log.read(20).map(({ at }) => at)).toEqual(all.slice(0, 20));
});

it('shows a tenant its own, and passes over a line that a crash cut off', () => {
  const log = openAuditLog(home, 100_000);
  log.record(entry(200, 'north'));
  appendFileSync(join(home, 'audit.jsonl'), '{"at":201,"who"\n');
  log.record(entry(202, 'south'));
  expect(log.read(10, 'north').map(({ at }) => at)).toEqual([200]);
  expect(log.read(2).map(({ at }) => at)).toEqual([202, 200]);
});

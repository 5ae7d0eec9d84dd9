/** What administrators did: JSON lines in `audit.jsonl` of a home, readable by its owner alone, laid aside by size. */
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Caller } from './caller.ts';

export interface AuditEntry {
  /** ms since 1970. */
  readonly at: number;
  /** 'unknown' where what they came with was refused. */
  readonly who: { readonly kind: Caller['kind'] | 'command line' | 'unknown'; readonly id: string };
  /** Of the caller; absent for the server's own home. */
  readonly tenant?: string | undefined;
  /** 'POST /v1/admin/keys': the route. Which user it was about stands nowhere, so that who is forgotten is. */
  readonly what: string;
  /** Key, rule, question or version that it was about. */
  readonly about?: string | undefined;
  /** Status of the answer, and the code of the error where it is one. */
  readonly status?: number | undefined;
  readonly code?: string | undefined;
  readonly requestId?: string | undefined;
}

export interface AuditLog {
  /** Errors: those of the file system. */
  record(entry: AuditEntry): void;
  /** The newest entries, newest first; with `tenant`, those of its callers alone. */
  read(limit: number, tenant?: string): readonly AuditEntry[];
}

/** The file that is written, and three before it. */
const parts = 4;

/** The log of a home; a part has at most `partBytes` and one entry. */
export function openAuditLog(home: string, partBytes: number): AuditLog {
  const fileOf = (part: number) => join(home, part === 0 ? 'audit.jsonl' : `audit.${part}.jsonl`);
  const size = () => statSync(fileOf(0), { throwIfNoEntry: false })?.size ?? 0;

  function rotate(): void {
    for (let part = parts - 2; part >= 0; part--) {
      if (existsSync(fileOf(part))) renameSync(fileOf(part), fileOf(part + 1));
    }
  }

  return {
    record(entry) {
      mkdirSync(home, { recursive: true });
      if (size() >= partBytes) rotate();
      // One write to the end of the file: entries of several processes stand behind each other, never in each other.
      appendFileSync(fileOf(0), `${JSON.stringify(entry)}\n`, { mode: 0o600 });
    },
    read(limit, tenant) {
      const found: AuditEntry[] = [];
      for (let part = 0; part < parts && existsSync(fileOf(part)); part++) {
        const lines = readFileSync(fileOf(part), 'utf8').split('\n');
        for (const line of lines.reverse()) {
          if (found.length === limit) return found;
          const entry = parseEntry(line);
          if (entry && (tenant === undefined || entry.tenant === tenant)) found.push(entry);
        }
      }
      return found;
    },
  };
}

/** Undefined for the empty last line, and for one that a crash cut off. */
function parseEntry(line: string): AuditEntry | undefined {
  try {
    return JSON.parse(line) as AuditEntry;
  } catch {
    return undefined;
  }
}

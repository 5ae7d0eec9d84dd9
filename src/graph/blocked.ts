/** Users who were forgotten for good: what refuses to take them in again. */
import type { ManagedTransaction } from 'neo4j-driver';
import type { BadLine, DataRecord } from '../data/records.ts';
import { TastegraphError } from '../errors.ts';
import type { Task } from './ingest/partition.ts';
import { removedKey } from './removed.ts';
import { statement } from './statements.ts';

/** A user came to be blocked while it was created: the transaction must not be committed. */
export class BlockedMeanwhile extends Error {}

/** Those who are blocked, as far as it was last looked; while nobody is, no id is hashed. */
export class BlockedUsers {
  #keys: ReadonlySet<string> = new Set();

  /** Looks again, within the transaction that is about to take users in. */
  async look(tx: ManagedTransaction): Promise<void> {
    const { records } = await tx.run(statement('read/blocked-users'));
    this.#keys = new Set(records[0]?.get('keys') as string[]);
  }

  has(user: string): boolean {
    return this.#keys.size > 0 && this.#keys.has(removedKey('user', user));
  }

  /** Errors: data/forgotten. */
  refuse(users: readonly string[]): void {
    const count = users.filter((user) => this.has(user)).length;
    if (count > 0) throw new TastegraphError('data/forgotten', { count });
  }

  /** Without the records that speak of a blocked user. */
  admittedRecords(records: readonly DataRecord[]): readonly DataRecord[] {
    return this.#keys.size === 0
      ? records
      : records.filter((record) => !usersOf(record).some((user) => this.has(user)));
  }

  /**
   * Bad lines as they may be kept: of one in which a blocked user's id stands between separators, text and reason are left out. What
   * the line was to say is not known, so an id that itself holds a separator is not found.
   */
  admittedLines(bad: readonly BadLine[]): readonly BadLine[] {
    if (this.#keys.size === 0) return bad;
    return bad.map((line) =>
      line.text.split(/[\s,;|:"'[\]{}]+/).some((word) => this.has(word)) ? { ...line, reason: '', text: '' } : line,
    );
  }

  /**
   * The same work without what is a blocked user's. Tasks are cut before anybody is left out, so that a resumed ingest, which may
   * know of more that are blocked, cuts the same ones.
   */
  admittedWork(work: Task['work']): Task['work'] {
    if (this.#keys.size === 0 || work.kind === 'item') return work;
    if (work.kind === 'interactions') {
      const groups = work.groups.filter(({ user }) => !this.has(user));
      if (groups.length === work.groups.length) return work;
      return { ...work, groups, rows: groups.reduce((sum, { items }) => sum + items.length, 0) };
    }
    if (work.kind !== 'trust') return { ...work, rows: work.rows.filter(({ id }) => !this.has(id)) };
    const rows = work.rows
      .filter(({ user }) => !this.has(user))
      .map(({ user, trusted, weights }) => {
        const kept = trusted.map((id) => !this.has(id));
        return { user, trusted: trusted.filter((_, n) => kept[n]), weights: weights.filter((_, n) => kept[n]) };
      })
      .filter(({ trusted }) => trusted.length > 0);
    return { ...work, rows };
  }
}

function usersOf(record: DataRecord): readonly string[] {
  if (record.kind === 'interaction') return [record.user];
  if (record.kind === 'trust') return [record.user, record.trusted];
  return record.kind === 'user' ? [record.id] : [];
}

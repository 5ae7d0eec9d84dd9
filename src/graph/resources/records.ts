/** Records as readers of files give them, taken in through the API: a batch is one transaction. */
import type { ManagedTransaction } from 'neo4j-driver';
import type { DataRecord, FeatureValue } from '../../data/records.ts';
import { BlockedUsers } from '../blocked.ts';
import type { Graph } from '../driver.ts';
import { ascending, featureKey, partition } from '../ingest/partition.ts';
import { writeWork } from '../ingest/work.ts';
import { refuseMapped } from '../schema.ts';
import { given, statement } from '../statements.ts';

/** What was not there before. */
export interface RecordCounts {
  readonly users: number;
  readonly items: number;
  readonly features: number;
  readonly interactions: number;
}

/**
 * Writes records as an ingest would, all or nothing: when this returns they are committed. Nodes that are not known are created;
 * what a record does not say stays, and a repeated batch changes nothing.
 * Errors: mapping/read-only; data/forgotten, and nothing is written; those of the database.
 */
export async function writeRecords(graph: Graph, records: readonly DataRecord[]): Promise<RecordCounts> {
  refuseMapped(graph, 'what is uploaded');
  const { users, items, features } = nodesOf(records);
  const start = { file: 0, offset: 0, line: 0, read: 0, bytes: 0 };
  const tasks = partition({ records, bad: [], next: start }, start);
  return await graph.write(async (tx) => {
    const create = async (what: 'users' | 'items' | 'features', rows: readonly unknown[]): Promise<number> => {
      if (rows.length === 0) return 0;
      const result = await tx.run(statement(`write/${what}`), what === 'features' ? { rows } : given({ ids: rows }));
      return result.summary.counters.updates().nodesCreated ?? 0;
    };
    // Users before items before features, as an ingest makes them, so that the two do not wait for each other.
    const newUsers = await create('users', users);
    if (newUsers > 0) await refuseBlocked(tx, users);
    const counts = {
      users: newUsers,
      items: await create('items', items),
      features: await create('features', features),
    };
    // Locked once and in one order: each task would lock its own users alone.
    if (users.length > 0) await tx.run(statement('write/users-lock'), given({ ids: users }));
    let interactions = 0;
    for (const { work } of tasks) interactions += (await writeWork(tx, work)).interactionsCreated ?? 0;
    return { ...counts, interactions };
  }, 'that takes in an upload');
}

async function refuseBlocked(tx: ManagedTransaction, users: readonly string[]): Promise<void> {
  const blocked = new BlockedUsers();
  await blocked.look(tx);
  blocked.refuse(users);
}

/** The nodes that records speak of, each once, in the order in which locks are taken. */
function nodesOf(records: readonly DataRecord[]) {
  const users = new Set<string>();
  const items = new Set<string>();
  const features = new Map<string, FeatureValue>();
  for (const record of records) {
    if (record.kind === 'interaction') {
      users.add(record.user);
      items.add(record.item);
    } else if (record.kind === 'trust') {
      users.add(record.user);
      users.add(record.trusted);
    } else {
      (record.kind === 'user' ? users : items).add(record.id);
      for (const feature of record.features) features.set(featureKey(feature), feature);
    }
  }
  return {
    users: [...users].sort(ascending),
    items: [...items].sort(ascending),
    features: [...features].sort(([a], [b]) => ascending(a, b)).map(([key, { kind, value }]) => ({ key, kind, value })),
  };
}

/** Which users of these records were forgotten for good. */
export async function forgottenAmong(graph: Graph, records: readonly DataRecord[]): Promise<ReadonlySet<string>> {
  const { users } = nodesOf(records);
  if (users.length === 0) return new Set();
  const blocked = new BlockedUsers();
  await graph.read((tx) => blocked.look(tx), 'that asks who was forgotten');
  return new Set(users.filter((user) => blocked.has(user)));
}

/** Sees to it that the nodes exist that a batch is about to connect. */
import type { DataRecord, FeatureValue } from '../../data/records.ts';
import { BlockedMeanwhile, type BlockedUsers } from '../blocked.ts';
import type { Graph } from '../driver.ts';
import { given, statement } from '../statements.ts';
import { ascending, featureKey } from './partition.ts';

/** Ids that are known to exist are not asked for again; over this many they are forgotten, which bounds the memory. */
const mostKnown = 500_000;
const rowsPerStatement = 10_000;

export class Nodes {
  readonly #graph: Graph;
  readonly #ingest: string;
  readonly #blocked: BlockedUsers;
  readonly #users = new Set<string>();
  readonly #items = new Set<string>();
  readonly #features = new Set<string>();

  constructor(graph: Graph, ingest: string, blocked: BlockedUsers) {
    this.#graph = graph;
    this.#ingest = ingest;
    this.#blocked = blocked;
  }

  /** Forgets what is known: somebody else may have deleted nodes. */
  forget(): void {
    for (const known of [this.#users, this.#items, this.#features]) known.clear();
  }

  /** Creates the users, items and features of `records` that do not exist, and counts them; none of users who are blocked. */
  async ensure(records: readonly DataRecord[]): Promise<void> {
    for (;;) {
      try {
        return await this.#ensure(this.#blocked.admittedRecords(records));
      } catch (cause) {
        if (!(cause instanceof BlockedMeanwhile)) throw cause;
      }
    }
  }

  async #ensure(records: readonly DataRecord[]): Promise<void> {
    const users = new Set<string>();
    const items = new Set<string>();
    const features = new Map<string, FeatureValue>();
    const take = (list: readonly FeatureValue[]): void => {
      for (const feature of list) {
        const key = featureKey(feature);
        if (!this.#features.has(key)) features.set(key, feature);
      }
    };
    for (const record of records) {
      if (record.kind === 'interaction') {
        if (!this.#users.has(record.user)) users.add(record.user);
        if (!this.#items.has(record.item)) items.add(record.item);
      } else if (record.kind === 'trust') {
        if (!this.#users.has(record.user)) users.add(record.user);
        if (!this.#users.has(record.trusted)) users.add(record.trusted);
      } else {
        if (record.kind === 'user' && !this.#users.has(record.id)) users.add(record.id);
        if (record.kind === 'item' && !this.#items.has(record.id)) items.add(record.id);
        take(record.features);
      }
    }
    const rows = [...features]
      .sort(([a], [b]) => ascending(a, b))
      .map(([key, { kind, value }]) => ({ key, kind, value }));
    await this.#create('users', [...users].sort(ascending));
    await this.#create('items', [...items].sort(ascending));
    await this.#create('features', rows);
    remember(this.#users, users);
    remember(this.#items, items);
    remember(this.#features, features.keys());
  }

  async #create(what: 'users' | 'items' | 'features', all: readonly unknown[]): Promise<void> {
    for (let start = 0; start < all.length; start += rowsPerStatement) {
      const rows = all.slice(start, start + rowsPerStatement);
      await this.#graph.write(async (tx) => {
        const result = await tx.run(statement(`write/${what}`), what === 'features' ? { rows } : given({ ids: rows }));
        const created = result.summary.counters.updates().nodesCreated ?? 0;
        if (created === 0) return;
        if (what === 'users') {
          // Whoever is being forgotten left the tombstone before the node went, so it is seen here.
          await this.#blocked.look(tx);
          if (rows.some((id) => this.#blocked.has(id as string))) throw new BlockedMeanwhile();
        }
        const counts = { users: 0, items: 0, features: 0, [what]: created };
        await tx.run(statement('write/ingest-created'), { id: this.#ingest, ...counts });
      });
    }
  }
}

function remember(known: Set<string>, ids: Iterable<string>): void {
  if (known.size > mostKnown) known.clear();
  for (const id of ids) known.add(id);
}

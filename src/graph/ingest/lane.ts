/** One of the sessions that write side by side: its tasks in order, each in one transaction with the note that it is written. */
import { int, type ManagedTransaction } from 'neo4j-driver';
import type { DataRecord } from '../../data/records.ts';
import type { Graph } from '../driver.ts';
import { statement } from '../statements.ts';
import { type Checkpoint, laneId } from './checkpoint.ts';
import type { Nodes } from './nodes.ts';
import type { AttributeWork, InteractionGroup, InteractionWork, Position, Task, TrustWork } from './partition.ts';

/** Tasks that may wait for a lane: enough to keep it busy, few enough to bound the memory. */
const mostWaiting = 2;

/** Rows name nodes that are not there: somebody deleted them since they were seen to. */
class NodesGone extends Error {}
/** How often nodes are made again before that is told as an error. */
const mostRepairs = 3;

export class Lane {
  readonly #graph: Graph;
  readonly #id: string;
  readonly #run: string;
  readonly #written: Position;
  readonly #nodes: Nodes;
  readonly #inFlight: Promise<void>[] = [];

  constructor(graph: Graph, checkpoint: Checkpoint, lane: number, nodes: Nodes) {
    this.#graph = graph;
    this.#nodes = nodes;
    this.#id = laneId(checkpoint.id, lane);
    this.#run = checkpoint.run;
    this.#written = checkpoint.written[lane]!;
  }

  /** Whether an earlier process has written this task. */
  has({ position: { file, end, part } }: Task): boolean {
    const written = this.#written;
    if (file !== written.file) return file < written.file;
    return end !== written.end ? end < written.end : part <= written.part;
  }

  /** Hands over a task that was cut from `records`; waits while too many are. Rejects with what an earlier task failed on, after which nothing is written. */
  async push(task: Task, records: readonly DataRecord[], written: () => void): Promise<void> {
    while (this.#inFlight.length >= mostWaiting) await this.#inFlight[0];
    const before = this.#inFlight.at(-1) ?? Promise.resolve();
    const own = before
      .then(() => this.#repair(task, records))
      .then(() => {
        void this.#inFlight.shift();
        written();
      });
    own.catch(() => {}); // whoever waits for it next learns of it
    this.#inFlight.push(own);
  }

  /** Waits until all that was pushed is written. */
  async drain(): Promise<void> {
    await this.#inFlight.at(-1);
  }

  async #repair(task: Task, records: readonly DataRecord[]): Promise<void> {
    for (let repairs = 0; ; repairs++) {
      try {
        return await this.#write(task);
      } catch (cause) {
        if (!(cause instanceof NodesGone) || repairs === mostRepairs) throw cause;
        this.#nodes.forget();
        await this.#nodes.ensure(records);
      }
    }
  }

  async #write({ position, resume, work }: Task): Promise<void> {
    await this.#graph.write(async (tx) => {
      const claim = { lane: this.#id, run: this.#run, ...position };
      const claimed = await tx.run(statement('write/ingest-claim'), claim);
      if (claimed.records.length === 0) return;
      const counts = { ...noCounts, ...(await writeWork(tx, work)) };
      await tx.run(statement('write/ingest-advance'), {
        lane: this.#id,
        ...position,
        resume: JSON.stringify(resume),
        counts,
      });
    });
  }
}

const noCounts = {
  interactionsRead: 0,
  interactionsCreated: 0,
  interactionsRepeated: 0,
  featureEdgesRead: 0,
  featureEdgesCreated: 0,
  trustRead: 0,
  trustCreated: 0,
  trustRepeated: 0,
};
type Counts = Partial<typeof noCounts>;

function writeWork(tx: ManagedTransaction, work: Task['work']): Promise<Counts> {
  if (work.kind === 'interactions') return writeInteractions(tx, work);
  return work.kind === 'trust' ? writeTrust(tx, work) : writeAttributes(tx, work);
}

/**
 * A user without any interaction, locked, has none until we commit: theirs are created without a look. The interactions of
 * others are looked for first. (A MERGE would look and create in one, but locks the items too, in an order in which lanes
 * deadlock, and creates half as fast.)
 */
async function writeInteractions(tx: ManagedTransaction, work: InteractionWork): Promise<Counts> {
  const { groups, rows, repeated, type, at, value, part } = work;
  const usual = { type, at: int(at), value, part };
  const locked = await tx.run(statement('write/users-lock'), { ids: groups.map(({ user }) => user) });
  const fresh = new Set(locked.records[0]?.get('fresh') as string[]);
  const create = groups.filter(({ user }) => fresh.has(user));
  const others = groups.filter(({ user }) => !fresh.has(user));
  if (others.length > 0) {
    const known = await tx.run(statement('write/interactions-known'), { groups: others, ...usual });
    const change: InteractionGroup[] = [];
    let found = 0;
    for (const record of known.records) {
      found += record.get('found') as number;
      const missing = record.get('missing') as number[];
      const changed = record.get('changed') as number[];
      const group = others[record.get('g') as number]!;
      if (missing.length > 0) create.push(only(group, missing));
      if (changed.length > 0) change.push(only(group, changed));
    }
    if (found !== sizeOf(others)) throw new NodesGone();
    if (change.length > 0) await tx.run(statement('write/interactions-changed'), { groups: change, ...usual });
  }
  const expected = sizeOf(create);
  let created = 0;
  if (expected > 0) {
    const name = create.every(isAlike) ? 'write/interactions-alike' : 'write/interactions';
    const result = await tx.run(statement(name), { groups: create, ...usual });
    created = result.summary.counters.updates().relationshipsCreated ?? 0;
  }
  if (created !== expected) throw new NodesGone();
  return { interactionsRead: rows + repeated, interactionsCreated: created, interactionsRepeated: repeated };
}

/** Whether all of a group's interactions differ in their items alone, as in lists: planned with constants, they cost a third less. */
const isAlike = ({ types, ats, values, parts }: InteractionGroup): boolean => !(types || ats || values || parts);

const sizeOf = (groups: readonly InteractionGroup[]): number =>
  groups.reduce((sum, { items }) => sum + items.length, 0);

/** The interactions of a group at some positions. */
function only(group: InteractionGroup, positions: readonly number[]): InteractionGroup {
  const { user, items, types, ats, values, parts } = group;
  const at = <T>(list: readonly T[]): T[] => positions.map((position) => list[position]!);
  return {
    user,
    items: at(items),
    ...(types && { types: at(types) }),
    ...(ats && { ats: at(ats) }),
    ...(values && { values: at(values) }),
    ...(parts && { parts: at(parts) }),
  };
}

async function writeAttributes(tx: ManagedTransaction, { kind, rows, properties }: AttributeWork): Promise<Counts> {
  if (properties.length > 0) await tx.run(statement('write/item-properties'), { rows: properties });
  if (rows.length === 0) return {};
  const expected = rows.reduce((sum, { keys }) => sum + keys.length, 0);
  const result = await tx.run(statement(`write/${kind}-features`), { rows });
  if (result.records[0]?.get('found') !== expected) throw new NodesGone();
  return {
    featureEdgesRead: expected,
    featureEdgesCreated: result.summary.counters.updates().relationshipsCreated ?? 0,
  };
}

async function writeTrust(tx: ManagedTransaction, { rows, repeated }: TrustWork): Promise<Counts> {
  const expected = rows.reduce((sum, { trusted }) => sum + trusted.length, 0);
  const result = await tx.run(statement('write/trust'), { rows });
  if (result.records[0]?.get('found') !== expected) throw new NodesGone();
  return {
    trustRead: expected + repeated,
    trustCreated: result.summary.counters.updates().relationshipsCreated ?? 0,
    trustRepeated: repeated,
  };
}

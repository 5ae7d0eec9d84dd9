/** Snapshots brought up to date, against what reading the whole graph gives after each step of random histories. */
import { mkdtempSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DataRecord } from '../../src/data/records.ts';
import { clockSlack, graphMoment } from '../../src/graph/changes.ts';
import type { Graph } from '../../src/graph/driver.ts';
import { ingest } from '../../src/graph/ingest.ts';
import { type PostedInteraction, writeInteractions } from '../../src/graph/interactions.ts';
import { type RemovedInteraction, removeInteractions, removeNode } from '../../src/graph/removal.ts';
import { silent } from '../../src/progress.ts';
import { currentSnapshot } from '../../src/sampling/current.ts';
import { snapshotFromGraph } from '../../src/sampling/fromGraph.ts';
import { type Incremental, snapshotSince } from '../../src/sampling/incremental.ts';
import { reconcile } from '../../src/sampling/reconcile.ts';
import type { GraphMark, Snapshot } from '../../src/sampling/snapshot.ts';
import { writeSnapshot } from '../../src/sampling/store.ts';
import { emptyGraph, testGraph } from '../neo4j.ts';
import { checkerboard, itemId, oddities, sourceOf, userId } from '../planted.ts';

const home = mkdtempSync(join(tmpdir(), 'tastegraph-incremental-'));
let graph: Graph;
beforeAll(async () => {
  graph = await testGraph();
});
beforeEach(() => emptyGraph(graph));
afterAll(async () => {
  await graph?.close();
  rmSync(home, { recursive: true, force: true });
});
const run = (query: string) => graph.write((tx) => tx.run(query));

type Marked = Snapshot & { readonly mark: GraphMark };
/** Without the room that is left for clocks: nothing is read again that need not be, so that a missing mark shows. */
const strict = (snapshot: Snapshot): Marked => {
  const { mark } = snapshot as Marked;
  return { ...snapshot, mark: { ...mark, since: mark.since + clockSlack } };
};
const since = async (base: Marked): Promise<Incremental> => snapshotSince(graph, await graphMoment(graph), base);
const sums = ({ arrays }: Snapshot) => arrays.map(({ name, sha256 }) => [name, sha256]);
const take = (records: readonly DataRecord[]) =>
  ingest(graph, sourceOf(records), { home, maxBadPercent: 0, restart: true }, silent);

/** The snapshot brought up to date, which must be what reading everything gives. */
async function upToDate(base: Marked): Promise<Marked> {
  const found = await since(base);
  if ('reason' in found) throw new Error(found.reason);
  const whole = await snapshotFromGraph(graph);
  expect(sums(found.snapshot)).toEqual(sums(whole));
  expect(found.snapshot.digest).toBe(whole.digest);
  expect(found.snapshot.mark?.excess).toEqual(whole.mark?.excess);
  return strict(found.snapshot);
}

const small = <T>(...values: readonly T[]) => fc.constantFrom(...values);
const user = small('ann', 'bob', 'zoë', 'd', '😀', 'anchor');
const item = small('x', 'y', 'ｚ', '10', '9', 'held');
const at = small(0, 5, 1000, 1.7e12);
const value = small(1, 2.5, -3, 0);
const type = small('view', 'like');
const feature = fc.record({ kind: small('genre', 'hour'), value: small('a', 'b', '7:30'), weight: small(1, 0.5) });
const features = fc.uniqueArray(feature, { maxLength: 3, selector: ({ kind, value }) => `${kind}:${value}` });
const context = fc.uniqueArray(feature, { maxLength: 2, selector: ({ kind }) => kind });
const interaction = fc.record({ user, item, type, at, value });
const record = fc.oneof(
  fc.record(
    { kind: fc.constant('interaction' as const), user, item, type, at, value, part: small('train', 'test'), context },
    { requiredKeys: ['kind', 'user', 'item', 'type', 'at', 'value'] },
  ),
  fc.record({ kind: fc.constant('user' as const), id: user, features }),
  fc.record(
    { kind: fc.constant('item' as const), id: item, title: small('Title', 'x', 'y'), at, features },
    { requiredKeys: ['kind', 'id', 'features'] },
  ),
  fc.record({ kind: fc.constant('trust' as const), user, trusted: user, weight: small(1, 0.25) }),
);
type Step =
  | { readonly does: 'post'; readonly rows: readonly PostedInteraction[] }
  | { readonly does: 'ingest'; readonly rows: readonly unknown[] }
  | { readonly does: 'remove'; readonly rows: readonly RemovedInteraction[] }
  | { readonly does: 'remove-user' | 'remove-item'; readonly id: string };
const step = fc.oneof<fc.Arbitrary<Step>[]>(
  fc.record({ does: fc.constant('post' as const), rows: fc.array(interaction, { minLength: 1, maxLength: 3 }) }),
  fc.record({ does: fc.constant('ingest' as const), rows: fc.array(record, { minLength: 1, maxLength: 4 }) }),
  fc.record({
    does: fc.constant('remove' as const),
    rows: fc.array(fc.record({ user, item, type, at }, { requiredKeys: ['user', 'item'] }), {
      minLength: 1,
      maxLength: 3,
    }),
  }),
  fc.record({ does: fc.constant('remove-user' as const), id: user }),
  fc.record({ does: fc.constant('remove-item' as const), id: item }),
);

async function perform(step: Step): Promise<void> {
  if (step.does === 'post') await writeInteractions(graph, step.rows);
  // Held up by an interaction of its own, since an ingest without any is refused.
  else if (step.does === 'ingest') await take([...(step.rows as DataRecord[]), held]);
  else if (step.does === 'remove') await removeInteractions(graph, step.rows);
  else await removeNode(graph, step.does === 'remove-user' ? 'user' : 'item', step.id);
}
const held: DataRecord = { kind: 'interaction', user: 'holds', item: 'holds', type: 'view', at: 1, value: 1 };

describe('a snapshot brought up to date', () => {
  it('is what reading everything gives, after each step of any history', async () => {
    // Between two snapshots lie one to three writes, so that what is removed comes back, and what was written goes.
    const history = fc.array(fc.array(step, { minLength: 1, maxLength: 3 }), { minLength: 3, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(history, async (rounds) => {
        await emptyGraph(graph);
        await take([...oddities(), held]);
        let snapshot = strict(await snapshotFromGraph(graph));
        for (const round of rounds) {
          for (const step of round) await perform(step);
          snapshot = await upToDate(snapshot);
        }
      }),
      { numRuns: 5, seed: 6, endOnFailure: true },
    );
  });

  it('reads what has changed, and nothing else', async () => {
    const board = checkerboard({ users: 12, items: 12 });
    await take(board.records);
    const base = strict(await snapshotFromGraph(graph));
    const readOf = async () => {
      const found = await since(base);
      return 'reason' in found ? found.reason : found.read;
    };
    expect(await readOf()).toEqual({ users: 0, items: 0, removed: 0 });
    await take(board.records); // again, which changes nothing
    expect(await readOf()).toEqual({ users: 0, items: 0, removed: 0 });
    const posted = { user: userId(3), type: 'view', at: 1, value: 1 };
    await writeInteractions(graph, [
      { ...posted, item: itemId(0) },
      { ...posted, item: 'new' },
    ]);
    expect(await readOf()).toEqual({ users: 1, items: 1, removed: 0 });
    await removeNode(graph, 'item', itemId(5));
    expect(await readOf()).toEqual({ users: 1, items: 1, removed: 1 });
    expect(await removeInteractions(graph, [{ user: userId(2), item: itemId(1) }])).toBe(0);
    expect(await removeInteractions(graph, [{ user: userId(2), item: itemId(0), type: 'like' }])).toBe(1);
    expect(await readOf()).toEqual({ users: 2, items: 1, removed: 1 });
    await upToDate(base);
  });

  it('has what a transaction wrote that was open while the earlier one was taken', async () => {
    await take([...checkerboard({ users: 6, items: 6 }).records]);
    const session = graph.session({ mode: 'WRITE' });
    const slow = await session.beginTransaction();
    await slow.run(
      `MATCH (u:User {id: $user}), (i:Item {id: $item}) SET u.changed = timestamp()
       CREATE (u)-[:INTERACTED {type: 'view', at: 7, value: 1.0}]->(i)`,
      { user: userId(1), item: itemId(0) },
    );
    const base = await snapshotFromGraph(graph); // as it is stored, though without the room for clocks
    await slow.commit();
    await session.close();
    const { interactions } = await upToDate(strict(base));
    expect(interactions.count).toBe(base.interactions.count + 1);
  });

  it.each([
    ['a node without a mark', "CREATE (:Item {id: 'unmarked'})", /counts 13 items, its marks lead to 12/],
    [
      'an interaction without a mark',
      'MATCH (u:User), (i:Item) WITH u, i LIMIT 1 CREATE (u)-[:INTERACTED {at: 1}]->(i)',
      /interactions/,
    ],
    ['a removal without a mark', 'MATCH (u:User) WITH u LIMIT 1 DETACH DELETE u', /counts 11 users/],
    ['a tie without a mark', 'MATCH (u:User), (v:User) WITH u, v LIMIT 1 CREATE (u)-[:TRUSTS]->(v)', /trust ties/],
    [
      'an older graph',
      'MATCH (n) WHERE n.changed > 0 SET n.changed = n.changed - 100000',
      /set back to an earlier state/,
    ],
  ])('is not made of %s, which is said', async (_, query, reason) => {
    await take(checkerboard({ users: 12, items: 12 }).records);
    const base = strict(await snapshotFromGraph(graph));
    await run(query);
    expect(await since(base)).toEqual({ reason: expect.stringMatching(reason) as string });
  });

  it('begins from the newest stored one of this graph, and from none that was asked not to or cannot be read', async () => {
    const own = join(home, 'stored');
    await take(checkerboard({ users: 6, items: 6 }).records);
    const current = (full = false) => currentSnapshot(graph, { home: own, full });
    const first = await current();
    expect(first.reading).toEqual({ kind: 'full' });
    const folder = writeSnapshot(own, first.snapshot);
    await writeInteractions(graph, [{ user: userId(1), item: 'new', type: 'view', at: 1, value: 1 }]);
    const second = await current();
    expect(second.reading).toMatchObject({ kind: 'incremental', base: first.snapshot.digest });
    expect((await current(true)).reading).toEqual({ kind: 'full' });
    expect((await current(true)).snapshot.digest).toBe(second.snapshot.digest);
    // A snapshot of another graph, or of no graph, is none to begin from.
    const other = {
      ...first.snapshot,
      asOf: Date.now() + 1e6,
      mark: { ...strict(first.snapshot).mark, graph: 'other' },
    };
    writeSnapshot(own, { ...other, digest: first.snapshot.digest });
    expect((await current()).reading).toEqual({ kind: 'full' });
    writeSnapshot(own, first.snapshot);
    truncateSync(join(folder, 'items.at.f64'), 3);
    expect((await current()).reading).toMatchObject({ kind: 'full', reason: /does not match its checksum/ });
  });
});

describe('reconcile', () => {
  const own = join(home, 'reconciled');
  /** Marks as old as if the graph had not been written for a while. */
  const age = () => run('MATCH (n) WHERE n.changed > 0 SET n.changed = n.changed - 100000');

  it('finds what was written without a mark, tells it, and marks it', async () => {
    await take([...checkerboard({ users: 6, items: 6 }).records, held]);
    await age();
    const base = await snapshotFromGraph(graph);
    writeSnapshot(own, base);
    await writeInteractions(graph, [{ user: userId(5), item: itemId(0), type: 'view', at: 1, value: 1 }]); // marked
    await run(
      `MATCH (u:User {id: '${userId(0)}'})-[r:INTERACTED]->(i) WITH u, r, i ORDER BY i.id LIMIT 1 SET r.value = 9.0`,
    );
    await run(`MATCH (u:User {id: '${userId(1)}'})-[r:INTERACTED]->(i) WITH r, i ORDER BY i.id LIMIT 1 DELETE r`);
    await run(
      `MATCH (u:User {id: '${userId(2)}'}) CREATE (u)-[:INTERACTED {type: 'view', at: 3, value: 1.0}]->(:Item {id: 'foreign'})`,
    );
    await run(`MATCH (u:User {id: '${userId(4)}'}) DETACH DELETE u`);
    await run(`MATCH (i:Item {id: '${itemId(3)}'}) SET i.title = 'Another', i.available = false`);
    const { compared, flaws, snapshot } = await reconcile(graph, own);
    expect(compared!.marked).toEqual({ users: 1, items: 0, removed: 0 });
    const { users, items, interactions } = compared!.unmarked;
    expect(users).toMatchObject({ added: { count: 0 }, removed: { samples: [userId(4)] } });
    expect(items).toMatchObject({
      added: { samples: ['foreign'] },
      removed: { count: 0 },
      changed: { samples: [itemId(3)] },
    });
    expect(interactions.added).toEqual({
      count: 1,
      samples: [{ user: userId(2), item: 'foreign', type: 'view', at: 3 }],
    });
    expect(interactions.changed).toMatchObject({ count: 1, samples: [{ user: userId(0), item: itemId(0) }] });
    // One that was deleted, and three that went with their user.
    expect(interactions.removed.count).toBe(4);
    expect(flaws.repeated.surplus + flaws.elsewhere + Object.values(flaws.incomplete).reduce((a, b) => a + b)).toBe(0);
    // Begun from the earlier snapshot, which knew nothing of it, a snapshot now has it all.
    const found = await since(strict(base));
    expect('reason' in found ? found.reason : found.snapshot.digest).toBe(snapshot.digest);
    await upToDate(strict(base));
    const again = (await reconcile(graph, own)).compared!;
    expect(Object.values(again.unmarked).flatMap((ways) => Object.values(ways).map(({ count }) => count))).toEqual(
      Array(9).fill(0),
    );
  });

  it('reports repeated relationships, and what lacks its properties', async () => {
    await take(checkerboard({ users: 4, items: 4 }).records);
    await run(`MATCH (u:User {id: '${userId(0)}'})-[r:INTERACTED]->(i) WITH u, r, i LIMIT 1
               CREATE (u)-[again:INTERACTED]->(i) SET again = properties(r), again.value = 2.0`);
    await run(`MATCH (u:User {id: '${userId(1)}'}) CREATE (u)-[:INTERACTED]->(:Item {title: 'nameless'})`);
    await run('CREATE (:User)-[:INTERACTED {type: "view", at: 1, value: 1.0}]->(:User {id: 7})');
    await run('CREATE (:Feature {key: "half:done"})');
    const { compared, flaws } = await reconcile(graph, join(home, 'flaws'));
    expect(compared).toBeUndefined();
    expect(flaws).toMatchObject({
      incomplete: { users: 2, items: 1, features: 1, interactions: 1 },
      elsewhere: 1,
      repeated: { groups: 1, surplus: 1, samples: [{ user: userId(0), times: 2 }] },
    });
    // What cannot be in a snapshot does not keep the next one from beginning there.
    await writeInteractions(graph, [{ user: userId(2), item: itemId(1), type: 'view', at: 1, value: 1 }]);
    const { reading, snapshot } = await currentSnapshot(graph, { home: join(home, 'flaws'), full: false });
    expect(reading.kind).toBe('incremental');
    expect(snapshot.digest).toBe((await snapshotFromGraph(graph)).digest);
  });
});

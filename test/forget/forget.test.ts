/** A user is forgotten, from the graph to the last file. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openKernels } from '../../src/compute/open.ts';
import { openData } from '../../src/data/open.ts';
import type { Graph } from '../../src/graph/driver.ts';
import { ingest } from '../../src/graph/ingest.ts';
import { writeInteractions } from '../../src/graph/interactions.ts';
import { removedKey } from '../../src/graph/removed.ts';
import { ensureServer } from '../../src/graph/server.ts';
import { findModel } from '../../src/models/registry.ts';
import { commandOptions } from '../../src/options.ts';
import { receiptPath } from '../../src/pipeline/forget/receipt.ts';
import { forgetUser, type SignedReceipt, takeSnapshot, train, verifyReceipt } from '../../src/pipeline.ts';
import { silent } from '../../src/progress.ts';
import { loadVersion } from '../../src/serving/published.ts';
import { openRecommender } from '../../src/serving/recommender.ts';
import { publish } from '../../src/serving/versions.ts';
import { fileOptions, plant } from '../data/planted.ts';
import { emptyGraph, graphContent, testGraph, testServer } from '../neo4j.ts';
import { plantedResult } from '../serving/home.ts';
import {
  type ForgetHome,
  filesWith,
  forgetHome,
  interactionsOfLeaving,
  leaving,
  plantFiles,
  run,
  staying,
  take,
} from './home.ts';

let graph: Graph;
let at: ForgetHome;
let folder: string;
const kernels = openKernels({ threads: 1 });
beforeAll(async () => {
  graph = await testGraph();
});
beforeEach(async () => {
  await emptyGraph(graph);
  at = forgetHome(graph);
  folder = plantFiles();
  await take(graph, at.home, folder);
});
afterEach(() => at.remove());
afterAll(async () => {
  await graph.close();
  await kernels.close();
});

const forget = async (user = leaving, { block = false, withId = false } = {}): Promise<SignedReceipt> =>
  await forgetUser(user, { ...testServer(), home: at.home, block, withId }, run(), { graph });

const snapshotOptions = () => commandOptions.snapshot.parse({ home: at.home });

const published = async (): Promise<{ readonly id: string; readonly digest: string }> => {
  const { snapshot } = await takeSnapshot(snapshotOptions(), run(), graph);
  const { id } = await publish(at.home, plantedResult(snapshot));
  return { id, digest: snapshot.digest };
};

const ask = async <T>(query: string, parameters = {}): Promise<T[]> => {
  const { records } = await graph.read((tx) => tx.run(query, parameters));
  return records.map((record) => record.toObject() as T);
};

describe('a user who is forgotten', () => {
  it('is gone from the graph, snapshots, versions, checkpoints and the quarantine, and the receipt says so', async () => {
    const version = await at.train();
    await graph.write((tx) =>
      tx.run('MATCH (u:User {id: $id}), (i:Item) WITH u, i LIMIT 3 CREATE (u)-[:SHOWN {at: 1}]->(i)', { id: leaving }),
    );
    expect(filesWith(at.home, leaving)).not.toEqual([]);
    const held = loadVersion(at.home);
    const recommender = openRecommender(at.home, kernels, { pollMs: 0 });
    expect(recommender.recommend(leaving, { limit: 3 }).fallback).toBeUndefined();
    const itemVectors = held.vectors!.items.slice();

    const before = Date.now();
    const { receipt } = await forget();
    expect(filesWith(at.home, leaving)).toEqual([]);
    expect(filesWith(at.home, 'only-theirs-98765')).toEqual([]);
    expect(receipt).toMatchObject({
      key: removedKey('user', leaving),
      known: true,
      blocked: false,
      influenced: [version],
      free: [],
      removed: {
        graph: {
          INTERACTED: interactionsOfLeaving,
          TRUSTS: 1,
          'TRUSTS of others': 2,
          SHOWN: 3,
          HAS: 2,
          users: 1,
          vectors: 1,
          features: 1,
        },
        snapshots: [{ from: held.snapshot.digest }],
        versions: [version],
        checkpoints: ['lightgcn'],
        quarantineLines: 1,
      },
      proof: {
        graph: { nodes: 0, relationships: 0, vectors: 0, tombstones: 1 },
        snapshots: 0,
        versions: 0,
        files: { holding: [] },
      },
    });
    expect(JSON.stringify(receipt)).not.toContain(leaving);

    // What serves goes over to what is left, and does not know the user.
    expect(recommender.reload()).toBe(true);
    expect(recommender.recommend(leaving, { limit: 3 }).fallback).toBe('popular');
    expect(recommender.recommend(staying, { limit: 3 }).fallback).toBeUndefined();
    recommender.close();
    const left = loadVersion(at.home);
    expect(left.manifest).toMatchObject({ id: version, users: held.manifest.users - 1 });
    expect(left.vectors!.items).toEqual(itemVectors);
    const rowOf = ({ vectors, snapshot }: typeof held, user: string) => {
      const index = snapshot.users.index(user)!;
      return vectors!.users.slice(index * 8, (index + 1) * 8);
    };
    for (const user of [staying, 'user-9', 'user-29']) expect(rowOf(left, user)).toEqual(rowOf(held, user));
    expect(existsSync(join(at.home, 'checkpoints', 'lightgcn'))).toBe(false);

    // The graph names what is stored now; whose circumstances have changed is marked; other people's is as it was.
    const slots = await ask('MATCH (v:Version)-[:TRAINED_ON]->(s:Snapshot) RETURN v.id AS version, s.digest AS digest');
    expect(slots).toEqual([{ version, digest: left.snapshot.digest }]);
    expect(await ask('MATCH (f:Feature) RETURN f.key AS key ORDER BY key')).toEqual([
      { key: 'age:old' },
      { key: 'age:young' },
      { key: 'zip:others-12345' },
    ]);
    const marked = await ask<{ ids: string[] }>(
      'MATCH (n:User) WHERE n.changed >= $before RETURN collect(n.id) AS ids',
      { before },
    );
    expect(marked[0]!.ids.sort()).toEqual([staying, 'user-2'].sort());
    expect(await ask('MATCH (r:Removed) RETURN r.kind AS kind, r.key AS key')).toEqual([
      { kind: 'user', key: receipt.key },
    ]);
    expect(await ask('MATCH (n:Forgetting) RETURN n')).toEqual([]);
    // A snapshot of the graph now is the very one that was made out of the old one.
    const { snapshot } = await takeSnapshot(snapshotOptions(), run(), graph);
    expect(snapshot.digest).toBe(left.snapshot.digest);
  }, 300_000);

  it('is the same whenever the operation is killed and run again', async () => {
    const connection = JSON.stringify(await ensureServer(testServer()));
    const { id, digest } = await published();
    for (const [phase, time] of [
      ['noting what is to be forgotten', 1],
      ['out of the graph', 1],
      ['out of snapshots and versions', 1],
      ['out of the quarantine', 1],
      ['proving that nothing is left', 1],
      ['signing', 1],
    ] as const) {
      const args = ['test/forget/forget.child.mjs', leaving, at.home, phase, String(time)];
      const env = { ...process.env, CONNECTION: connection };
      const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
      expect(await once(child, 'close'), phase).toEqual([null, 'SIGKILL']);
    }
    const { receipt } = await forget();
    expect(receipt).toMatchObject({
      known: true,
      influenced: [id],
      removed: {
        graph: { INTERACTED: interactionsOfLeaving, TRUSTS: 1, 'TRUSTS of others': 2, HAS: 2, users: 1, features: 1 },
        snapshots: [{ from: digest }],
        versions: [id],
        quarantineLines: 1,
      },
      proof: { graph: { nodes: 0, relationships: 0, tombstones: 1 }, files: { holding: [] } },
      earlier: [],
    });
    expect(filesWith(at.home, leaving)).toEqual([]);
    expect(await ask('MATCH (n:Forgetting) RETURN n')).toEqual([]);
  }, 300_000);

  it('has a receipt that can be checked, and that says when a version is free of them', async () => {
    const first = await published();
    const { receipt } = await forget();
    const path = receiptPath(at.home, receipt.operation);
    expect(statSync(join(at.home, 'forgotten', 'signing-key.pem')).mode & 0o777).toBe(0o600);
    expect(await verifyReceipt(path, at)).toMatchObject({
      own: true,
      receipt,
      versions: { influenced: [first.id], free: [], returned: [], current: 'influenced' },
    });
    const next = await published();
    expect((await verifyReceipt(path, at)).versions).toEqual({
      influenced: [first.id],
      free: [next.id],
      returned: [],
      current: 'free',
    });
    // Brought back by the same files, and trained on again.
    await take(graph, at.home, folder);
    const back = await published();
    expect((await verifyReceipt(path, at)).versions).toMatchObject({ returned: [back.id], current: 'returned' });

    const copy = join(at.home, 'copy.json');
    const signed = JSON.parse(readFileSync(path, 'utf8')) as SignedReceipt;
    writeFileSync(copy, JSON.stringify(signed));
    expect((await verifyReceipt(copy, at)).own).toBe(true);
    expect((await verifyReceipt(copy, { home: join(at.home, 'nowhere') })).own).toBe(false);
    const changed = { ...signed, receipt: { ...signed.receipt, free: ['20990101-000000-000000'] } };
    for (const text of [JSON.stringify(changed), '{}', 'no receipt']) {
      writeFileSync(copy, text);
      await expect(verifyReceipt(copy, at)).rejects.toMatchObject({ code: 'forget/receipt' });
    }
    await expect(verifyReceipt(join(at.home, 'none'), at)).rejects.toMatchObject({ code: 'data/not-found' });
  });

  it('who is not known is said not to be, and what may be left of them goes all the same', async () => {
    await graph.write((tx) => tx.run('MATCH (u:User {id: $id}) DETACH DELETE u', { id: leaving }));
    const before = await graphContent(graph);
    const { receipt } = await forget();
    expect(receipt).toMatchObject({ known: true, removed: { graph: {}, quarantineLines: 1 } });
    const again = await forget();
    expect(again.receipt).toMatchObject({ known: false, earlier: [receipt.operation] });
    expect((await forget('nobody-at-all')).receipt).toMatchObject({ known: false, earlier: [] });
    expect(await graphContent(graph)).toEqual(before);
    const named = await forget('nobody-at-all', { withId: true });
    expect(named.receipt.user).toBe('nobody-at-all');
  });

  it('comes back by an ingest of the same files, but not where they are blocked', async () => {
    await forget();
    const back = await take(graph, at.home, folder);
    expect(back).toMatchObject({ users: { created: 1 }, interactions: { created: interactionsOfLeaving } });
    expect(await ask('MATCH (u:User {id: $id})-[r]-() RETURN count(r) AS n', { id: leaving })).toEqual([{ n: 15 }]);

    expect((await forget(leaving, { block: true })).receipt).toMatchObject({ known: true, blocked: true });
    const before = await graphContent(graph);
    const refused = await take(graph, at.home, folder);
    // Ten interactions, one row of attributes, three ties.
    expect(refused).toMatchObject({ users: { created: 0 }, interactions: { created: 0 }, refused: 14 });
    expect(await graphContent(graph)).toEqual(before);
    const posted = { item: 'g0-i0', type: 'view', at: 1, value: 1 };
    const batch = [leaving, 'somebody-new'].map((user) => ({ user, ...posted }));
    await expect(writeInteractions(graph, batch)).rejects.toMatchObject({ code: 'data/forgotten', status: 422 });
    expect(await graphContent(graph)).toEqual(before);
    expect(await writeInteractions(graph, batch.slice(1))).toMatchObject({ users: 1 });
    // Nor by files that a snapshot is taken of without the graph.
    const { snapshot } = await takeSnapshot(
      { ...snapshotOptions(), data: join(folder, 'events.csv'), maxBadPercent: 50 },
      run(),
    );
    expect(snapshot.users.index(leaving)).toBeUndefined();
    expect(snapshot.users.index(staying)).toBeDefined();
    // Once blocked, a user stays so.
    expect((await forget()).receipt).toMatchObject({ known: false, blocked: true });
  }, 300_000);

  it('is left out of a version whose training began before', async () => {
    const taken = await takeSnapshot(snapshotOptions(), run(), graph);
    expect(taken.snapshot.users.index(leaving)).toBeDefined();
    const { receipt } = await forget();
    const options = commandOptions.train.parse({ home: at.home, epochs: 1, threads: 1, samplers: 0 });
    const { version } = await train(findModel('lightgcn'), { dim: 8 }, options, run(), { graph, taken });
    const { manifest, snapshot } = loadVersion(at.home, version);
    expect(manifest.forgotten).toMatchObject([{ key: receipt.key }]);
    expect(snapshot.users.index(leaving)).toBeUndefined();
    expect(snapshot.users.index(staying)).toBeDefined();
    expect(filesWith(at.home, leaving)).toEqual([]);
    expect((await verifyReceipt(receiptPath(at.home, receipt.operation), at)).versions).toMatchObject({
      influenced: [version],
      current: 'influenced',
    });
    expect(existsSync(join(at.home, 'checkpoints', 'lightgcn'))).toBe(false);
  });

  it('while two ingests and a snapshot run is gone from all of them', async () => {
    const lines = Array.from(
      { length: 20_000 },
      (_, n) => `${n % 50 === 0 ? leaving : `v${n % 997}`},x${n % 401},${n}`,
    );
    const others = Array.from({ length: 20_000 }, (_, n) => `w${n % 997},x${n % 401},${n}`);
    const files = plant({
      'one.csv': ['user,item,time', ...lines].join('\n'),
      'other.csv': ['user,item,time', ...others].join('\n'),
    });
    const bring = async (name: string) =>
      await ingest(
        graph,
        await openData(join(files, name), fileOptions()),
        { home: at.home, maxBadPercent: 1, restart: false },
        silent,
      );
    const [one, other, , { receipt }] = await Promise.all([
      bring('one.csv'),
      bring('other.csv'),
      takeSnapshot(snapshotOptions(), run(), graph),
      forget(leaving, { block: true }),
    ]);
    expect(receipt.proof).toMatchObject({ graph: { nodes: 0 }, files: { holding: [] } });
    expect(await ask('MATCH (u:User {id: $id}) RETURN u', { id: leaving })).toEqual([]);
    expect(filesWith(at.home, leaving)).toEqual([]);
    const written = await ask<{ v: number; w: number }>(
      `MATCH (u:User)-[r:INTERACTED]->() RETURN sum(CASE WHEN u.id STARTS WITH 'v' THEN 1 ELSE 0 END) AS v,
       sum(CASE WHEN u.id STARTS WITH 'w' THEN 1 ELSE 0 END) AS w`,
    );
    expect(written).toEqual([{ v: 19_600, w: 20_000 }]);
    expect(other.interactions.created).toBe(20_000);
    expect(one.interactions.created).toBeGreaterThanOrEqual(19_600);
  }, 300_000);
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DataRecord } from '../../src/data/records.ts';
import type { Graph } from '../../src/graph/driver.ts';
import { ingest } from '../../src/graph/ingest.ts';
import { silent } from '../../src/progress.ts';
import { snapshotFromRecords, snapshotFromSource } from '../../src/sampling/fromFiles.ts';
import { snapshotFromGraph } from '../../src/sampling/fromGraph.ts';
import { loadSnapshot, writeSnapshot } from '../../src/sampling/store.ts';
import { emptyGraph, testGraph } from '../neo4j.ts';
import { checkerboard, oddities, sourceOf } from '../planted.ts';
import { snapshotContract } from './snapshot.ts';

const home = mkdtempSync(join(tmpdir(), 'tastegraph-snapshot-'));
let graph: Graph;

beforeAll(async () => {
  graph = await testGraph();
});

afterAll(async () => {
  await graph?.close();
  rmSync(home, { recursive: true, force: true });
});

async function throughGraph(records: readonly DataRecord[]) {
  await emptyGraph(graph);
  await ingest(graph, sourceOf(records), { home, maxBadPercent: 0, restart: true }, silent);
  return snapshotFromGraph(graph);
}

snapshotContract('records', async (records) => snapshotFromRecords(records, 'generated'));
snapshotContract('records in another order', async (records) => {
  // What is said twice keeps its order; all else is turned around.
  const said = new Set(['a', 'zoë']);
  const isRepeated = (record: DataRecord) =>
    said.has('id' in record ? record.id : 'item' in record ? record.item : record.user);
  const turned = records.filter((record) => !isRepeated(record)).reverse();
  return snapshotFromRecords([...turned, ...records.filter(isRepeated)], 'generated');
});
snapshotContract('a data source', (records) => snapshotFromSource(sourceOf(records), { maxBadPercent: 0 }));
snapshotContract('disk', async (records) =>
  loadSnapshot(writeSnapshot(home, snapshotFromRecords(records, 'generated'))),
);
snapshotContract('Neo4j', throughGraph);

describe('the same content', () => {
  it.each([
    ['a checkerboard', checkerboard().records],
    ['odd records', oddities()],
  ])('has one digest, whatever it was built from: %s', async (_, records) => {
    const direct = snapshotFromRecords(records, 'generated');
    const exported = await throughGraph(records);
    expect(exported.arrays.map(({ name, sha256 }) => [name, sha256])).toEqual(
      direct.arrays.map(({ name, sha256 }) => [name, sha256]),
    );
    expect(exported.digest).toBe(direct.digest);
    expect(exported.source).toBe('neo4j');
  });
});

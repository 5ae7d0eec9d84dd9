/** Files of a home with a user who is to be forgotten, without a database and without training: fast, and whole in a process of its own. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SnapshotBuilder } from '../../src/sampling/builder.ts';
import type { Snapshot } from '../../src/sampling/snapshot.ts';
import { writeSnapshot } from '../../src/sampling/store.ts';
import { publish } from '../../src/serving/versions.ts';
import { plantedRecords, plantedResult } from '../serving/home.ts';
import { leaving } from './home.ts';

/** The planted world, in which ann goes by the name of who is leaving; `film`, where given, sets it apart from others. */
export function leavingSnapshot(film?: string): Snapshot {
  const builder = new SnapshotBuilder();
  for (const record of plantedRecords()) {
    const named = Object.entries(record).map(([key, value]) => [key, value === 'ann' ? leaving : value]);
    builder.add(Object.fromEntries(named) as typeof record);
  }
  builder.userFeature(builder.user(leaving), builder.feature('zip', 'only-theirs-98765'));
  if (film) builder.item(film);
  return builder.build({ asOf: 5000, source: 'generated' });
}

export interface PlantedFiles {
  readonly home: string;
  readonly versions: readonly string[];
  remove(): void;
}

/** Two snapshots with the user and three versions, a checkpoint, and a quarantine with two lines, one of them the user's. */
export async function plantedFiles(): Promise<PlantedFiles> {
  const home = mkdtempSync(join(tmpdir(), 'tastegraph-forget-'));
  const snapshots = [leavingSnapshot(), leavingSnapshot('one more film')];
  for (const snapshot of snapshots) writeSnapshot(home, snapshot);
  const versions: string[] = [];
  for (const [n, seed] of [7, 8, 9].entries())
    versions.push((await publish(home, plantedResult(snapshots[n % 2]!, { seed }))).id);
  mkdirSync(join(home, 'checkpoints', 'planted'), { recursive: true });
  const run = { snapshot: snapshots[0]!.digest };
  writeFileSync(join(home, 'checkpoints', 'planted', 'manifest.json'), JSON.stringify({ run }));
  mkdirSync(join(home, 'quarantine'));
  const bad = (line: number, user: string) =>
    `${JSON.stringify({ file: 'events.csv', line, field: 'value', reason: `no number: ${user}`, text: `"${user}",d1,x` })}\n`;
  writeFileSync(join(home, 'quarantine', 'a.jsonl'), bad(2, leaving) + bad(3, 'bob'));
  return { home, versions, remove: () => rmSync(home, { recursive: true, force: true }) };
}

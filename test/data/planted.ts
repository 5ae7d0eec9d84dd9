import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach } from 'vitest';
import { openData } from '../../src/data/open.ts';
import type { BadLine, DataRecord } from '../../src/data/records.ts';
import type { DataSource, Place } from '../../src/data/source.ts';
import { type FileOptions, optionGroups } from '../../src/options.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A folder with these files, gone after the test. */
export function plant(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'tastegraph-data-'));
  folders.push(folder);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

export const fileOptions = (options: Partial<FileOptions> = {}): FileOptions => ({
  ...optionGroups.files.parse({}),
  ...options,
});

export interface Everything {
  readonly source: DataSource;
  readonly records: DataRecord[];
  readonly bad: BadLine[];
  readonly places: Place[];
}

/** All that a path gives, read from its beginning or from a place. */
export async function readAll(path: string, options: Partial<FileOptions> = {}, from?: Place): Promise<Everything> {
  const source = await openData(path, fileOptions(options));
  const everything: Everything = { source, records: [], bad: [], places: [] };
  for await (const batch of source.batches(from)) {
    for (const record of batch.records) everything.records.push(record);
    everything.bad.push(...batch.bad);
    everything.places.push(batch.next);
  }
  return everything;
}

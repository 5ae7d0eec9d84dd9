/** The published version's vectors, exported. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { pino } from 'pino';
import { afterAll, expect, it } from 'vitest';
import { readExportManifest } from '../../src/data/exported.ts';
import { commandOptions } from '../../src/options.ts';
import { exportFiles } from '../../src/pipeline.ts';
import { silent } from '../../src/progress.ts';
import { publish } from '../../src/serving/versions.ts';
import { plant } from '../data/planted.ts';
import { plantedHome, plantedResult } from './home.ts';

const { home, snapshot, remove } = plantedHome();
afterAll(remove);

it('come with their version, each as it was trained, and need no database', async () => {
  const result = plantedResult(snapshot, { bias: 0.1 });
  const { id } = await publish(home, result);
  const { dim, users, items, itemBias } = result.vectors;
  const expected = [
    ...Array.from({ length: snapshot.users.count }, (_, u) => {
      const vector = [...users.subarray(u * dim, (u + 1) * dim)];
      return { node: 'user', id: snapshot.users.id(u), vector };
    }),
    ...Array.from({ length: snapshot.items.count }, (_, i) => {
      const vector = [...items.subarray(i * dim, (i + 1) * dim)];
      return { node: 'item', id: snapshot.items.id(i), bias: itemBias![i], vector };
    }),
  ];
  const folder = plant({});
  const run = { report: silent, signal: new AbortController().signal, log: pino({ level: 'silent' }) };
  const write = (as: 'jsonl' | 'parquet') =>
    exportFiles(join(folder, as), { ...commandOptions.export.parse({ what: ['embeddings'], as }), home }, run);

  expect(await write('jsonl')).toMatchObject({
    published: { version: id, model: 'planted', dim, snapshot: snapshot.digest },
  });
  const lines = readFileSync(join(folder, 'jsonl', 'embeddings.jsonl'), 'utf8')
    .trimEnd()
    .split('\n');
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(expected);

  await write('parquet');
  const file = await asyncBufferFromFile(join(folder, 'parquet', 'embeddings.parquet'));
  const rows = await parquetReadObjects({ file });
  expect(rows.map(({ bias, ...row }) => ({ ...row, ...(bias == null ? {} : { bias }) }))).toEqual(expected);
  expect(readExportManifest(join(folder, 'parquet'))?.tables).toMatchObject([
    { table: 'embeddings', rows: expected.length },
  ]);
});

/**
 * How fast each format is read: rows a second of one generated set of interactions, from the file to records, with nothing done to
 * them; and the most memory that the reading took. Each format is read in a process of its own, the median of some readings.
 * `npm run bench -- readers [ROWS]`, 200,000 rows where not said otherwise.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type ExportManifest, tableColumns } from '../../src/data/exported.ts';
import { openTable, sealFile } from '../../src/data/tableWriter.ts';
import { RandomStream } from '../../src/random.ts';
import type { Bench } from './table.ts';

const readings = 3;
const seed = 2026;

/** A row of a generated set. */
type Event = readonly [user: string, item: string, type: string, at: number, value: number];

function eventsOf(rows: number): Event[] {
  const random = new RandomStream(seed, 'readers');
  return Array.from({ length: rows }, (_, n) => [
    `user-${Math.floor(random.uniform() * 50_000)}`,
    `item-${Math.floor(random.uniform() ** 2 * 20_000)}`,
    'rating',
    1_600_000_000_000 + n * 1000,
    1 + Math.floor(random.uniform() * 5),
  ]);
}

/** Writes the set in each format, in a folder of its own; the folders by the formats' names. */
async function writeAll(folder: string, rows: number): Promise<Map<string, string>> {
  const events = eventsOf(rows);
  const text = (header: string, line: (event: Event) => string) => `${header}${events.map(line).join('')}`;
  const csv = text('user,item,type,time,value\n', (event) => `${event.join(',')}\n`);
  const jsonl = text('', ([user, item, type, time, value]) => `${JSON.stringify({ user, item, type, time, value })}\n`);
  const files: Record<string, [name: string, content: string | Uint8Array]> = {
    csv: ['events.csv', csv],
    tsv: ['events.tsv', csv.replaceAll(',', '\t')],
    'csv, gzip': ['events.csv.gz', gzipSync(csv)],
    jsonl: ['events.jsonl', jsonl],
    recbole: [
      'events.inter',
      text(
        'user_id:token\titem_id:token\ttype:token\ttimestamp:float\trating:float\n',
        (event) => `${event.join('\t')}\n`,
      ),
    ],
    gorse: [
      'feedback.jsonl',
      text('', ([UserId, ItemId, FeedbackType, at, Value]) => {
        return `${JSON.stringify({ FeedbackType, UserId, ItemId, Value, Timestamp: new Date(at).toISOString(), Comment: '' })}\n`;
      }),
    ],
  };
  const folders = new Map<string, string>();
  for (const [format, [name, content]] of Object.entries(files)) {
    const own = join(folder, `${folders.size}`);
    mkdirSync(own);
    writeFileSync(join(own, name), content);
    folders.set(format, own);
  }
  for (const encoding of ['csv', 'jsonl', 'parquet'] as const) {
    const own = join(folder, `${folders.size}`);
    mkdirSync(own);
    const columns = [...tableColumns.interactions];
    const file = `interactions.${encoding}`;
    const table = openTable(join(own, file), encoding, columns);
    for (const event of events) table.add([...event, null, null]);
    table.end();
    const sealed = await sealFile(join(own, file));
    const manifest: ExportManifest = {
      format: 'tastegraph-export',
      version: 1,
      encoding,
      asOf: 0,
      consistent: true,
      tables: [{ table: 'interactions', file, rows, ...sealed, columns }],
    };
    // Without the manifest the Parquet file is one like any other's.
    if (encoding === 'parquet') {
      const plain = join(folder, 'parquet');
      mkdirSync(plain);
      writeFileSync(join(plain, file), readFileSync(join(own, file)));
      folders.set('parquet', plain);
    }
    writeFileSync(join(own, 'manifest.json'), JSON.stringify(manifest));
    folders.set(`export as ${encoding}`, own);
  }
  return folders;
}

/** Reads a folder as often as it is told, in a process that has done nothing before. */
const script = `
const [modules, folder, readings] = process.argv.slice(1);
const { openData } = await import(new URL('data/open.js', modules));
const { optionGroups } = await import(new URL('options.js', modules));
const seconds = [];
const busy = [];
let rows = 0;
for (let reading = 0; reading < Number(readings); reading++) {
  const source = await openData(folder, optionGroups.files.parse({}));
  const started = performance.now();
  const before = process.cpuUsage();
  rows = 0;
  for await (const { records } of source.batches()) rows += records.length;
  seconds.push((performance.now() - started) / 1000);
  const { user, system } = process.cpuUsage(before);
  busy.push((user + system) / 1e6);
}
console.log(JSON.stringify({ seconds, busy, rows, peak: process.resourceUsage().maxRSS / 1024 }));`;

interface Reading {
  readonly seconds: readonly number[];
  /** Seconds of the processor, all threads: what the machine does beside it tells less here. */
  readonly busy: readonly number[];
  readonly rows: number;
  /** MiB. */
  readonly peak: number;
}

function read(folder: string): Reading {
  const modules = new URL('../../src/', import.meta.url).href;
  const args = ['--input-type=module', '-e', script, modules, folder, String(readings)];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Reading;
}

const bench: Bench = async ({ args, log }) => {
  const rows = args[0] === undefined ? 200_000 : Number(args[0]);
  if (!Number.isInteger(rows) || rows < 1) throw new Error(`rows must be a whole number, not '${args[0]}'`);
  const folder = mkdtempSync(join(tmpdir(), 'tastegraph-bench-'));
  try {
    log(`writing ${rows.toLocaleString('en')} rows`);
    const folders = await writeAll(folder, rows);
    const table: string[][] = [];
    const figures: Record<string, number> = {};
    for (const [format, own] of folders) {
      log(format);
      const { seconds, busy, rows: found, peak } = read(own);
      if (found !== rows) throw new Error(`${format}: ${found} of ${rows} rows were read`);
      const bytes = sizeOf(own);
      const rate = rows / median(seconds);
      const busyRate = rows / median(busy);
      table.push([
        format,
        `${(bytes / 2 ** 20).toFixed(1)} MiB`,
        Math.round(rate).toLocaleString('en'),
        Math.round(busyRate).toLocaleString('en'),
        `${peak.toFixed(0)} MiB`,
      ]);
      figures[`${format} rows/s`] = rate;
      figures[`${format} rows/CPU s`] = busyRate;
      figures[`${format} peak MiB`] = peak;
    }
    return {
      title: `Reading ${rows.toLocaleString('en')} interactions, from the file to records`,
      columns: ['format', 'size', 'rows/s', 'rows/s of CPU', 'most memory'],
      rows: table,
      notes: [
        `median of ${readings} readings in a process of its own, on one thread; memory is the process's whole, Node's own some 60 MiB of it`,
        `generated, seed ${seed}: ids of 6 to 10 characters, a type, a time and a value`,
      ],
      figures,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

export default bench;

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

const sizeOf = (folder: string): number =>
  ['events.csv', 'events.tsv', 'events.csv.gz', 'events.jsonl', 'events.inter', 'feedback.jsonl']
    .concat(['csv', 'jsonl', 'parquet'].map((encoding) => `interactions.${encoding}`))
    .reduce((sum, name) => sum + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0), 0);

import fc from 'fast-check';
import { type BasicType, parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import { type DecoderLimits, ParquetDecoder } from '../../src/data/parquetDecoder.ts';
import { openParquet } from '../../src/data/parquetFile.ts';
import { TastegraphError } from '../../src/errors.ts';
import { plant, readAll } from './planted.ts';

type Columns = Readonly<Record<string, readonly [BasicType, readonly unknown[]]>>;

const parquet = (columns: Columns, rowGroupSize = 1000): Buffer =>
  Buffer.from(
    parquetWriteBuffer({
      columnData: Object.entries(columns).map(([name, [type, data]]) => ({ name, type, data: [...data] })),
      rowGroupSize,
    }),
  );

const events = (count: number, rowGroupSize?: number): Buffer =>
  parquet(
    {
      user: ['STRING', Array.from({ length: count }, (_, n) => `u${n % 100}`)],
      item: ['INT64', Array.from({ length: count }, (_, n) => BigInt(n))],
      value: ['DOUBLE', Array.from({ length: count }, (_, n) => n / 4)],
      time: ['TIMESTAMP', Array.from({ length: count }, (_, n) => new Date(1000 * n))],
    },
    rowGroupSize,
  );

describe('parquet', () => {
  it('is known by its content and read with its own types, times among them', async () => {
    const { source, records, bad } = await readAll(plant({ 'events.parquet': events(3) }));
    expect([source.format, bad]).toEqual(['parquet', []]);
    expect(records[2]).toEqual({
      kind: 'interaction',
      user: 'u2',
      item: '2',
      type: 'interaction',
      at: 2000, // a time, however early, and no count of seconds
      value: 0.5,
    });
  });

  it('goes on from any place as if it had not stopped', async () => {
    const folder = plant({ 'events.parquet': events(45_000, 12_345) });
    const whole = await readAll(folder);
    expect(whole.records).toHaveLength(45_000);
    expect(whole.places.length).toBeGreaterThan(4);
    for (const place of whole.places) {
      const rest = await readAll(folder, {}, place);
      expect(rest.records).toEqual(whole.records.slice(place.read));
      expect(rest.places).toEqual(whole.places.filter((other) => other.read > place.read));
    }
    expect(whole.places.at(-1)!.bytes).toBe(whole.source.totalBytes);
  });

  it('gives attributes by the types of its schema, or as the options say', async () => {
    const folder = plant({
      'events.parquet': events(1),
      'items.parquet': parquet({
        item: ['STRING', ['0', '1']],
        title: ['STRING', ['Zero', null]],
        year: ['INT32', [1999, null]],
        price: ['DOUBLE', [9.5, null]],
        length: ['INT32', [90, null]],
        blurb: ['STRING', ['A long text', '']],
      }),
    });
    const { source, records } = await readAll(folder, { textColumns: ['blurb'], numberColumns: ['length'] });
    expect(source.files.map(({ name, role }) => [name, role])).toEqual([
      ['items.parquet', 'items'],
      ['events.parquet', 'interactions'],
    ]);
    expect(records.slice(0, 2)).toEqual([
      {
        kind: 'item',
        id: '0',
        title: 'Zero',
        features: [{ kind: 'year', value: '1999' }],
        attributes: { price: 9.5, length: 90, blurb: 'A long text' },
      },
      { kind: 'item', id: '1', features: [] },
    ]);
  });

  it('quarantines rows with file, row and field', async () => {
    const rows = parquet({
      user: ['STRING', ['a', null, 'c', 'd', 'e\u0000']],
      item: ['STRING', ['x', 'y', '', 'x', 'x']],
      value: ['STRING', ['1', '2', '3', 'four', '5']],
    });
    const { records, bad } = await readAll(plant({ 'events.parquet': rows }));
    expect(records).toHaveLength(1);
    expect(bad.map(({ file, line, field }) => [file, line, field])).toEqual([
      ['events.parquet', 2, 'user'],
      ['events.parquet', 3, 'item'],
      ['events.parquet', 4, 'value'],
      ['events.parquet', 5, 'user'],
    ]);
    expect(bad[0]!.text).toBe('{"user":null,"item":"y","value":"2"}');
  });

  it('refuses a file that lacks a column, its end, or anything at all', async () => {
    const lacks = plant({ 'events.parquet': parquet({ user: ['STRING', ['a']], film: ['STRING', ['x']] }) });
    await expect(readAll(`${lacks}/events.parquet`, { format: 'parquet' })).rejects.toMatchObject({
      code: 'data/malformed',
      details: { field: 'item', reason: 'is no column. There are: user, film' },
    });
    const cut = plant({ 'events.parquet': events(100).subarray(0, 500) });
    await expect(readAll(cut)).rejects.toMatchObject({ code: 'data/malformed', details: { field: 'file' } });
    await expect(readAll(plant({ 'events.parquet': '' }))).rejects.toMatchObject({ code: 'data/unknown-format' });
  });

  it('that is damaged anywhere is refused or read, and nothing else', async () => {
    const whole = events(200, 50);
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: whole.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        async (at, change) => {
          const damaged = Buffer.from(whole);
          damaged[at] = damaged[at]! ^ change;
          const thrown = await decode(damaged, { patienceMs: 3000, memoryMb: 512 }).catch((cause: unknown) => cause);
          if (thrown instanceof Error) expect(thrown).toBeInstanceOf(TastegraphError);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('whose page would be read for ever is given up in time', async () => {
    const damaged = events(200, 50);
    // The header of the first page of times: its count of nulls swallows the fields that come after it.
    const header = Buffer.from('5c1564150015641500', 'hex');
    let at = 0;
    for (let column = 0; column < 4; column++) at = damaged.indexOf(header, at) + 1;
    damaged[at + 3] = 0xfc;
    await expect(decode(damaged, { patienceMs: 1000, memoryMb: 512 })).rejects.toMatchObject({
      code: 'data/malformed',
      details: { field: 'row group 1', reason: expect.stringContaining('is not read after') },
    });
  });
});

/** All rows of a file, with less patience than the reader has. */
async function decode(bytes: Buffer, limits: DecoderLimits): Promise<void> {
  const path = `${plant({ 'events.parquet': bytes })}/events.parquet`;
  const { metadata, close } = await openParquet(path, 'events.parquet');
  await close();
  const decoder = new ParquetDecoder(path, 'events.parquet', limits);
  try {
    let first = 0;
    for (const { num_rows, total_byte_size } of metadata.row_groups) {
      const end = first + Number(num_rows);
      const broken = (reason: string) =>
        new TastegraphError('data/malformed', { file: path, line: first + 1, field: 'row group 1', reason });
      await decoder.rows({ first, end, bytes: Number(total_byte_size), broken }, first, end);
      first = end;
    }
  } finally {
    await decoder.close();
  }
}

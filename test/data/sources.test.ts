/** Where files come from: packed, from standard input, several at once. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openData } from '../../src/data/open.ts';
import { spool } from '../../src/data/stdin.ts';
import { fileOptions, plant, readAll } from './planted.ts';

const table = (rows: number) =>
  `user,item,value\r\n${Array.from({ length: rows }, (_, n) => `u${n % 99},i${n},${n % 5}\r\n`).join('')}`;

describe('gzip', () => {
  it('is unpacked by its content, in any text format, and read on from any place', async () => {
    const packed = plant({ 'events.csv.gz': gzipSync(table(60_000)) });
    const plain = await readAll(plant({ 'events.csv': table(60_000) }));
    const whole = await readAll(packed);
    expect(whole.source.format).toBe('csv');
    expect(whole.records).toEqual(plain.records);
    expect(whole.places.length).toBeGreaterThan(1);
    for (const place of whole.places) {
      const rest = await readAll(packed, {}, place);
      expect(rest.records).toEqual(whole.records.slice(place.read));
    }
    expect(whole.places.at(-1)!.bytes).toBe(whole.source.totalBytes);
    const lists = plant({ 'train.txt': gzipSync('1 2 3\n'), 'test.txt': '1 4\n' });
    expect((await readAll(lists)).records).toHaveLength(3);
    const unnamed = await readAll(join(plant({ events: gzipSync(table(2)) }), 'events'), { format: 'csv' });
    expect(unnamed.records).toHaveLength(2);
  });

  it('of several members is one file', async () => {
    const members = Buffer.concat([gzipSync('user,item\na,x\n'), gzipSync('b,y\n')]);
    expect((await readAll(plant({ 'events.csv.gz': members }))).records).toHaveLength(2);
  });

  it('that is cut off is refused with the line that it ends in', async () => {
    const whole = gzipSync(table(60_000), { level: 1 });
    const cut = plant({ 'events.csv.gz': whole.subarray(0, whole.length - 1000) });
    const thrown = await readAll(cut).catch((cause: unknown) => cause);
    expect(thrown).toMatchObject({ code: 'data/malformed', details: { file: 'events.csv.gz', field: 'file' } });
    expect((thrown as { details: { line: number } }).details.line).toBeGreaterThan(10_000);
  });
});

describe('standard input', () => {
  it('is put aside under its content, so that the same input is the same source, and removed when told', async () => {
    const home = plant({});
    const first = await spool(home, Readable.from([Buffer.from('user,item\n'), Buffer.from('a,x\n')]));
    const again = await spool(home, Readable.from([Buffer.from('user,item\na,x\n')]));
    expect(again).toBe(first);
    expect(readdirSync(join(home, 'spool'))).toHaveLength(1);
    expect((await readAll(first)).records).toHaveLength(1);
  });

  it('that breaks off leaves nothing', async () => {
    const home = plant({});
    const broken = Readable.from(
      (function* () {
        yield Buffer.from('user');
        throw new Error('gone');
      })(),
    );
    await expect(spool(home, broken)).rejects.toThrow('gone');
    expect(readdirSync(join(home, 'spool'))).toEqual([]);
  });
});

describe('several files', () => {
  it('of one folder are read as one, by their columns and names', async () => {
    const { source, records } = await readAll(
      plant({
        'part-0.csv': 'user,item\na,x\n',
        'part-1.csv': 'user,item\nb,y\n',
        'users.jsonl': '{"id": "a", "country": "FR"}\n',
        'trust.csv': 'a,b\n',
        'notes.md': 'hello',
      }),
    );
    expect(source.files.map(({ name, role }) => [name, role])).toEqual([
      ['users.jsonl', 'users'],
      ['part-0.csv', 'interactions'],
      ['part-1.csv', 'interactions'],
      ['trust.csv', 'trust'],
    ]);
    expect(records).toHaveLength(4);
  });

  it('that are named train and test are a split', async () => {
    const folder = plant({ 'test.csv': 'user,item\na,y\n', 'train.csv': 'user,item\na,x\n' });
    expect((await readAll(folder)).records).toMatchObject([
      { item: 'x', part: 'train' },
      { item: 'y', part: 'test' },
    ]);
  });

  it('may be named one by one, users and items by their names', async () => {
    const folder = plant({ 'events.csv': 'user,item\na,x\n', 'items.jsonl': '{"id": "x"}\n', 'users.csv': 'id\na\n' });
    const paths = ['events.csv', 'items.jsonl', 'users.csv'].map((name) => join(folder, name));
    const source = await openData(paths, fileOptions());
    expect(source.files.map(({ role }) => role)).toEqual(['users', 'items', 'interactions']);
  });

  it('of different formats and folders come together, nodes first, and are told apart', async () => {
    const [one, other] = [
      plant({ 'events.csv': 'user,item\na,x\nbad\n' }),
      plant({ 'events.csv': 'user,item\nb,y\nbad\n' }),
    ];
    const net = plant({ 'd.user': 'user_id:token\tage:float\na\t7\n' });
    const source = await openData([one, other, net], fileOptions());
    expect(source.format).toBe('csv+recbole');
    const files: string[] = [];
    for await (const { bad } of source.batches()) files.push(...bad.map(({ file }) => file));
    expect(files).toEqual(['events.csv', join(other, 'events.csv')]);
    expect(source.files[0]!.role).toBe('users');
  });
});

describe('typed headers', () => {
  it('say in any table what is a number, a text, a vector', async () => {
    const folder = plant({
      'events.csv': 'user,item,weather:token\na,x,sun\n',
      'items.csv': 'item,price:float,taste:float_seq\nx,9.5,1 2\ny,1,one\nz,cheap,1\n',
    });
    const { records, bad } = await readAll(folder);
    expect(bad.map(({ line, field }) => [line, field])).toEqual([
      [3, 'taste'],
      [4, 'price'],
    ]);
    expect(records).toMatchObject([
      { kind: 'item', attributes: { price: 9.5, taste: [1, 2] } },
      { kind: 'interaction', context: [{ kind: 'weather', value: 'sun' }] },
    ]);
    await expect(readAll(folder, { textColumns: ['plot'] })).rejects.toMatchObject({
      code: 'options/invalid',
      details: { given: 'plot' },
    });
    const right = plant({
      'events.csv': 'user,item\na,x\n',
      'items.tsv': 'item\tprice:float\tblurb:text\tembedding:float_seq\ttags:token_seq\nx\t9.5\ta|b\t1 2\ta|b\n',
    });
    expect((await readAll(right)).records[0]).toEqual({
      kind: 'item',
      id: 'x',
      features: [
        { kind: 'tags', value: 'a' },
        { kind: 'tags', value: 'b' },
      ],
      attributes: { price: 9.5, blurb: 'a|b', embedding: [1, 2] },
    });
  });
});

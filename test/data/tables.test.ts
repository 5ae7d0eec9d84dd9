import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitRecord } from '../../src/data/csv.ts';
import { maxLineBytes } from '../../src/data/lines.ts';
import type { InteractionRecord } from '../../src/data/records.ts';
import { plant, readAll } from './planted.ts';

const csv = (content: string | Uint8Array) => plant({ 'events.csv': content });

describe('csv', () => {
  it('reads mapped columns, times in any form, and leaves out what is empty', async () => {
    const { source, records, bad } = await readAll(
      csv(
        'when;who;what;stars\n1600000000;a;x;3\n1600000000123;a;y;\n2020-02-29T12:00:00+01:00;b;x;.5\n2020-02-29;b;y;1\n;c;x;2\n',
      ),
      { userColumn: 'who', itemColumn: 'what', timeColumn: 'when', valueColumn: 'stars' },
    );
    expect(source.format).toBe('csv');
    expect(bad).toEqual([]);
    expect(
      (records as InteractionRecord[]).map(({ user, item, at, value, type }) => [user, item, at, value, type]),
    ).toEqual([
      ['a', 'x', 1_600_000_000_000, 3, 'interaction'],
      ['a', 'y', 1_600_000_000_123, 1, 'interaction'],
      ['b', 'x', Date.UTC(2020, 1, 29, 11), 0.5, 'interaction'],
      ['b', 'y', Date.UTC(2020, 1, 29), 1, 'interaction'],
      ['c', 'x', 0, 2, 'interaction'],
    ]);
  });

  it('names line, field and reason of everything malformed, and reads the good lines between', async () => {
    const lines = [
      'user,item,value,time',
      'a,x,1,1600000000',
      'a,x,1',
      ',x,1,1600000000',
      'a,  ,1,1600000000',
      'a,x,one,1600000000',
      'a,x,0x10,1600000000',
      'a,x,1e999,1600000000',
      'a,x,1,2021-02-29',
      'a,x,1,9e99',
      `${'u'.repeat(257)},x,1,1600000000`,
      'a\u0000,x,1,1600000000',
      'a"b,x,1,1600000000',
      '"a"b,x,1,1600000000',
      '"never closed,x,1,1600000000',
      'b,x,1,1600000000',
      '',
      '"c\nd",x,1,1600000000',
      '"c, ""d""",x,1,1600000000',
    ];
    const { records, bad } = await readAll(csv(lines.join('\n')));
    expect((records as InteractionRecord[]).map(({ user }) => user)).toEqual(['a', 'b', 'c, "d"']);
    expect(bad.map(({ line, field }) => [line, field])).toEqual([
      [3, 'line'],
      [4, 'user'],
      [5, 'item'],
      [6, 'value'],
      [7, 'value'],
      [8, 'value'],
      [9, 'time'],
      [10, 'time'],
      [11, 'user'],
      [12, 'line'],
      [13, 'line'],
      [14, 'line'],
      [15, 'line'],
      [18, 'user'],
      [19, 'line'],
    ]);
    expect(bad[0]).toMatchObject({ file: 'events.csv', reason: 'has 3 fields where the header has 4', text: 'a,x,1' });
  });

  it('quarantines broken UTF-8 and lines without end, and goes on after them', async () => {
    const long = Buffer.alloc(3 * maxLineBytes, 'x');
    const content = Buffer.concat([
      Buffer.from('\ufeffuser,item\na,x\n'),
      Buffer.from([0xff, 0xfe, 0x2c, 0x78, 0x0a]),
      Buffer.from('b,é\n'),
      long,
      Buffer.from('\nc,x\n'),
    ]);
    const { records, bad } = await readAll(csv(content));
    expect((records as InteractionRecord[]).map(({ user, item }) => user + item)).toEqual(['ax', 'bé', 'cx']);
    expect(bad.map(({ line, reason }) => [line, reason])).toEqual([
      [3, 'is not UTF-8'],
      [5, `is longer than ${maxLineBytes} bytes`],
    ]);
    expect(bad.every(({ text }) => text.length <= 500)).toBe(true);
  });

  it('goes on from any place as if it had not stopped', async () => {
    const rows = Array.from({ length: 30_000 }, (_, i) =>
      i % 97 === 0 ? `"u""${i}\n",i,é` : `u${i},i${i % 7},${i % 5}`,
    );
    rows[20_000] = '"broken';
    const folder = csv(`user,item,value\n${rows.join('\n')}\n`);
    const whole = await readAll(folder);
    expect(whole.places.length).toBeGreaterThan(1);
    for (const place of whole.places) {
      const rest = await readAll(folder, {}, place);
      expect(rest.records).toEqual(whole.records.slice(whole.records.length - rest.records.length));
      expect(rest.places).toEqual(whole.places.filter((other) => other.read > place.read));
    }
    expect(whole.places.at(-1)).toMatchObject({ offset: whole.source.totalBytes, bytes: whole.source.totalBytes });
  });

  it('refuses a header that lacks a column it was told of', async () => {
    const folder = csv('user,item\na,x\n');
    await expect(readAll(join(folder, 'events.csv'), { format: 'csv', itemColumn: 'film' })).rejects.toMatchObject({
      code: 'data/malformed',
      details: { field: 'film' },
    });
    await expect(readAll(join(folder, 'events.csv'), { timeColumn: 'when' })).rejects.toMatchObject({
      code: 'data/malformed',
    });
  });

  it('reads back whatever fields were quoted', () => {
    const field = fc.string({ unit: fc.constantFrom('a', 'b', '"', ',', '\n', ' ', 'é') });
    fc.assert(
      fc.property(fc.array(field, { minLength: 1, maxLength: 5 }), (fields) => {
        const quoted = fields.map((text) => `"${text.replaceAll('"', '""')}"`).join(',');
        expect(splitRecord(quoted, ',')).toEqual(fields);
      }),
    );
  });
});

const id = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
  .filter((text) => text.trim() !== '' && !/[\p{Cc}]/u.test(text));
const events = fc.array(
  fc.record({
    user: id,
    item: id,
    value: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
    time: fc.integer({ min: 1e11, max: 4e12 }),
  }),
  { maxLength: 40 },
);
const expected = (rows: readonly { user: string; item: string; value: number; time: number }[]) =>
  rows.map(({ user, item, value, time }) => ({
    kind: 'interaction',
    user,
    item,
    type: 'interaction',
    at: time,
    value,
  }));

describe('what is written comes back', () => {
  it('as CSV', async () => {
    await fc.assert(
      fc.asyncProperty(events, async (rows) => {
        const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;
        const lines = rows.map(({ user, item, value, time }) => `${quote(user)},${quote(item)},${value},${time}\n`);
        const { records, bad } = await readAll(csv(`user,item,value,time\n${lines.join('')}`));
        expect(bad).toEqual([]);
        expect(records).toEqual(expected(rows));
      }),
      { numRuns: 50 },
    );
  });

  it('as JSON Lines', async () => {
    await fc.assert(
      fc.asyncProperty(
        events.filter((rows) => rows.length > 0),
        async (rows) => {
          const folder = plant({ 'events.jsonl': rows.map((row) => `${JSON.stringify(row)}\n`).join('') });
          const { source, records, bad } = await readAll(folder);
          expect([source.format, bad]).toEqual(['jsonl', []]);
          expect(records).toEqual(expected(rows));
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('jsonl', () => {
  it('quarantines lines that are not whole objects or lack an id', async () => {
    const lines = [
      '{"user": 1, "item": "x", "value": null}',
      '{"user": 1, "item"',
      '[1]',
      '{"user": 1.5, "item": "x"}',
      '{"item": "x"}',
      '{"user": "a", "item": "x", "value": "3", "time": "soon"}',
    ];
    const { records, bad } = await readAll(plant({ 'events.jsonl': lines.join('\n') }));
    expect(records).toEqual([{ kind: 'interaction', user: '1', item: 'x', type: 'interaction', at: 0, value: 1 }]);
    expect(bad.map(({ line, field }) => [line, field])).toEqual([
      [2, 'line'],
      [3, 'line'],
      [4, 'user'],
      [5, 'user'],
      [6, 'time'],
    ]);
  });
});

describe('attribute and social files', () => {
  it('come with any format; lists give several features', async () => {
    const folder = plant({
      'events.csv': 'user,item\na,x\n',
      'people.csv': 'id,country,hobby\na,FR,chess|golf\nb,,\n',
      'films.jsonl': '{"item": "x", "title": "X", "genre": ["Drama", "Crime"], "time": "2001-01-01", "length": 90}\n',
      'ties.csv': 'user,trusted,weight\na,b,0.5\n',
    });
    const { source, records } = await readAll(join(folder, 'events.csv'), {
      userFile: join(folder, 'people.csv'),
      itemFile: join(folder, 'films.jsonl'),
      socialFile: join(folder, 'ties.csv'),
    });
    expect(source.files.map(({ role }) => role)).toEqual(['users', 'items', 'interactions', 'trust']);
    expect(records).toEqual([
      {
        kind: 'user',
        id: 'a',
        features: [
          { kind: 'country', value: 'FR' },
          { kind: 'hobby', value: 'chess' },
          { kind: 'hobby', value: 'golf' },
        ],
      },
      { kind: 'user', id: 'b', features: [] },
      {
        kind: 'item',
        id: 'x',
        title: 'X',
        at: Date.UTC(2001, 0, 1),
        features: [
          { kind: 'genre', value: 'Drama' },
          { kind: 'genre', value: 'Crime' },
          { kind: 'length', value: '90' },
        ],
      },
      { kind: 'interaction', user: 'a', item: 'x', type: 'interaction', at: 0, value: 1 },
      { kind: 'trust', user: 'a', trusted: 'b', weight: 0.5 },
    ]);
  });
});

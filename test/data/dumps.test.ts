/** RecBole's atomic files and Gorse's dumps. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ItemRecord } from '../../src/data/records.ts';
import { plant, readAll } from './planted.ts';

const lines = (...rows: readonly (readonly string[])[]) => `${rows.map((row) => row.join('\t')).join('\n')}\n`;

describe('recbole', () => {
  const folder = () =>
    plant({
      'films.inter': lines(
        ['user_id:token', 'item_id:token', 'rating:float', 'timestamp:float', 'device:token'],
        ['a', 'x', '4.5', '881250949', 'tv'],
        ['b', 'x', '', '', ''],
      ),
      'films.user': lines(
        ['user_id:token', 'age:float', 'hobbies:token_seq'],
        ['a', '24', 'chess golf'],
        ['b', '', ''],
      ),
      'films.item': lines(
        ['item_id:token', 'movie_title:token_seq', 'genre:token_seq', 'plot:float_seq', 'country:token'],
        ['x', 'Toy Story', 'Comedy Drama', '0.5 -1 2e-3', 'New Zealand'],
      ),
      'films.kg': lines(
        ['head_id:token', 'relation_id:token', 'tail_id:token'],
        ['m.x', 'film.actor', 'm.hanks'],
        ['m.pixar', 'studio.film', 'm.x'],
        ['m.hanks', 'person.spouse', 'm.wilson'],
      ),
      'films.link': lines(['item_id:token', 'entity_id:token'], ['x', 'm.x']),
      'films.net': lines(['source_id:token', 'target_id:token', 'weight:float'], ['a', 'b', '0.5'], ['b', 'a', '']),
    });

  it('gives all six kinds of files, the knowledge as features of items', async () => {
    const { source, records, bad } = await readAll(folder());
    expect([source.format, bad]).toEqual(['recbole', []]);
    expect(records).toEqual([
      {
        kind: 'user',
        id: 'a',
        features: [
          { kind: 'hobbies', value: 'chess' },
          { kind: 'hobbies', value: 'golf' },
        ],
        attributes: { age: 24 },
      },
      { kind: 'user', id: 'b', features: [] },
      {
        kind: 'item',
        id: 'x',
        title: 'Toy Story',
        features: [
          { kind: 'genre', value: 'Comedy' },
          { kind: 'genre', value: 'Drama' },
          { kind: 'country', value: 'New Zealand' },
        ],
        attributes: { plot: [0.5, -1, 0.002] },
      },
      { kind: 'item', id: 'x', features: [{ kind: 'film.actor', value: 'm.hanks' }] },
      { kind: 'item', id: 'x', features: [{ kind: 'studio.film', value: 'm.pixar' }] },
      {
        kind: 'interaction',
        user: 'a',
        item: 'x',
        type: 'rating',
        at: 881_250_949_000,
        value: 4.5,
        context: [{ kind: 'device', value: 'tv' }],
      },
      { kind: 'interaction', user: 'b', item: 'x', type: 'rating', at: 0, value: 1 },
      { kind: 'trust', user: 'a', trusted: 'b', weight: 0.5 },
      { kind: 'trust', user: 'b', trusted: 'a' },
    ]);
  });

  it('knows parts by their names, and a kg alone takes the link beside it', async () => {
    const header = ['user_id:token', 'item_id:token'];
    const split = plant({
      'd.test.inter': lines(header, ['a', 'y']),
      'd.train.inter': lines(header, ['a', 'x']),
      'd.valid.inter': lines(header, ['a', 'z']),
    });
    const { records } = await readAll(split);
    expect(records.map((record) => [(record as { item: string }).item, (record as { part: string }).part])).toEqual(
      expect.arrayContaining([
        ['x', 'train'],
        ['z', 'validation'],
        ['y', 'test'],
      ]),
    );
    const alone = await readAll(join(folder(), 'films.kg'));
    expect(alone.source.files.map(({ name }) => name)).toEqual(['films.link', 'films.kg']);
    expect(alone.records).toHaveLength(2);
  });

  it('names file, line and field of what is malformed', async () => {
    const broken = plant({
      'd.user': '\ufeffuser_id:token\tage:float\r\na\t7\r\nb\told\r\n',
      'd.inter': lines(
        ['user_id:token', 'item_id:token', 'rating:float'],
        ['a', 'x', 'four'],
        ['', 'x', '1'],
        ['a', 'x'],
        ['a', 'x', '1'],
      ),
      'd.item': lines(['item_id:token', 'price:float', 'vector:float_seq'], ['x', 'cheap', ''], ['y', '', '1 b']),
      'd.net': lines(['source_id:token', 'target_id:token'], ['a', 'a']),
    });
    const { bad } = await readAll(broken);
    expect(bad.map(({ file, line, field }) => [file, line, field])).toEqual([
      ['d.user', 3, 'age'],
      ['d.item', 2, 'price'],
      ['d.item', 3, 'vector'],
      ['d.inter', 2, 'rating'],
      ['d.inter', 3, 'user_id'],
      ['d.inter', 4, 'line'],
      ['d.net', 2, 'target_id'],
    ]);
    const lacks = plant({ 'd.inter': lines(['uid:token', 'item_id:token'], ['a', 'x']) });
    await expect(readAll(lacks)).rejects.toMatchObject({
      code: 'data/malformed',
      details: { file: 'd.inter', field: 'user_id' },
    });
  });
});

describe('gorse', () => {
  const object = (value: unknown) => `${JSON.stringify(value)}\n`;

  it('gives users, items and feedback as its export writes them', async () => {
    const { source, records, bad } = await readAll(
      plant({
        'users.jsonl':
          object({
            UserId: 'a',
            Labels: { sex: 'f', age: 24, likes: ['chess', 'golf'], taste: [0.5, 1] },
            Comment: 'VIP',
          }) + object({ UserId: 'b', Labels: null, Comment: '' }),
        'items.jsonl': object({
          ItemId: 'x',
          IsHidden: true,
          Categories: ['film'],
          Timestamp: '2001-02-03T04:05:06.789Z',
          Labels: ['red', 'slow'],
          Comment: 'Toy Story',
        }),
        'feedback.jsonl':
          object({
            FeedbackType: 'star',
            UserId: 'a',
            ItemId: 'x',
            Value: 3,
            Timestamp: '2020-01-01T00:00:00+08:00',
            Updated: '0001-01-01T00:00:00Z',
            Comment: '',
          }) +
          object({ FeedbackType: 'read', UserId: 'b', ItemId: 'x', Timestamp: '0001-01-01T00:00:00Z', Comment: '' }) +
          object({ FeedbackType: '', UserId: 'b', ItemId: 'x' }) +
          object({ FeedbackType: 'read', UserId: 'b', ItemId: 'x', Timestamp: 'soon' }),
      }),
    );
    expect(source.format).toBe('gorse');
    expect(records).toEqual([
      {
        kind: 'user',
        id: 'a',
        features: [
          { kind: 'sex', value: 'f' },
          { kind: 'likes', value: 'chess' },
          { kind: 'likes', value: 'golf' },
        ],
        attributes: { age: 24, taste: [0.5, 1], comment: 'VIP' },
      },
      { kind: 'user', id: 'b', features: [] },
      {
        kind: 'item',
        id: 'x',
        title: 'Toy Story',
        at: Date.UTC(2001, 1, 3, 4, 5, 6, 789),
        available: false,
        features: [
          { kind: 'category', value: 'film' },
          { kind: 'label', value: 'red' },
          { kind: 'label', value: 'slow' },
        ],
      },
      { kind: 'interaction', user: 'a', item: 'x', type: 'star', at: Date.UTC(2019, 11, 31, 16), value: 3 },
      { kind: 'interaction', user: 'b', item: 'x', type: 'read', at: 0, value: 1 },
    ]);
    expect(bad.map(({ line, field }) => [line, field])).toEqual([
      [3, 'FeedbackType'],
      [4, 'Timestamp'],
    ]);
  });
});

const real = '../shared/data/ml-100k';
if (!existsSync(real)) console.warn(`Not run: the real data set is not at ${real}`);
else {
  it('the knowledge graph of MovieLens 100K is features of its films', async () => {
    const { source, records, bad } = await readAll(join(real, 'ml-100k.kg'));
    expect([source.format, bad]).toEqual(['recbole', []]);
    const films = new Set(records.map((record) => (record as ItemRecord).id));
    const kinds = new Set(records.flatMap((record) => (record as ItemRecord).features.map(({ kind }) => kind)));
    expect(films.size).toBeGreaterThan(1_500);
    expect(kinds).toContain('film.film.actor');
    expect(kinds.size).toBeGreaterThan(20);
  });
}

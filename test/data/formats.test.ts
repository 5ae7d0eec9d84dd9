import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { plant, readAll } from './planted.ts';

const interaction = (user: string, item: string, rest: object) => ({ kind: 'interaction', user, item, ...rest });

describe('movielens-100k', () => {
  const folder = () =>
    plant({
      'u.data': '1\t10\t4\t881250949\n2\t10\t5\t881250950\n',
      'u.user': '1|24|M|technician|85711\n2|17|F|student|94043\n',
      'u.genre': 'unknown|0\nComedy|1\nDrama|2\n\n',
      // An é in ISO 8859-1, and a film of which nothing is known.
      'u.item': Buffer.from('10|Les Mis\xe9rables (1995)|20-Oct-1995||http://x|0|1|1\n11|unknown||||1|0|0\n', 'latin1'),
    });

  it('gives people, films and ratings, nodes before ratings', async () => {
    const { source, records, bad } = await readAll(folder());
    expect(source.format).toBe('movielens-100k');
    expect(bad).toEqual([]);
    expect(records).toEqual([
      {
        kind: 'user',
        id: '1',
        features: [
          { kind: 'age group', value: '18-24' },
          { kind: 'gender', value: 'M' },
          { kind: 'occupation', value: 'technician' },
        ],
      },
      {
        kind: 'user',
        id: '2',
        features: [
          { kind: 'age group', value: 'under 18' },
          { kind: 'gender', value: 'F' },
          { kind: 'occupation', value: 'student' },
        ],
      },
      {
        kind: 'item',
        id: '10',
        title: 'Les Misérables (1995)',
        at: Date.UTC(1995, 9, 20),
        features: [
          { kind: 'genre', value: 'Comedy' },
          { kind: 'genre', value: 'Drama' },
        ],
      },
      { kind: 'item', id: '11', title: 'unknown', features: [] },
      interaction('1', '10', { type: 'rating', at: 881250949000, value: 4 }),
      interaction('2', '10', { type: 'rating', at: 881250950000, value: 5 }),
    ]);
  });

  it('names the field of each bad line', async () => {
    const { bad } = await readAll(
      plant({
        'u.data': '1\t10\tfour\t881250949\n1\t10\t4\n\t10\t4\t5\n1\t\t4\t5\n1\t10\t4\tnoon\n',
        'u.user': '1|old|M|x|y\n',
        'u.genre': 'Comedy|0\n',
        'u.item': '10|A|31-Feb-1995|||0\n11|B|01-Jan-1995|||2\n12|C\n',
      }),
    );
    expect(bad.map(({ file, line, field }) => [file, line, field])).toEqual([
      ['u.user', 1, 'age'],
      ['u.item', 1, 'release date'],
      ['u.item', 2, 'Comedy'],
      ['u.item', 3, 'line'],
      ['u.data', 1, 'rating'],
      ['u.data', 2, 'line'],
      ['u.data', 3, 'user'],
      ['u.data', 4, 'item'],
      ['u.data', 5, 'time'],
    ]);
  });
});

describe('movielens-csv', () => {
  it('gives films with genres, tags in lower case, and ratings', async () => {
    const { source, records, bad } = await readAll(
      plant({
        'ratings.csv': 'userId,movieId,rating,timestamp\r\n1,11,4.5,964982703\r\n',
        'movies.csv':
          'movieId,title,genres\n11,"American ""President"", The (1995)",Comedy|Drama\n12,Short,(no genres listed)\n',
        'tags.csv': 'userId,movieId,tag,timestamp\n1,11,Highly Quotable,1445714996\n',
        'links.csv': 'movieId,imdbId,tmdbId\n11,1,2\n',
      }),
    );
    expect(source.format).toBe('movielens-csv');
    expect(bad).toEqual([]);
    expect(records).toEqual([
      {
        kind: 'item',
        id: '11',
        title: 'American "President", The (1995)',
        features: [
          { kind: 'genre', value: 'Comedy' },
          { kind: 'genre', value: 'Drama' },
        ],
      },
      { kind: 'item', id: '12', title: 'Short', features: [] },
      { kind: 'item', id: '11', features: [{ kind: 'tag', value: 'highly quotable' }] },
      interaction('1', '11', { type: 'rating', at: 964982703000, value: 4.5 }),
    ]);
  });
});

describe('lightgcn, s3rec and lastfm are told apart by their layout', () => {
  it('lightgcn: train and test lists; a user without items is legal', async () => {
    const { source, records, bad } = await readAll(plant({ 'train.txt': '0 5 6\n1\n', 'test.txt': '0 7\n1 \n2 x\n' }));
    expect(source.format).toBe('lightgcn');
    const usual = { type: 'interaction', at: 0, value: 1 };
    expect(records).toEqual([
      interaction('0', '5', { ...usual, part: 'train' }),
      interaction('0', '6', { ...usual, part: 'train' }),
      { kind: 'user', id: '1', features: [] },
      interaction('0', '7', { ...usual, part: 'test' }),
      { kind: 'user', id: '1', features: [] },
    ]);
    expect(bad).toEqual([
      { kind: 'bad', file: 'test.txt', line: 3, field: 'item 1', reason: 'is not a whole number', text: '2 x' },
    ]);
  });

  it('s3rec: positions as times, the last two held out, attributes as features', async () => {
    const { source, records } = await readAll(
      plant({ 'sequences.txt': '1 5 6 7 5\n2 5 6\n3 9\n', 'item2attributes.json': '{"5": [1, "red"], "6": []}' }),
    );
    expect(source.format).toBe('s3rec');
    const at = (user: string, item: string, position: number, part: string) =>
      interaction(user, item, { type: 'interaction', at: position, value: 1, part });
    expect(records).toEqual([
      {
        kind: 'item',
        id: '5',
        features: [
          { kind: 'attribute', value: '1' },
          { kind: 'attribute', value: 'red' },
        ],
      },
      { kind: 'item', id: '6', features: [] },
      at('1', '5', 1, 'train'),
      at('1', '6', 2, 'train'),
      at('1', '7', 3, 'validation'),
      at('1', '5', 4, 'test'),
      at('2', '5', 1, 'train'),
      at('2', '6', 2, 'test'),
      at('3', '9', 1, 'train'),
    ]);
  });

  it('s3rec under its own file names', async () => {
    const { source } = await readAll(plant({ 'Beauty.txt': '1 5 6\n', 'Beauty_item2attributes.json': '{"5": [1]}' }));
    expect([source.format, source.files.map(({ name }) => name)]).toEqual([
      's3rec',
      ['Beauty_item2attributes.json', 'Beauty.txt'],
    ]);
  });

  it('lastfm: listens with counts and who trusts whom, even where every lightgcn line could have three numbers', async () => {
    const { source, records, bad } = await readAll(
      plant({ 'data1.txt': '1\t5\t57\r\n2\t5\t3\r\n', 'test1.txt': '1\t6\t2\r\n', 'trustnetwork.txt': '1\t2\n2\t2\n' }),
    );
    expect(source.format).toBe('lastfm');
    expect(records).toEqual([
      interaction('1', '5', { type: 'listen', at: 0, value: 57, part: 'train' }),
      interaction('2', '5', { type: 'listen', at: 0, value: 3, part: 'train' }),
      interaction('1', '6', { type: 'listen', at: 0, value: 2, part: 'test' }),
      { kind: 'trust', user: '1', trusted: '2' },
    ]);
    expect(bad.map(({ line, reason }) => [line, reason])).toEqual([[2, 'is the user themself']]);
    expect((await readAll(plant({ 'train.txt': '1 5 57\n2 5 3\n', 'test.txt': '1 6 2\n' }))).source.format).toBe(
      'lightgcn',
    );
    expect((await readAll(plant({ 'train.txt': '1\t5\t57\n2\t5\t3\n', 'test.txt': '1\t6\t2\n' }))).source.format).toBe(
      'lastfm',
    );
    expect((await readAll(plant({ 'train.txt': '1\t5\t57\t8\n2\t5\n', 'test.txt': '1\t6\n' }))).source.format).toBe(
      'lightgcn',
    );
  });

  it('a train and test list beside a JSON file is still lightgcn, and bad first lines do not hide a layout', async () => {
    const mixed = plant({
      'train.txt': `hello\n${'1 2 3\n'.repeat(20)}`,
      'test.txt': '1 4\n',
      'item2attributes.json': '{}',
    });
    const { source, bad } = await readAll(mixed);
    expect([source.format, bad.length]).toEqual(['lightgcn', 1]);
  });

  it('a single list is a train part by its name, and refused where nothing says what it is', async () => {
    const folder = plant({ 'train.txt': '1 2 3\n', 'numbers.txt': '1 2 3\n' });
    expect((await readAll(join(folder, 'train.txt'))).source.format).toBe('lightgcn');
    await expect(readAll(join(folder, 'numbers.txt'))).rejects.toMatchObject({ code: 'data/unknown-format' });
    expect((await readAll(join(folder, 'numbers.txt'), { format: 's3rec' })).records).toHaveLength(2);
  });
});

describe('errors', () => {
  it('names what is missing, unknown or broken', async () => {
    await expect(readAll('/no/such/folder')).rejects.toMatchObject({ code: 'data/not-found' });
    await expect(readAll(plant({ 'notes.md': 'hello' }))).rejects.toMatchObject({ code: 'data/unknown-format' });
    await expect(readAll(plant({}))).rejects.toMatchObject({ code: 'data/unknown-format' });
    const truncated = plant({ 'sequences.txt': '1 5 6\n', 'item2attributes.json': '{"5": [1' });
    await expect(readAll(truncated)).rejects.toMatchObject({
      code: 'data/malformed',
      details: { file: 'item2attributes.json' },
    });
  });
});

describe('libfm', () => {
  const at = (part: number, line: number) => part * 1e9 + line;

  it('gives a row a label, a user, an item and a context', async () => {
    const { source, records, bad } = await readAll(
      plant({ 'train.libfm': '1 7:1 100:1 205:1 300:1\n-1 8:1 100:1\n', 'test.libfm': '1 7:1 101:1 206:1 300:1\n' }),
    );
    expect(source.format).toBe('libfm');
    expect(bad).toEqual([]);
    const context = (...values: string[]) => values.map((value, place) => ({ kind: `field ${place + 3}`, value }));
    expect(records).toEqual([
      interaction('7', '100', {
        type: 'interaction',
        at: at(0, 1),
        value: 1,
        part: 'train',
        context: context('205', '300'),
      }),
      interaction('8', '100', { type: 'interaction', at: at(0, 2), value: -1, part: 'train', context: [] }),
      interaction('7', '101', {
        type: 'interaction',
        at: at(2, 1),
        value: 1,
        part: 'test',
        context: context('206', '300'),
      }),
    ]);
  });

  it('names the field of each bad line', async () => {
    const lines = ['yes 1:1 2:1', '1 1:1', '1 1:1 b:1', '1 1:1 2:0.5', '1 1:1 2', '1 1:1 2:1'];
    const { records, bad } = await readAll(plant({ 'train.libfm': `${lines.join('\n')}\n` }));
    expect(records).toHaveLength(1);
    expect(bad.map(({ line, field }) => [line, field])).toEqual([
      [1, 'label'],
      [2, 'line'],
      [3, 'field 2'],
      [4, 'field 2'],
      [5, 'field 2'],
    ]);
  });
});

/** A program written for Gorse, moved here by changing its URL: Gorse's published client over a listening server and a real Neo4j. */
import { Gorse } from 'gorsejs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningServer, serve } from '../../src/api/server.ts';
import { type PlantedGraphApp, plantedGraphApp } from './deps.ts';

const token = 'a-token-of-some-length';
let planted: PlantedGraphApp;
let server: RunningServer;
let client: Gorse<string>;
beforeAll(async () => {
  planted = await plantedGraphApp();
  const options = { host: '127.0.0.1', port: 0, token, maxBodyBytes: 1 << 20, requestTimeoutMs: 30_000 };
  server = await serve(options, planted.deps);
  client = new Gorse({ endpoint: server.url, secret: token });
});
afterAll(async () => {
  await server?.stop();
  await planted?.close();
});

const Timestamp = '2022-08-07T00:26:46Z';
const feedback = (FeedbackType: string, UserId: string, ItemId: string) => ({
  FeedbackType,
  UserId,
  ItemId,
  Timestamp,
});
const fetchApi = async (path: string, init: RequestInit = {}) =>
  (await fetch(`${server.url}/api${path}`, { ...init, headers: { 'x-api-key': token, ...init.headers } })).json();

describe("Gorse's client", () => {
  it('needs the key', async () => {
    const stranger = new Gorse({ endpoint: server.url, secret: 'another-key-of-some-length' });
    await expect(stranger.getPopular({})).rejects.toMatchObject({ name: 'GorseException', code: 401 });
  });

  it('keeps users', async () => {
    const user = { UserId: '100', Labels: ['a', 'b', 'c'], Comment: 'comment' };
    expect(await client.insertUser(user)).toBe(1);
    expect(await client.getUser('100')).toEqual(user);
    expect(await client.updateUser('100', { Labels: ['d'] } as never)).toBe(1);
    expect(await client.getUser('100')).toEqual({ ...user, Labels: ['d'] });
    expect(await client.insertUsers([{ UserId: '100' }, { UserId: '101', Labels: ['x'] }])).toBe(2);
    expect(await client.getUser('100')).toEqual({ UserId: '100', Labels: [], Comment: '' });
    const seen: string[] = [];
    for (let Cursor = ''; ; ) {
      const page = await client.getUsers({ n: 3, Cursor });
      seen.push(...page.Users.map(({ UserId }) => UserId));
      if (page.Cursor === '') break;
      Cursor = page.Cursor;
    }
    expect(seen).toEqual(['100', '101', 'ann', 'bob', 'cat', 'dan', 'eve']);
    expect(await client.deleteUser('100')).toBe(1);
    await expect(client.getUser('100')).rejects.toMatchObject({ name: 'GorseException', code: 404 });
  });

  it('keeps items, and their categories', async () => {
    const item = {
      ItemId: '100',
      IsHidden: true,
      Labels: ['a', 'b', 'c'],
      Categories: ['d', 'e'],
      Timestamp,
      Comment: 'comment',
    };
    expect(await client.upsertItem(item)).toBe(1);
    expect(await client.getItem('100')).toEqual(item);
    expect(await client.insertItemCategory('100', 'f')).toBe(1);
    expect(await client.deleteItemCategory('100', 'd')).toBe(1);
    expect(await client.updateItem('100', { IsHidden: false } as never)).toBe(1);
    expect(await client.getItem('100')).toEqual({ ...item, IsHidden: false, Categories: ['e', 'f'] });
    expect(await client.upsertItems([{ ...item, ItemId: '200', Labels: undefined as never }])).toBe(1);
    expect((await client.getItems({ n: 2 })).Items.map(({ ItemId }) => ItemId)).toEqual(['100', '200']);
    expect(await client.deleteItem('200')).toBe(1);
    await expect(client.getItem('200')).rejects.toMatchObject({ code: 404 });
    await expect(client.upsertItem({ ...item, Timestamp: 'soon' })).rejects.toMatchObject({ code: 422 });
  });

  it('keeps labels that are objects', async () => {
    const Labels = { colour: ['red'], price: 12.5, embedding: [0.5, 0.25] };
    await fetchApi('/item', {
      method: 'POST',
      body: JSON.stringify({ ItemId: 'rich', Labels }),
      headers: { 'content-type': 'application/json' },
    });
    expect(await fetchApi('/item/rich')).toMatchObject({ Labels, Timestamp: '0001-01-01T00:00:00Z', IsHidden: false });
  });

  it('keeps feedback: added up, or in the place of what there was', async () => {
    const given = [feedback('like', 'gus', 'd1'), feedback('read', 'gus', 'd2'), feedback('read', 'gus', 'd3')];
    expect(await client.insertFeedbacks(given)).toBe(3);
    expect(await client.insertFeedbacks(given)).toBe(3); // sent again, nothing changes
    const later = { ...given[1]!, Timestamp: '2022-08-08T00:00:00Z' };
    await client.insertFeedbacks([later]);
    const shown = { ...given[1], Value: 1, Comment: '' };
    expect(await client.getFeedback({ type: 'read', userId: 'gus', itemId: 'd2' })).toEqual({
      ...shown,
      Value: 2,
      Timestamp: '2022-08-08T00:00:00Z',
    });
    expect(await client.upsertFeedbacks([given[1]!])).toBe(1);
    expect(await client.getFeedback({ type: 'read', userId: 'gus', itemId: 'd2' })).toEqual(shown);
    expect((await client.getUserFeedback('gus')).map(({ ItemId }) => ItemId)).toEqual(['d1', 'd2', 'd3']);
    expect(await client.getUserFeedbackByType('gus', 'like')).toHaveLength(1);
    expect((await client.getItemFeedback('d3')).map(({ UserId }) => UserId)).toEqual(['bob', 'eve', 'gus']);
    expect(await client.getItemFeedbackByType('d3', 'read')).toHaveLength(1);
    const seen: string[] = [];
    for (let Cursor = ''; ; ) {
      const page = (await client.getFeedbacks(undefined, { n: 4, Cursor })) as unknown as {
        Cursor: string;
        Feedback: { UserId: string; ItemId: string; FeedbackType: string }[];
      };
      seen.push(...page.Feedback.map(({ UserId, ItemId, FeedbackType }) => `${UserId} ${ItemId} ${FeedbackType}`));
      if (page.Cursor === '') break;
      Cursor = page.Cursor;
    }
    expect(seen).toEqual([...seen].sort());
    expect(seen).toHaveLength(17 + 3);
    expect((await client.getFeedbacks('read', { n: 10 })) as unknown as object).toMatchObject({ Cursor: '' });
    await client.deleteFeedback({ type: 'read', userId: 'gus', itemId: 'd2' });
    await expect(client.getFeedback({ type: 'read', userId: 'gus', itemId: 'd2' })).rejects.toMatchObject({
      code: 404,
    });
  });

  it('is recommended to, and finds neighbours', async () => {
    const recommended = await client.getRecommend({ userId: 'ann', cursorOptions: { n: 2 } });
    expect(new Set(recommended)).toEqual(new Set(['d3', 'd4']));
    expect(await client.getRecommend({ userId: 'ann', cursorOptions: { n: 1, offset: 1 } })).toEqual([recommended[1]]);
    const scored = (await fetchApi('/recommend/ann?n=2', { headers: { 'x-api-version': '2' } })) as { Id: string }[];
    expect(scored.map(({ Id }) => Id)).toEqual(recommended);
    for (const { Id } of (await client.getItemNeighbors({ itemId: 'c1', cursorOptions: { n: 3 } })) as unknown as {
      Id: string;
    }[])
      expect(Id).toMatch(/^c/);
    const neighbours = (await client.getUserNeighbors({ userId: 'ann' })) as unknown as { Id: string }[];
    expect(
      neighbours
        .slice(0, 2)
        .map(({ Id }) => Id)
        .sort(),
    ).toEqual(['bob', 'eve']);
    expect((await client.getPopular({ cursorOptions: { n: 1 } }))[0]).toEqual({ Id: 'all', Score: 5 });
    // Nothing of the planted world has a time; this item came after the training.
    const came = { Id: '100', Score: Date.parse(Timestamp) / 1000 };
    expect(await client.getLatest({})).toEqual([came]);
    expect(await client.getLatest({ category: 'e' })).toEqual([came]);
    expect(await client.getLatest({ cursorOptions: { n: 1, offset: 1 } })).toEqual([]);
    const session = await client.getSessionRecommend([
      feedback('like', 'nobody', 'c1'),
      feedback('like', 'nobody', 'c2'),
    ]);
    expect((session as { Id: string }[])[0]!.Id).toMatch(/^c[34]$/);
  });

  it('has empty lists of a category, an item and a user that nobody knows', async () => {
    const category = 'shoes';
    expect(await client.getRecommend({ userId: 'ann', category })).toEqual([]);
    expect(await client.getPopular({ category })).toEqual([]);
    expect(await client.getLatest({ category })).toEqual([]);
    expect(await client.getItemNeighbors({ itemId: 'c1', category })).toEqual([]);
    expect(await client.getSessionRecommend([feedback('like', 'nobody', 'c1')], { category })).toEqual([]);
    expect(await client.getItemNeighbors({ itemId: 'nothing' })).toEqual([]);
    expect(await client.getUserNeighbors({ userId: 'nobody' })).toEqual([]);
  });

  it('has what it was shown written back', async () => {
    const [first] = await client.getRecommend({ userId: 'cat', writeBackType: 'shown', cursorOptions: { n: 1 } });
    expect(await client.getUserFeedbackByType('cat', 'shown')).toMatchObject([{ ItemId: first, Value: 1 }]);
    // And does not see it again.
    expect(await client.getRecommend({ userId: 'cat' })).not.toContain(first);
  });
});

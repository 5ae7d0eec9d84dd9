/** The explanation view, clicked through over the planted world and some that is harder to draw. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { DataRecord } from '../../src/data/records.ts';
import { noBrowser, openSite, type Site } from './browser.ts';

const interactions = 5000;
const long = `A Title ${'That Goes On and On '.repeat(20)}to Its End`;
const arabic = 'رسالة طويلة إلى مدينة البحر';
const chose = (user: string, item: string, at = 1000): DataRecord => ({
  kind: 'interaction',
  user,
  item,
  type: 'rating',
  at,
  value: 5,
});
const more: readonly DataRecord[] = [
  { kind: 'item', id: 'dlong', title: long, features: [{ kind: 'genre', value: 'Drama' }] },
  { kind: 'item', id: 'dbare', features: [] },
  { kind: 'item', id: 'drtl', title: arabic, features: [{ kind: 'genre', value: 'دراما' }] },
  ...['bob', 'eve'].flatMap((user) => ['dlong', 'dbare', 'drtl'].map((item) => chose(user, item))),
  chose('lone', 'd1'),
  ...Array.from({ length: interactions }, (_, n) => chose('busy', `m${n}`, 1000 + n)),
];

describe.skipIf(noBrowser)('the explanation view', () => {
  let site: Site;
  beforeAll(async () => {
    site = await openSite(more);
    // The first statements of a server are slow to plan: what is opened below should have all its parts.
    const headers = { authorization: `Bearer ${site.keys.read}` };
    const drawing = `${site.url}/v1/users/ann/recommendations/d3/explanation/graph`;
    const state = async () => ((await (await fetch(drawing, { headers })).json()) as { graph: string }).graph;
    await vi.waitFor(async () => expect(await state()).toBe('reached'), { timeout: 120_000, interval: 500 });
  });
  afterAll(() => site?.close());
  const open = async (query: string, how: Parameters<Site['open']>[1] = {}) => {
    const page = await site.open(`explain${query}`, { key: site.keys.read, ...how });
    return page;
  };
  const drawn = (page: Page) => page.waitForSelector('.graph-box[data-drawn] svg text');
  const nodes = async (page: Page) =>
    Number(/of (\d+) nodes/.exec((await page.getAttribute('.graph-box', 'aria-label'))!)![1]);

  it('leads from a user to an item, its reasons, more around a node, and another history', async () => {
    const page = await open('');
    await page.fill('.choose input', 'ann');
    await page.click('button:text("Show")');
    await page.click('.picks a:has-text("Film d3")');
    await page.waitForSelector('.reason:has-text("Because you")');
    expect(new URL(page.url()).search).toBe('?user=ann&item=d3');
    await page.waitForSelector('.about:has-text("planted, trained")');

    // The bars sum to the score.
    const figures = await page.locator('.parts td:nth-child(3)').allTextContents();
    const values = figures.map((text) => Number(text.replace('−', '-')));
    const score = values.pop()!;
    expect(values.reduce((a, b) => a + b)).toBeCloseTo(score, 1);

    await drawn(page);
    expect(await page.getAttribute('.graph-box', 'data-drawn')).toBe('webgl');
    const before = await nodes(page);
    await page.focus('.graph-box');
    await page.keyboard.press('ArrowRight'); // the user first
    await page.waitForSelector('.chosen-node:has-text("ann")');
    for (let n = 0; n < 12 && !(await page.textContent('.chosen-node'))!.includes('Recommended'); n++)
      await page.keyboard.press('ArrowRight');
    await page.waitForSelector('.chosen-node:has-text("Recommended")');
    await page.keyboard.press('Enter');
    await page.waitForSelector('text=more around Film d3');
    expect(await nodes(page)).toBeGreaterThan(before);
    await page.keyboard.press('Escape');
    await page.waitForSelector('text=Click a node');

    await page.click('button[aria-label="Remove Film d1"]');
    await page.waitForSelector('.told:has-text("Film d3")');
    await page.waitForSelector('text=It holds with the weights of the version as they are');
    expect(await page.locator('.ranking li').count()).toBeGreaterThan(3);
    await site.picture(page, 'explain-what-if');
    await page.click('button:text("Undo all")');
    await page.waitForSelector('.told', { state: 'detached' });
    await site.done(page);
  });

  it('gives what it shows as files, as Cypher and as a table', async () => {
    const page = await open('?user=ann&item=d3');
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await drawn(page);
    const save = async (kind: string) => {
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.click(`.exports button:text("${kind}")`),
      ]);
      expect(download.suggestedFilename()).toBe(`ann-d3.${kind.toLowerCase()}`);
      return readFileSync(await download.path());
    };
    const json = JSON.parse(`${await save('JSON')}`) as { nodes: { id: string; x: number }[]; edges: object[] };
    expect(json.nodes.map(({ id }) => id)).toContain('item:d3');
    expect(json.nodes.every(({ x }) => Number.isFinite(x))).toBe(true);
    const gexf = await page.evaluate(`(() => {
      const parsed = new DOMParser().parseFromString(${JSON.stringify(`${await save('GEXF')}`)}, 'application/xml');
      const of = (name) => parsed.getElementsByTagName(name).length;
      return { nodes: of('node'), edges: of('edge'), wrong: of('parsererror') };
    })()`);
    expect(gexf).toEqual({ nodes: json.nodes.length, edges: json.edges.length, wrong: 0 });
    expect(`${await save('SVG')}`).toContain('Film d3</text>');
    expect((await save('PNG')).subarray(1, 4).toString()).toBe('PNG');

    await page.click('button:text("Copy Cypher")');
    await page.waitForSelector('text=Copied');
    const copied = await page.evaluate('navigator.clipboard.readText()');
    expect(copied).toMatch(/^\/\/ explain\/shown-people\n:params \{/);
    expect(copied).toContain('MATCH');

    await page.click('button:text("Table")');
    await page.click('button[aria-label="Expand Film d3"]');
    await page.waitForSelector('td:has-text("Part of the score")');
    await site.axe(page);
    await site.picture(page, 'explain-table');
    await site.done(page);
  });

  it.each(['light', 'dark'] as const)('is within reach of all, %s', async (theme) => {
    const page = await open('?user=ann&item=d3', { theme });
    await drawn(page);
    await site.axe(page);
    await site.picture(page, `explain-${theme}`);
    await site.done(page);
  });

  it('looks the same each time, and without WebGL', async () => {
    const places = async (without: boolean) => {
      const page = await open('', { script: without ? noWebGl : undefined });
      await page.fill('.choose input', 'ann');
      await page.click('button:text("Show")');
      await drawn(page);
      const how = await page.getAttribute('.graph-box', 'data-drawn');
      const [download] = await Promise.all([page.waitForEvent('download'), page.click('.exports button:text("JSON")')]);
      const { nodes } = JSON.parse(readFileSync(await download.path(), 'utf8')) as { nodes: object[] };
      if (without) {
        await page.hover('path[data-node="item:d1"]');
        await page.waitForSelector('.tip:has-text("Film d1")');
        await page.click('path[data-node="item:d1"]');
        await page.waitForSelector('text=around Film d1');
        await site.axe(page);
        await site.picture(page, 'explain-svg');
      }
      await site.done(page);
      return { how, nodes };
    };
    const [first, second] = [await places(false), await places(true)];
    expect([first.how, second.how]).toEqual(['webgl', 'svg']);
    expect(second.nodes).toEqual(first.nodes);
  });

  it('bears no edges, one, and five thousand', async () => {
    const page = await open('?user=nobody');
    await page.waitForSelector('text=Nothing is known of this user’s taste');
    await page.waitForSelector('text=Popular: nothing is known of this taste yet');
    await drawn(page);
    await site.picture(page, 'explain-nobody');
    await page.fill('.choose input', 'lone');
    await page.click('button:text("Show")');
    await page.waitForSelector('.parts th:has-text("Film d1")');
    await drawn(page);
    await site.picture(page, 'explain-one');
    await page.fill('.choose input', 'busy');
    await page.click('button:text("Show")');
    await page.waitForSelector(`.parts th:has-text("The other 4,992")`);
    await page.waitForSelector('text=The 40 that matter most are shown');
    await page.selectOption('select', '500');
    await page.waitForSelector('text=The 500 that matter most are shown');
    await drawn(page);
    await site.picture(page, 'explain-busy');
    await site.done(page);
  });

  it('bears titles that are long, absent or read from the right', async () => {
    const page = await open('?user=ann&item=dlong', { width: 760 });
    await drawn(page);
    await site.picture(page, 'explain-long');
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(760);
    for (const [item, title] of [
      ['dbare', 'dbare'],
      ['drtl', arabic],
    ] as const) {
      await page.fill('input[aria-label="Id of another item"]', item);
      await page.click('button:text("Why?")');
      await page.waitForSelector(`.sentence .title:text-is("${title}")`);
      await drawn(page);
      await site.picture(page, `explain-${item}`);
    }
    await site.axe(page);
    await site.done(page);
  });

  it('is an element for the pages of others, where the server lets them in', async () => {
    const address = ({ port }: AddressInfo) => `http://127.0.0.1:${port}`;
    const shop = createServer((request, response) => {
      response.setHeader('content-type', request.url === '/shop.js' ? 'text/javascript' : 'text/html');
      response.setHeader(
        'content-security-policy',
        `script-src 'self' ${api}; style-src 'self' ${api}; worker-src 'self'`,
      );
      response.end(
        request.url === '/shop.js'
          ? `document.querySelector('tastegraph-explanation').token = '${site.keys.read}';`
          : `<!doctype html><title>Shop</title><h1>Shop</h1><tastegraph-explanation user="ann" item="d3"></tastegraph-explanation>
             <script type="module" src="${api}/console/embed.js"></script><script type="module" src="/shop.js"></script>`,
      );
    });
    await once(shop.listen(0, '127.0.0.1'), 'listening');
    const origin = address(shop.address() as AddressInfo);
    const server = await site.serveTo([origin]);
    const api = server.url;
    const page = await site.browser.newPage();
    const said: string[] = [];
    page.on('console', (message) => message.type() === 'error' && said.push(message.text()));
    await page.goto(origin);
    await page.waitForSelector('.reason:has-text("Because you")');
    await drawn(page); // without a worker, which may not come from elsewhere
    await page.click('button[aria-label="Remove Film d1"]');
    await page.waitForSelector('.told:has-text("Film d3")');
    await page.evaluate(`document.querySelector('tastegraph-explanation').setAttribute('item', 'd4')`);
    await page.waitForSelector('.sentence .title:text-is("Film d4")');
    await site.picture(page, 'explain-element');
    await page.evaluate(`document.querySelector('tastegraph-explanation').lang = 'de'`);
    await page.waitForSelector('.reason:has-text("Weil")');
    expect(said.filter((text) => !/Worker|worker/.test(text))).toEqual([]);
    await page.close();
    await server.stop();
    shop.close();
    expect(
      (await fetch(`${site.url}/console/embed.js`, { headers: { origin } })).headers.has('access-control-allow-origin'),
    ).toBe(false);
  });

  it('says what it cannot: an item that is gone, a server that is down, a score without parts', async () => {
    const page = await open('?user=ann&item=none');
    expect(await page.textContent('[role="alert"]')).toContain('none');
    await site.picture(page, 'explain-gone');
    await page.context().setOffline(true);
    await page.click('.picks a:has-text("Film d3")');
    await page.waitForSelector('text=The server does not answer');
    await site.picture(page, 'explain-down');
    await page.context().setOffline(false);
    await page.click('button:text("Try again")');
    await page.waitForSelector('.parts');
    await page.context().close();

    const version = await site.planted.publish(8, ({ contributions: _, ...rest }) => ({ ...rest, model: 'ngcf' }));
    const served = () => {
      const { served, release } = site.planted.deps.recommender.acquire();
      release();
      return served.manifest.id;
    };
    await expect.poll(served, { timeout: 10_000 }).toBe(version);
    const other = await open('?user=ann&item=d3');
    await other.waitForSelector('text=NGCF multiplies and rectifies what interactions bring');
    await drawn(other);
    await site.picture(other, 'explain-without-parts');
    await site.done(other);
    await site.planted.publish(9);
  });
});

const noWebGl = `HTMLCanvasElement.prototype.getContext = ((real) => function (kind, ...rest) {
  return kind === 'webgl2' ? null : real.call(this, kind, ...rest);
})(HTMLCanvasElement.prototype.getContext);`;

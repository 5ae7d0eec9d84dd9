/** The pages of the console over a real graph: each with its main flow, for an administrator and for a reader. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noBrowser, openSite, type Site } from './browser.ts';

describe.skipIf(noBrowser)('the pages', () => {
  let site: Site;
  let older: string;
  beforeAll(async () => {
    site = await openSite();
    older = site.planted.deps.recommender.version.id;
    await site.planted.publish(11);
    site.planted.deps.recommender.reload();
  });
  afterAll(() => site?.close());

  /** Axe in both themes, and a picture of each. */
  const look = async (page: Page, name: string) => {
    await site.axe(page);
    await site.picture(page, `${name}-light`);
    await page.click('button[aria-label="Use the dark theme"]');
    await page.waitForSelector('html[data-theme="dark"]');
    await site.axe(page);
    await site.picture(page, `${name}-dark`);
  };

  it('compares two versions for a user, with stages and why not', async () => {
    const page = await site.open('recommendations', { key: site.keys.read });
    await page.fill('input[placeholder="Id of a user"]', 'ann');
    await page.click('button:text("Compare")');
    await page.waitForSelector('.ranks');
    await page.selectOption('select[aria-label="Right: version"]', older);
    await page.waitForSelector(`.column:last-child code:text("${older}")`);
    expect(await page.locator('.ranks').first().locator('li').count()).toBe(6);
    expect(await page.locator('.moves path').count()).toBe(6);
    await page.waitForSelector('table.trace >> text=source version');
    const href = await page.locator('.ranks a').first().getAttribute('href');
    expect(href).toMatch(/^\/console\/explain\?user=ann&item=/);
    await page.fill('input[placeholder="Id or title of an item"]', 'd1');
    await page.click('button:text("Ask")');
    await page.waitForSelector('.answer .badge:text("done")');
    await look(page, 'recommendations');
    await site.done(page);
  });

  it('searches and shows what is in the graph', async () => {
    const page = await site.open('data', { key: site.keys.read });
    await page.waitForSelector('td >> text=Film c1');
    await page.fill('input[aria-label="Search"]', 'film d');
    await page.waitForSelector('td >> text=Film d3');
    await look(page, 'data');
    await page.click('a:text("Film d1")');
    await page.waitForSelector('h1:text("Film d1")');
    await page.click('section:has(h2:text("Interactions")) a:text("bob")');
    await page.waitForSelector('h1:text("bob")');
    await page.waitForSelector('section:has(h2:text("Users like this one")) td');
    await page.waitForSelector('section:has(h2:text("Interactions")) tbody tr:nth-child(4):last-child');
    await site.axe(page);
    await site.picture(page, 'data-user');
    await page.click('a:text("Recommendations") >> nth=-1');
    await page.waitForSelector('h1:text("Recommendations side by side")');
    await page.goto(`${site.url}/console/data?feature=genre:Drama`);
    await page.waitForSelector('td >> text=Film d4');
    await site.done(page);
  });

  it('promotes a version and rolls back, asking first; a reader only looks', async () => {
    const reader = await site.open('versions', { key: site.keys.read });
    await reader.waitForSelector('td >> text=Served');
    expect(await reader.locator('button:text("Roll back"), button:text("Serve")').count()).toBe(0);
    await site.done(reader);

    const page = await site.open('versions', { key: site.keys.admin });
    await page.waitForSelector('.lineage .served');
    await look(page, 'versions');
    await page.click('td button:text("Serve")');
    await page.waitForSelector('dialog[open]');
    await page.keyboard.press('Escape');
    await page.waitForSelector('dialog[open]', { state: 'detached' });
    expect(site.planted.deps.recommender.version.id).not.toBe(older);
    await page.click('td button:text("Serve")');
    await site.axe(page);
    await page.click('dialog button:text("Serve it")');
    await page.waitForSelector('.toast');
    expect(site.planted.deps.recommender.version.id).toBe(older);
    await page.waitForSelector(`tr:has(code:text("${older}")) >> text=Served`);
    await page.click('button:text("Roll back")');
    await page.click('dialog button:text("Roll back")');
    await page.waitForSelector(`tr:has(code:text("${older}")):not(:has-text("Served"))`);
    expect(site.planted.deps.recommender.version.id).not.toBe(older);
    await site.done(page);
  });

  it('makes a key, shows it once, rotates and revokes it', async () => {
    const page = await site.open('keys', { key: site.keys.admin });
    await page.click('button:text("Create a key")');
    await page.fill('dialog input[placeholder="web shop"]', 'the shop');
    await site.axe(page);
    await page.click('dialog button:text("Create")');
    const key = (await page.textContent('.key'))!;
    const mayRead = async (secret: string) =>
      (await fetch(`${site.url}/v1/me`, { headers: { authorization: `Bearer ${secret}` } })).status;
    expect(await mayRead(key)).toBe(200);
    await page.click('button:text("I have it")');
    expect(await page.locator('.key').count()).toBe(0);
    await look(page, 'keys');
    await page.click('button[aria-label="Rotate the shop"]');
    await page.selectOption('dialog select', '0s');
    await page.click('dialog button:text("Rotate")');
    const next = (await page.textContent('.key'))!;
    expect([await mayRead(key), await mayRead(next)]).toEqual([401, 200]);
    await page.click('button[aria-label="Revoke the shop"]');
    await page.click('dialog button:text("Revoke")');
    await page.waitForSelector('tr:has-text("the shop") >> text=revoked');
    expect(await mayRead(next)).toBe(401);
    await site.done(page);
  });

  it('shows every setting and no secret', async () => {
    const page = await site.open('settings', { key: site.keys.admin });
    await page.waitForSelector('td >> text=maxBodyBytes');
    await page.fill('input[aria-label="Find a setting"]', 'token');
    await page.waitForSelector('tr:has(strong:text-is("token")) >> text=set');
    expect(await page.textContent('main')).not.toContain('a-secret-of-some-length');
    await look(page, 'settings');
    await site.done(page);
  });

  it('tells of growth and drift, and readers nothing of administrators', async () => {
    const page = await site.open('', { key: site.keys.admin });
    await page.waitForSelector('section:has(h2:text("Growth")) .uplot');
    await page.waitForSelector('section:has(h2:text("Drift")) .empty');
    await site.axe(page);
    await site.picture(page, 'overview-growth');
    await site.done(page);
    for (const path of ['keys', 'settings']) {
      const reader = await site.open(path, { key: site.keys.read });
      await reader.waitForSelector('text=is for administrators');
      expect(await reader.locator('nav a').allTextContents()).toEqual(
        expect.not.arrayContaining([' API keys', ' Settings']),
      );
      await site.done(reader);
    }
  });
});

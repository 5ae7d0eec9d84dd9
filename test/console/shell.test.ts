/** The console's shell: the way in, what who sees, themes, addresses. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OpenAPIHono } from '@hono/zod-openapi';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AppEnv } from '../../src/api/context.ts';
import { consoleRoutes } from '../../src/api/routes/console.ts';
import { TastegraphError } from '../../src/errors.ts';
import { noBrowser, openSite, type Site } from './browser.ts';

describe.skipIf(noBrowser)('the console', () => {
  let site: Site;
  beforeAll(async () => {
    site = await openSite();
  });
  afterAll(() => site?.close());

  it('lets in with a key, not with a wrong one, and out again', async () => {
    const page = await site.open();
    await site.axe(page);
    await site.picture(page, 'sign-in');
    await page.fill('input[name="key"]', `tg_000000000000_${'A'.repeat(43)}`);
    await page.click('button[type="submit"]');
    expect(await page.textContent('[role="alert"]')).toContain('A valid key or token is needed');
    await page.fill('input[name="key"]', site.keys.admin);
    await page.click('button[type="submit"]');
    await page.waitForSelector('h1:text("Overview")');
    await page.reload();
    await page.waitForSelector('h1:text("Overview")');
    await page.click('button[aria-label="Sign out"]');
    await page.waitForSelector('h1:text("Sign in")');
    expect(await page.evaluate('sessionStorage.length')).toBe(0);
    await site.done(page);
  });

  it.each(['light', 'dark'] as const)('shows the overview to an administrator, %s', async (theme) => {
    const page = await site.open('', { key: site.keys.admin, theme });
    await page.waitForSelector('.card >> text=Coverage');
    await page.waitForSelector('dt:text("Interactions") + dd:text("17")');
    await page.waitForSelector('td:has-text("Film"), .empty');
    await page.waitForSelector('.uplot canvas');
    await site.axe(page);
    await site.picture(page, `overview-${theme}`);
    await site.done(page);
  });

  it('shows a reader nothing of an administrator', async () => {
    const page = await site.open('', { key: site.keys.read, width: 400 });
    await page.waitForSelector('dt:text("Served version")');
    expect(await page.locator('dt:text("Interactions")').count()).toBe(0);
    await page.click('button:text("Menu")');
    expect(await page.locator('nav a').allTextContents()).not.toContain(' Keys');
    await site.axe(page);
    await site.picture(page, 'overview-narrow');
    await site.done(page);
  });

  it('keeps the theme that was chosen', async () => {
    const page = await site.open('', { key: site.keys.read });
    await page.click('button[aria-label="Use the dark theme"]');
    await page.reload();
    await page.waitForSelector('html[data-theme="dark"]');
    await site.done(page);
  });

  it('answers each address of a page with the console, which says where there is none', async () => {
    const page = await site.open('nowhere?a=b', { key: site.keys.read });
    await page.click('text=Go to the overview');
    await page.waitForSelector('h1:text("Overview")');
    expect(new URL(page.url()).pathname).toBe('/console/');
    await page.goBack();
    await page.waitForSelector('text=There is no such page');
    await site.axe(page);
    await site.done(page);
  });

  it('is kept for ever by its name, allows nothing from elsewhere, and needs no key', async () => {
    const document = await fetch(`${site.url}/console/explain`);
    expect(document.headers.get('cache-control')).toBe('no-cache');
    const policy = document.headers.get('content-security-policy');
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toContain('unsafe');
    const [, script] = /src="\.\/(assets\/[^"]+)"/.exec(await document.text())!;
    const answer = await fetch(`${site.url}/console/${script}`);
    expect(answer.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(answer.headers.get('cache-control')).toContain('immutable');
    expect((await fetch(`${site.url}/console`, { redirect: 'manual' })).headers.get('location')).toBe('console/');
    expect((await fetch(`${site.url}/console/assets/old-12345678.js`)).status).toBe(404);
    expect((await fetch(`${site.url}/v1/me`)).status).toBe(401);
  });
});

it('says where it was not built', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tastegraph-console-'));
  const app = new OpenAPIHono<AppEnv>();
  consoleRoutes(app, join(folder, 'absent'));
  app.onError((error, c) => c.text(error instanceof TastegraphError ? error.code : 'another', 404));
  expect(await (await app.request('/console/')).text()).toBe('api/no-console');
  rmSync(folder, { recursive: true });
});

/** The page of the API in a real browser. */
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningServer, serve } from '../../src/api/server.ts';
import { chromiumPath, noBrowser, tellIfAbsent } from '../chromium.ts';
import { type PlantedApp, plantedApp } from './deps.ts';

tellIfAbsent('the page of the API');

describe.skipIf(noBrowser)('the page of the API', () => {
  let planted: PlantedApp;
  let server: RunningServer;
  beforeAll(async () => {
    planted = await plantedApp();
    const options = { host: '127.0.0.1', port: 0, token: undefined, maxBodyBytes: 1 << 20, requestTimeoutMs: 30_000 };
    server = await serve(options, planted.deps);
  });
  afterAll(async () => {
    await server.stop();
    await planted.close();
  });

  it('shows all endpoints, asks nobody else and breaks no policy', async () => {
    const browser = await chromium.launch({
      executablePath: chromiumPath,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
    try {
      const page = await browser.newPage();
      const complaints: string[] = [];
      const asked = new Set<string>();
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('request', (request) => asked.add(new URL(request.url()).origin));
      page.on('requestfailed', (request) => complaints.push(`failed: ${request.url()}`));
      await page.goto(`${server.url}/docs`);
      await page.waitForSelector('.opblock-summary-path');
      const shown = await page.$$eval('.opblock-summary-path', (all) =>
        all.map((one) => one.getAttribute('data-path')),
      );
      const document = (await (await fetch(`${server.url}/openapi.json`)).json()) as {
        paths: Record<string, object>;
      };
      // A path is shown once for each of its methods.
      const described = Object.entries(document.paths).flatMap(([path, methods]) =>
        Object.keys(methods).map(() => path),
      );
      expect(shown.sort()).toEqual(described.sort());
      await page.click('.opblock-summary-path[data-path="/v1/items/{id}/similar"]');
      await page.click('.try-out__btn');
      await page.fill('input[placeholder="id"]', 'c1');
      await page.click('.execute');
      await page.waitForSelector('.live-responses-table .response-col_status');
      expect(await page.textContent('.live-responses-table')).toContain('Film c2');
      expect(complaints).toEqual([]);
      expect([...asked].filter((origin) => !origin.startsWith('data') && origin !== 'null')).toEqual([server.url]);
    } finally {
      await browser.close();
    }
  });
});

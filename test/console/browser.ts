/**
 * The console in a real Chromium, over a small trained version and a real Neo4j: one server and one browser for a test file.
 *
 *   let site: Site;
 *   beforeAll(async () => { site = await openSite(); });
 *   afterAll(() => site.close());
 *   it('shows users', async () => {
 *     const page = await site.open('users', { key: site.keys.read });
 *     …
 *     await site.done(page);
 *   });
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { expect } from 'vitest';
import { createKey } from '../../src/access/keys.ts';
import { serve } from '../../src/api/server.ts';
import { settingsInForce } from '../../src/cli/settings.ts';
import type { DataRecord } from '../../src/data/records.ts';
import { optionGroups } from '../../src/options.ts';
import { packageRoot } from '../../src/package.ts';
import { jobsOf, mapsOf, openDoor, runsOf } from '../../src/pipeline.ts';
import { plantedApp } from '../api/deps.ts';
import { chromiumPath, tellIfAbsent } from '../chromium.ts';
import { plantGraph } from '../graph/planted.ts';
import { testGraph } from '../neo4j.ts';

export { noBrowser } from '../chromium.ts';

tellIfAbsent('the console');

/** Machines that test draw WebGL without a card, while other tests run. */
const patienceMs = 90_000;

/** Where pictures are kept, to be looked at: not part of the repository. */
const pictures = join(packageRoot, 'node_modules', '.cache', 'tastegraph', 'pictures');
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export interface OpenOptions {
  /** Signs in with it before the first page. */
  readonly key?: string;
  readonly theme?: 'light' | 'dark';
  readonly width?: number;
  /** Runs before the page's own scripts: to take away what a browser may lack. */
  readonly script?: string | undefined;
}

export type Site = Awaited<ReturnType<typeof openSite>>;

/** Starts everything, nothing of it is pretended; the world has `more` beside what is planted. */
export async function openSite(more: readonly DataRecord[] = []) {
  // Done in no time where it is current.
  execFileSync(process.execPath, [join(packageRoot, 'infra', 'build.mjs')], { stdio: 'pipe' });
  const graph = await testGraph();
  await plantGraph(graph, more);
  const planted = await plantedApp(graph, {}, { more });
  const { home, deps } = planted;
  const keyOf = async (scope: 'read' | 'admin') => (await createKey(home, { name: scope, scopes: [scope] })).key;
  const keys = { read: await keyOf('read'), admin: await keyOf('admin') };
  const door = await openDoor({ home, token: undefined, ...optionGroups.guarding.parse({}) });
  const options = { host: '127.0.0.1', port: 0, token: undefined, maxBodyBytes: 1 << 20, requestTimeoutMs: 30_000 };
  const env = { TASTEGRAPH_TOKEN: 'a-secret-of-some-length' };
  const settings = settingsInForce('serve', { flags: new Map(), env });
  const { uri, username, password, database } = graph.credentials();
  const connection = { neo4jUri: uri, neo4jUsername: username, neo4jPassword: password, neo4jDatabase: database };
  const runs = runsOf({ home, ...connection });
  const shown = { settings, runs, maps: mapsOf({ home }), jobs: () => jobsOf({ home }) };
  const server = await serve(options, { ...deps, ...door, ...shown });
  const browser = await chromium.launch({
    executablePath: chromiumPath,
    args: [
      '--no-sandbox',
      // Graphs are drawn by WebGL; machines that test have no card for it.
      '--use-angle=swiftshader',
      '--enable-unsafe-swiftshader',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  const complaints = new WeakMap<Page, string[]>();

  return {
    url: server.url,
    keys,
    planted,
    graph,
    browser,
    /** Another server over the same, which lets pages of these origins in. */
    serveTo: (corsOrigins: string[]) => serve({ ...options, corsOrigins }, { ...deps, ...door }),

    /** Opens a page of the console by its path and query, 'users?user=ann', in a browser profile of its own. */
    async open(path = '', { key, theme = 'light', width = 1280, script }: OpenOptions = {}): Promise<Page> {
      const context = await browser.newContext({ colorScheme: theme, viewport: { width, height: 900 } });
      const page = await context.newPage();
      page.setDefaultTimeout(patienceMs);
      const said: string[] = [];
      complaints.set(page, said);
      page.on('console', (message) => {
        // Whether a key is needed, and whether one is good, is learned by asking.
        if (message.location().url.endsWith('/v1/me')) return;
        if (['error', 'warning'].includes(message.type())) said.push(message.text());
      });
      page.on('pageerror', (error) => said.push(error.message));
      page.on('request', (request) => {
        const { protocol, origin } = new URL(request.url());
        if (/^https?:$/.test(protocol) && origin !== server.url) said.push(`asked somebody else: ${request.url()}`);
      });
      page.on('requestfailed', (request) => {
        // What a page that is left drops.
        if (request.failure()?.errorText !== 'net::ERR_ABORTED') said.push(`failed: ${request.url()}`);
      });
      if (key !== undefined)
        await page.addInitScript({ content: `sessionStorage.setItem('tastegraph-key', ${JSON.stringify(key)})` });
      if (script !== undefined) await page.addInitScript({ content: script });
      await page.goto(`${server.url}/console/${path}`);
      await page.waitForSelector('main:not([aria-busy="true"]) h1, main .empty, main .problem');
      return page;
    },

    /** Fails where the page broke a rule for accessibility that axe knows. */
    async axe(page: Page): Promise<void> {
      // Through the debugger, which the policy of the page does not bind.
      await page.evaluate(axeSource);
      const found = await page.evaluate(async () => {
        const { violations } = await (
          globalThis as unknown as { axe: { run(): Promise<{ violations: AxeViolation[] }> } }
        ).axe.run();
        return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`);
      });
      expect(found).toEqual([]);
    },

    /** Keeps a picture of the whole page. */
    async picture(page: Page, name: string): Promise<void> {
      mkdirSync(pictures, { recursive: true });
      await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
    },

    /** Closes a page; fails on any error, warning, refusal by the policy or failed request since it was opened. */
    async done(page: Page): Promise<void> {
      const said = complaints.get(page);
      await page.context().close();
      expect(said).toEqual([]);
    },

    /** Ends the trainings that are still at work. */
    async stopRuns(): Promise<void> {
      for (const { id, state } of await runs.list()) if (state === 'running') await runs.stop(id);
    },

    async close(): Promise<void> {
      await browser.close();
      await server.stop();
      await planted.close();
      await graph.close();
    },
  };
}

interface AxeViolation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}

/** Training runs, questions, the embedding map and jobs, each on real data: trainings are processes of their own. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noBrowser, openSite, type Site } from './browser.ts';

describe.skipIf(noBrowser)('the console of who trains', () => {
  let site: Site;
  beforeAll(async () => {
    site = await openSite();
  });
  afterAll(async () => {
    await site?.stopRuns();
    await site?.close();
  });

  it('starts a training, shows its curve as it grows, stops it, goes on with it, and compares it with another', async () => {
    const page = await site.open('runs', { key: site.keys.admin });
    await page.waitForSelector('text=Nothing was trained yet');
    const start = async (options: Readonly<Record<string, string>>) => {
      await page.click('button:text("New training")');
      await page.selectOption('select[name="data"]', 'served');
      await page.click('summary:has-text("more options of all trainings")');
      for (const [name, value] of Object.entries(options)) await page.fill(`input[name="${name}"]`, value);
      await page.selectOption('select[name="publish"]', 'false');
      if (Object.keys(options).length > 5) await site.axe(page);
      await page.click('button:text("Start training")');
      // One of few epochs is over before its page is there.
      await page.waitForSelector('section.card .badge:text("running"), section.card .badge:text("ended")');
    };
    const small = { dim: '8', batchSize: '2', minValue: '1', metricsAt: '3', threads: '1' };
    // Such a small world is learned in a moment, again and again until it is stopped.
    await start({ ...small, epochs: '100000', patience: '10000', evaluateEvery: '10' });
    await page.waitForSelector('.uplot canvas');
    const epochs = async () => Number((await page.textContent('dt:text("Epochs") + dd'))!.replaceAll(',', ''));
    const before = await epochs();
    await expect.poll(epochs, { timeout: 30_000 }).toBeGreaterThan(before);
    await site.axe(page);
    await site.picture(page, 'runs-live');
    await page.click('button:text("Stop")');
    await page.waitForSelector('section.card .badge:text("stopped")');
    const stopped = await epochs();
    await page.click('button:text("Resume")');
    await expect.poll(epochs, { timeout: 30_000 }).toBeGreaterThan(stopped);
    await page.click('button:text("Stop")');
    await page.waitForSelector('section.card .badge:text("stopped")');

    await start({ ...small, epochs: '4', dim: '16' });
    await page.waitForSelector('section.card .badge:text("ended")');
    await page.locator('tbody input[type="checkbox"]:not(:checked)').first().check();
    await page.waitForSelector('h2:text("2 runs side by side")');
    await page.waitForSelector('td:has(code:text("dim")) + td');
    await site.axe(page);
    await site.picture(page, 'runs-compare');
    await site.done(page);
  });

  it.each(['light', 'dark'] as const)(
    'asks a question and shows its answer, a map and its neighbours, and jobs, %s',
    async (theme) => {
      const queries = await site.open('queries?name=popularity', { key: site.keys.admin, theme });
      await queries.click('button:text-is("Run")');
      await queries.waitForSelector('td');
      await site.axe(queries);
      await site.picture(queries, `queries-${theme}`);
      await site.done(queries);

      const map = await site.open('map', { key: site.keys.read, theme });
      await map.waitForSelector('canvas[data-by="canvas"]');
      await map.fill('input[name="search"]', 'd1');
      await map.click('li .button');
      await map.waitForSelector('h2:text("Nearest to")');
      await map.waitForSelector('td');
      await site.axe(map);
      await site.picture(map, `map-${theme}`);
      await site.done(map);

      const jobs = await site.open('jobs', { key: site.keys.admin, theme });
      await jobs.waitForSelector('td:text("Snapshot")');
      await site.axe(jobs);
      await site.picture(jobs, `jobs-${theme}`);
      await site.done(jobs);
    },
  );
});

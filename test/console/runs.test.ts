/** Training runs, questions, the embedding map and jobs, each on real data: trainings are processes of their own. */
import { afterAll, beforeAll, describe, it } from 'vitest';
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
      await page.waitForSelector('.badge:text("running")');
    };
    const small = { dim: '8', batchSize: '8', minValue: '1', metricsAt: '3', threads: '1' };
    await start({ ...small, epochs: '100000', patience: '10000' });
    await page.waitForSelector('.uplot canvas');
    const epochs = async () => Number((await page.textContent('dt:text("Epochs") + dd'))!.replaceAll(',', ''));
    const before = await epochs();
    await page.waitForFunction(`Number(document.querySelector('.stat dd').textContent.replace(/,/g, '')) > ${before}`);
    await site.axe(page);
    await site.picture(page, 'runs-live');
    await page.click('button:text("Stop")');
    await page.waitForSelector('section.card .badge:text("stopped")');
    const stopped = await epochs();
    await page.click('button:text("Resume")');
    await page.waitForFunction(`Number(document.querySelector('.stat dd').textContent.replace(/,/g, '')) > ${stopped}`);
    await page.click('button:text("Stop")');
    await page.waitForSelector('section.card .badge:text("stopped")');

    await start({ ...small, epochs: '4', dim: '4' });
    await page.waitForSelector('section.card .badge:text("ended")');
    await page.locator('tbody input[type="checkbox"]:not(:checked)').first().check();
    await page.waitForSelector('h2:text("2 runs side by side")');
    await page.waitForSelector('td:has(code:text("dim")) + td');
    await site.axe(page);
    await site.picture(page, 'runs-compare');
    await site.done(page);
  });
});

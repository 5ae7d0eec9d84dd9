/**
 * Takes a picture of a page of the console for README.md, of a server that is open:
 *
 *   node infra/screenshot.mjs 'http://127.0.0.1:8080/console/explain?user=42' infra/docs/explain.png
 *
 * Chromium is at CHROMIUM_PATH, or where Debian puts it. What stands after the two is a height in px; the picture is one screen.
 */
import { chromium } from 'playwright-core';

const [url, path, height = '1465'] = process.argv.slice(2);
if (!url || !path) {
  console.error(
    "Give an address and a file: node infra/screenshot.mjs 'http://127.0.0.1:8080/console/' infra/docs/overview.png",
  );
  process.exit(2);
}
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'],
});
try {
  const page = await browser.newPage({
    viewport: { width: 1280, height: Number(height) },
    deviceScaleFactor: 0.63, // as wide as README.md is read
    colorScheme: 'light',
  });
  page.setDefaultTimeout(120_000);
  await page.goto(url, { waitUntil: 'networkidle' });
  await page.waitForFunction(() => !document.querySelector('[aria-busy="true"]'));
  await page.waitForTimeout(1000); // drawings come after their data
  await page.screenshot({ path });
} finally {
  await browser.close();
}

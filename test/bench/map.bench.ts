/**
 * How long the console's map takes for a frame, in a real Chromium: `npm run bench -- map`. Points in twelve heaps, as vectors of
 * items lie; the map is moved and zoomed while it is drawn, by the pixels of a canvas and, where there is a graphics card, by WebGL.
 */
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { build } from 'vite';
import { chromiumPath } from '../chromium.ts';
import { quantile } from './faithfulness/measures.ts';
import type { Bench } from './table.ts';

const counts = [10_000, 100_000, 300_000];
const frames = 60;
const size = { width: 1200, height: 560 };
const ways = ['canvas', 'webgl'] as const;

/** What `map.page.js` gives back. */
interface Drawn {
  readonly by: string;
  readonly ms: readonly number[];
}

const bench: Bench = async ({ folder, log }) => {
  const lib = { entry: join(folder, 'map.page.js'), formats: ['iife' as const], name: 'mapPage' };
  const built = await build({ configFile: false, logLevel: 'error', build: { lib, write: false } });
  const [bundle] = Array.isArray(built) ? built : [built];
  if (!bundle || !('output' in bundle)) throw new Error('the map was not bundled');
  const browser = await chromium.launch({
    executablePath: chromiumPath,
    args: ['--no-sandbox'],
  });
  const rows: string[][] = [];
  const figures: Record<string, number> = {};
  const notes: string[] = [];
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
    await page.addScriptTag({ content: bundle.output[0].code });
    for (const by of ways) {
      for (const count of counts) {
        log(`${count} points by ${by}`);
        const asked = JSON.stringify({ count, by, frames, ...size });
        const found = await page.evaluate<Drawn>(`mapPage.drawFrames(${asked})`);
        if (found.by !== by) {
          notes.push(`${by}: absent, there is no graphics card here`);
          break;
        }
        const [median, late] = [quantile(found.ms, 0.5), quantile(found.ms, 0.95)];
        figures[`${by} ${count} median ms`] = median;
        figures[`${by} ${count} 95 % ms`] = late;
        rows.push([
          count.toLocaleString('en'),
          by,
          median.toFixed(1),
          late.toFixed(1),
          String(found.ms.filter((each) => each > 33).length),
        ]);
      }
    }
  } finally {
    await browser.close();
  }
  return {
    title: `The map of the console, ${size.width} × ${size.height} px`,
    columns: ['points', 'drawn by', 'ms a frame, median', '95 %', `frames of ${frames} beyond 33 ms`],
    rows,
    notes: ['ms: of the work of a frame until it is drawn', ...notes],
    figures,
  };
};

export default bench;

/** The browser of tests: Debian's, or the one that CHROMIUM_PATH names. */
import { existsSync } from 'node:fs';

export const chromiumPath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
const absent = !existsSync(chromiumPath);

/** For `describe.skipIf`: in CI an absent browser is a failure, not a reason to pass over the pages. */
export const noBrowser = absent && process.env.CI !== 'true';

/** Says that pages are not tested, where they are not. */
export function tellIfAbsent(what: string): void {
  if (absent)
    console.warn(
      `No Chromium at ${chromiumPath}: ${what} is not tested. Debian: apt-get install chromium, or set CHROMIUM_PATH`,
    );
}

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Folder of the package itself: holds `dist/`, `cypher/` and `infra/`, both in a checkout and when installed from a tarball. */
export const packageRoot = fileURLToPath(new URL('..', import.meta.url));

/** Version of this package, as in its `package.json`. */
export const packageVersion: string = (
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
).version;

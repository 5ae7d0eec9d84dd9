import { join } from 'node:path';
import envPaths from 'env-paths';

/** Where lies what is fetched or built once a user: XDG_CACHE_HOME where it is set, else the system's own place for caches. */
export function cacheFolder(): string {
  const xdg = process.env.XDG_CACHE_HOME;
  return xdg ? join(xdg, 'tastegraph') : envPaths('tastegraph', { suffix: '' }).cache;
}

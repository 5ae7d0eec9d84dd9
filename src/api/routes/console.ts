/** The console: the files that vite made of `src/api/console`. Every page of it is the same document, which finds its way by its address. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { TastegraphError } from '../../errors.ts';
import { packageRoot } from '../../package.ts';
import type { AppEnv } from '../context.ts';

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Reads a folder's files at the first request: a server without a console starts as well. Errors: api/no-console. */
export function consoleRoutes(app: OpenAPIHono<AppEnv>, folder = join(packageRoot, 'dist', 'console')): void {
  let files: ReadonlyMap<string, Uint8Array<ArrayBuffer>> | undefined;
  const load = () => {
    if (!existsSync(join(folder, 'index.html'))) throw new TastegraphError('api/no-console');
    const names = ['index.html', 'embed.js', ...readdirSync(join(folder, 'assets')).map((name) => `assets/${name}`)];
    return new Map(names.map((name) => [name, new Uint8Array(readFileSync(join(folder, name)))]));
  };
  const fileOf = (name: string) => {
    files ??= load();
    return files.get(name);
  };

  // Relative, as everything in the document: a proxy may add a prefix.
  app.get('/console', (c) => c.body(null, 302, { location: 'console/' }));

  app.get('/console/assets/:file', (c) => {
    const name = `assets/${c.req.param('file')}`;
    const bytes = fileOf(name);
    const type = types[extname(name)];
    if (!bytes || !type) throw new TastegraphError('api/not-found', { path: c.req.path });
    // Another content has another name.
    return c.body(bytes, 200, { 'content-type': type, 'cache-control': 'public, max-age=31536000, immutable' });
  });

  // For pages of others: as far as `corsOrigins` allows them.
  app.get('/console/embed.js', (c) =>
    c.body(fileOf('embed.js')!, 200, { 'content-type': types['.js']!, 'cache-control': 'no-cache' }),
  );

  for (const path of ['/console/', '/console/:page'])
    app.get(path, (c) =>
      c.body(fileOf('index.html')!, 200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' }),
    );
}

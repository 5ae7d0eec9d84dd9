/** The page of the API: Swagger UI from the package itself, nothing from elsewhere. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from '../context.ts';

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tastegraph API</title>
<link rel="stylesheet" href="docs/swagger-ui.css">
<link rel="icon" href="docs/favicon-32x32.png">
</head>
<body>
<div id="swagger-ui"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
`;

/** The page fills in whatever has an example, and would so ask for a tenant, or for what was not changed: here what may be absent is told alone. */
const start = `const tell = (parameter) => {
  if (parameter.required || parameter.example === undefined) return;
  parameter.description = [parameter.description, 'Example: ' + [parameter.example].flat().join(', ')].filter(Boolean).join('. ');
  delete parameter.example;
  delete parameter.schema?.example;
};
const updateJsonSpec = (update) => (spec) => {
  for (const methods of Object.values(spec.paths ?? {}))
    for (const { parameters = [] } of Object.values(methods)) parameters.forEach(tell);
  Object.values(spec.components?.parameters ?? {}).forEach(tell);
  return update(spec);
};
SwaggerUIBundle({
  url: 'openapi.json',
  dom_id: '#swagger-ui',
  validatorUrl: 'none',
  docExpansion: 'list',
  plugins: [{ statePlugins: { spec: { wrapActions: { updateJsonSpec } } } }],
});
`;

const assets: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
};

export function docsRoutes(app: OpenAPIHono<AppEnv>): void {
  const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  const loaded = new Map<string, Uint8Array<ArrayBuffer>>();
  app.get('/docs', (c) => c.html(page));
  app.get('/docs/start.js', (c) => c.body(start, 200, { 'content-type': 'text/javascript; charset=utf-8' }));
  for (const [name, type] of Object.entries(assets)) {
    app.get(`/docs/${name}`, (c) => {
      const bytes = loaded.get(name) ?? new Uint8Array(readFileSync(join(folder, name)));
      loaded.set(name, bytes);
      return c.body(bytes, 200, { 'content-type': type, 'cache-control': 'public, max-age=3600' });
    });
  }
}

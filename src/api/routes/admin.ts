/** Questions of the catalogue and free Cypher, answered a row at a time. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { problemOf, TastegraphError, toldOf } from '../../errors.ts';
import type { Rows } from '../../graph/admin/rows.ts';
import type { Graph } from '../../graph/driver.ts';
import { option } from '../../options.ts';
import { askCatalogue, askCypher, catalogue } from '../../pipeline/admin.ts';
import type { AppContext, AppDependencies, AppEnv } from '../context.ts';
import { linesAnswer } from '../lines.ts';
import { needs } from '../scope.ts';
import { json, problems } from './answers.ts';
import { inGraph } from './inGraph.ts';

const mostRows = 100_000;
const limit = z.number().int().min(1).max(mostRows).default(100).meta({ description: 'Most rows' });
const timeout = option.timeout;
const name = z.string().max(64).meta({ description: 'A question of the catalogue' });
const parameters = z
  .record(z.string().max(64), z.unknown())
  .default({})
  .meta({ description: 'Parameters by name, as the question declares them' });

export const parameterSchema = z.object({
  name: z.string(),
  type: z.string(),
  defaultValue: z
    .union([z.string(), z.number(), z.boolean(), z.array(z.string()).readonly(), z.null()])
    .optional()
    .meta({ description: 'Absent where it must be given' }),
  range: z.object({ least: z.number(), most: z.number() }).readonly().optional(),
  choices: z.array(z.string()).readonly().optional(),
  about: z.string(),
});
const querySchema = z
  .object({
    name: z.string(),
    purpose: z.string(),
    parameters: z.array(parameterSchema).readonly(),
    cost: z.object({ class: z.enum(['cheap', 'moderate', 'heavy']), about: z.string() }),
    mostRows: z.number().int(),
    cypher: z.string().meta({ description: 'Runs as it is in Neo4j Browser' }),
  })
  .openapi('CatalogueQuery');

const rowLines = {
  200: {
    description:
      'NDJSON, a line each: first {"columns": […]}, then {"row": […]} with values in that order, last {"end": {"rows", "more"}}, or {"problem": {"code", "message"}} where it broke off',
    content: { 'application/x-ndjson': { schema: z.string() } },
  },
};
const tags = ['Administer'];

export const list = createRoute({
  ...needs('admin'),
  method: 'get',
  path: '/v1/admin/queries',
  tags,
  summary: 'The catalogue: questions to the graph, with their parameters and cost',
  responses: { 200: json('By name', z.object({ queries: z.array(querySchema) })), ...problems() },
});
const ask = createRoute({
  ...needs('admin'),
  method: 'get',
  path: '/v1/admin/queries/{name}',
  tags,
  summary: 'Ask a question of the catalogue',
  description:
    'Every further name in the query is a parameter of the question. Closing the connection ends it in Neo4j.',
  request: {
    params: z.object({ name }),
    query: z.looseObject({
      limit: z.coerce.number().int().min(1).max(mostRows).default(100).meta({ description: 'Most rows' }),
      timeout: z.coerce.number().gt(0).max(3600).default(30).meta({ description: 'Longest time, in s' }),
    }),
  },
  responses: { ...rowLines, ...problems(404, 422) },
});
const post = createRoute({
  ...needs('admin'),
  method: 'post',
  path: '/v1/admin/queries/{name}',
  tags,
  summary: 'Ask a question of the catalogue, with parameters in the body',
  request: {
    params: z.object({ name }),
    body: {
      required: true,
      content: { 'application/json': { schema: z.strictObject({ parameters, limit, timeout }) } },
    },
  },
  responses: { ...rowLines, ...problems(404, 413, 415, 422) },
});
const free = createRoute({
  ...needs('admin'),
  method: 'post',
  path: '/v1/admin/cypher',
  tags,
  summary: 'Cypher of your own that only reads',
  description:
    'Only where the server knows who asks and was started with `--free-cypher`. The text is planned first and refused where it could do anything but read the graph; it runs in a read transaction with bounded time and memory.',
  request: {
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z.strictObject({ cypher: z.string().min(1).max(20_000), parameters, limit, timeout }),
        },
      },
    },
  },
  responses: { ...rowLines, ...problems(403, 413, 415, 422) },
});

/** Errors: query/free-off, unless the server lets its administrators bring Cypher and knows who they are. */
export function requireFreeCypher(c: AppContext, { options }: AppDependencies): void {
  const isKnown = c.var.caller !== undefined && c.var.caller.kind !== 'anyone';
  if (!options.freeCypher || !isKnown) throw new TastegraphError('query/free-off');
}

export function adminRoutes(app: OpenAPIHono<AppEnv>, deps: AppDependencies): void {
  app.openapi(list, async (c) => {
    const queries = (await catalogue()).map(({ text: cypher, hint: _, ...query }) => ({ ...query, cypher }));
    return c.json({ queries }, 200);
  });

  app.openapi(ask, (c) => {
    const { limit, timeout, ...given } = c.req.valid('query');
    const { name } = c.req.valid('param');
    return ndjson(c, deps, (graph, signal) =>
      askCatalogue(graph, name, given, { limit, timeoutMs: timeout * 1000, signal }),
    );
  });

  app.openapi(post, (c) => {
    const { limit, timeout, parameters } = c.req.valid('json');
    const { name } = c.req.valid('param');
    return ndjson(c, deps, (graph, signal) =>
      askCatalogue(graph, name, parameters, { limit, timeoutMs: timeout * 1000, signal }),
    );
  });

  app.openapi(free, (c) => {
    requireFreeCypher(c, deps);
    const { cypher, limit, timeout, parameters } = c.req.valid('json');
    const memoryMb = deps.options.freeCypherMemoryMb ?? option.freeCypherMemoryMb.parse(undefined);
    return ndjson(c, deps, (graph, signal) =>
      askCypher(graph, cypher, parameters, { limit, timeoutMs: timeout * 1000, signal, memoryMb }),
    );
  });
}

/** Rows as lines. What fails before the first line is a problem as everywhere; a client that goes away ends the statement. */
async function ndjson(
  c: AppContext,
  deps: AppDependencies,
  open: (graph: Graph, signal: AbortSignal) => Promise<Rows>,
): Promise<never> {
  const gone = new AbortController();
  const onGone = () => gone.abort(new TastegraphError('api/timeout', { seconds: 0 }));
  c.req.raw.signal.addEventListener('abort', onGone, { once: true });
  // Nobody reads the rows of a statement that was given up.
  const asked = inGraph(deps, (graph) => open(graph, gone.signal)).catch((thrown: unknown) => {
    onGone();
    throw thrown;
  });
  const { columns, rows, more } = await asked;
  async function* lines(): AsyncGenerator<object, void, undefined> {
    yield { columns };
    let taken = 0;
    try {
      for await (const row of rows) {
        yield { row };
        taken++;
      }
      yield { end: { rows: taken, more: more() } };
    } catch (thrown) {
      if (gone.signal.aborted) return;
      const known =
        thrown instanceof TastegraphError ? thrown : new TastegraphError('internal', { problem: '' }, thrown);
      deps.log.warn({ requestId: c.get('requestId'), code: known.code }, 'rows broke off');
      yield { problem: { code: known.code, message: toldOf(known), retryable: known.retryable } };
    }
  }
  const onFailure = (cause: unknown) => deps.log.warn({ problem: problemOf(cause) }, 'an answer of lines broke off');
  return linesAnswer(c, lines(), onFailure, onGone);
}

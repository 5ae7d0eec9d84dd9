/** Training runs: how each goes, live too, and for administrators to start, stop and resume. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { streamSSE } from 'hono/streaming';
import { TastegraphError } from '../../errors.ts';
import { findModel, listModels } from '../../models/registry.ts';
import { describeOption } from '../../options/describe.ts';
import { option, optionGroups } from '../../options.ts';
import type { RunAdministration } from '../../pipeline.ts';
import { runStates } from '../../training/runs.ts';
import type { AppDependencies, AppEnv } from '../context.ts';
import { needs } from '../scope.ts';
import { body, json, problems } from './answers.ts';

const count = z.number().int();
const at = count.meta({ description: 'ms since 1970' });
const metrics = z.record(z.string(), z.number());
const phase = z.enum(['search', 'refit']);
const runFields = {
  id: z.string(),
  model: z.string(),
  modelOptions: z.record(z.string(), z.unknown()),
  options: z.record(z.string(), z.unknown()).meta({ description: 'How it is split, trained and judged' }),
  seed: count,
  state: z.enum(runStates).meta({ description: "'cut off': its process is gone and never said why" }),
  startedAt: at,
  endedAt: at.optional(),
  resumed: count.meta({ description: 'Times that it was resumed' }),
  resumable: z.boolean(),
  data: z.string().optional().meta({ description: "The files it learns from, or 'neo4j'" }),
  snapshot: z.string().optional(),
  version: z.string().optional().meta({ description: 'What it published' }),
  epochs: count.optional(),
  seconds: z.object({ fit: z.number(), evaluate: z.number() }).optional(),
  valid: metrics.optional(),
  test: metrics.optional(),
  popularity: metrics.optional().meta({ description: 'The popularity baseline on the same test part' }),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
};
const runSchema = z.object(runFields).openapi('TrainingRun');
const curveSchema = z
  .object({
    ...runFields,
    curve: z
      .array(
        z.object({
          epoch: count,
          loss: z.number().optional(),
          seconds: z.number().meta({ description: 'Of training since the start' }),
          valid: metrics.optional(),
        }),
      )
      .readonly(),
    losses: z.array(z.object({ phase, epoch: z.number(), loss: z.number() })).readonly(),
  })
  .openapi('TrainingRunWithCurve');

const optionSchema = z.object({
  key: z.string(),
  kind: z.enum(['string', 'number', 'boolean', 'choice', 'list', 'json']),
  integer: z.boolean().meta({ description: 'Of a number: whether it is whole' }),
  element: z.enum(['string', 'number']).optional().meta({ description: 'Of a list' }),
  choices: z.array(z.string()).readonly(),
  least: z.number().optional(),
  most: z.number().optional(),
  defaultValue: z.unknown().optional(),
  description: z.string(),
  unit: z.string().optional(),
  reason: z.string().optional(),
});
const modelSchema = z
  .object({
    name: z.string(),
    family: z.string(),
    paper: z.string(),
    summary: z.string(),
    needs: z.array(z.string()).readonly(),
    options: z.array(optionSchema),
  })
  .openapi('Model');

const modelsSchema = z.object({ models: z.array(modelSchema), training: z.array(optionSchema) });

/** What a request may say of how it is trained: nothing of files, which lie where the server is, nor of the database. */
const { resume: _, ...trainable } = optionGroups.training.shape;
const startable = { ...optionGroups.splitting.shape, ...trainable };

const draftSchema = z.strictObject({
  model: z.string().max(64).openapi({ example: 'lightgcn' }),
  options: z
    .record(z.string().max(64), z.unknown())
    .default({})
    .openapi({ example: { epochs: 20, dim: 64 } })
    .meta({ description: "The model's own, and how it is split and trained: see `/v1/admin/models`" }),
  data: z.enum(['graph', 'served']).optional().meta({
    description: 'The graph as it is now, or the snapshot of the served version; the graph where there is one',
  }),
});

const id = z.string().min(1).max(64).openapi({ example: '20260501-120000-1a2b3c' });
const params = z.object({ id });
const tags = ['Training'];

export const models = createRoute({
  ...needs('admin'),
  method: 'get',
  path: '/v1/admin/models',
  tags,
  summary: 'The models that can be trained, with their options, and the options that all trainings take',
  responses: {
    200: json('By name', modelsSchema),
    ...problems(),
  },
});
export const list = createRoute({
  ...needs('admin'),
  method: 'get',
  path: '/v1/admin/runs',
  tags,
  summary: 'All training runs, newest first',
  responses: { 200: json('The runs', z.object({ runs: z.array(runSchema).readonly() })), ...problems(404) },
});
export const show = createRoute({
  ...needs('admin'),
  method: 'get',
  path: '/v1/admin/runs/{id}',
  tags,
  summary: 'A training run with its curves',
  request: { params },
  responses: { 200: json('The run', curveSchema), ...problems(404, 422) },
});
const events = createRoute({
  ...needs('admin'),
  method: 'get',
  path: '/v1/admin/runs/{id}/events',
  tags,
  summary: 'A training run as it goes: what is there already, then what comes',
  description:
    'Server-sent events: `run` with the record, whenever it changed; `point` for each epoch; `loss` within epochs; `progress`; a comment where nothing happens for 10 s. It ends with the run. With `Last-Event-ID`, only what came after that event.',
  request: {
    params,
    headers: z.object({
      'last-event-id': z
        .string()
        .regex(/^\d{1,15}$/)
        .optional(),
    }),
  },
  responses: {
    200: { description: 'The events', content: { 'text/event-stream': { schema: z.string() } } },
    ...problems(404, 422),
  },
});
export const start = createRoute({
  ...needs('admin'),
  method: 'post',
  path: '/v1/admin/runs',
  tags,
  summary: 'Start a training',
  description:
    'In a process of its own, which goes on where the server is stopped. Refused where as many are at work as `--max-trainings` allows.',
  request: { body: body(draftSchema) },
  responses: { 201: json('It is at work', runSchema), ...problems(400, 404, 409, 413, 415, 422) },
});
export const stop = createRoute({
  ...needs('admin'),
  method: 'post',
  path: '/v1/admin/runs/{id}/stop',
  tags,
  summary: 'Ask a training to stop; its last checkpoint stays',
  request: { params },
  responses: { 200: json('It was asked', runSchema), ...problems(404, 409, 422) },
});
export const resume = createRoute({
  ...needs('admin'),
  method: 'post',
  path: '/v1/admin/runs/{id}/resume',
  tags,
  summary: 'Go on with a training that was stopped, failed or was cut off',
  description: 'From its last checkpoint, on the snapshot that it began with.',
  request: { params },
  responses: { 200: json('It is at work', runSchema), ...problems(404, 409, 422) },
});

type Run = z.output<typeof runSchema>;

export function runRoutes(app: OpenAPIHono<AppEnv>, deps: AppDependencies): void {
  const { options, recommender, stopping } = deps;
  const most = options.maxTrainings ?? option.maxTrainings.parse(undefined);
  const runs = (path: string): RunAdministration => {
    if (!deps.runs) throw new TastegraphError('api/not-found', { path });
    return deps.runs;
  };

  let described: z.output<typeof modelsSchema> | undefined;
  app.openapi(models, (c) => {
    described ??= {
      models: listModels().map(({ name, family, paper, summary, needs, options }) => {
        return { name, family, paper, summary, needs, options: describe(options.shape) };
      }),
      training: describe(startable),
    };
    return c.json(described, 200);
  });
  app.openapi(list, async (c) => c.json({ runs: (await runs(c.req.path).list()).map(shown) }, 200));
  app.openapi(show, async (c) => {
    const run = await runs(c.req.path).show(c.req.valid('param').id);
    return c.json({ ...shown(run), curve: run.curve, losses: run.losses } as z.output<typeof curveSchema>, 200);
  });

  app.openapi(events, async (c) => {
    const { id } = c.req.valid('param');
    const administration = runs(c.req.path);
    await administration.show(id);
    const from = Number(c.req.valid('header')['last-event-id'] ?? 0);
    // The router's types know answers of JSON and of text alone.
    return streamSSE(c, async (out) => {
      const gone = new AbortController();
      out.onAbort(() => gone.abort());
      for await (const event of administration.follow(id, from, gone.signal)) {
        if (event.kind === 'silence') await out.write(': nothing new\n\n');
        else if (event.kind === 'run') await out.writeSSE({ event: 'run', data: JSON.stringify(shown(event.run)) });
        else {
          const { kind, ...line } = event.line;
          await out.writeSSE({ event: kind, id: String(event.end), data: JSON.stringify(line) });
        }
        if (stopping?.()) return;
      }
    }) as never;
  });

  app.openapi(start, async (c) => {
    const administration = runs(c.req.path);
    const { model, options: given, data = administration.hasGraph ? 'graph' : 'served' } = c.req.valid('json');
    const { modelOptions, options } = checked(model, given);
    const from = data === 'graph' ? data : { version: recommender.version.id };
    const run = shown(await administration.start({ model, modelOptions, options, data: from }, most));
    c.set('about', run.id);
    return c.json(run, 201);
  });
  app.openapi(stop, async (c) => c.json(shown(await runs(c.req.path).stop(c.req.valid('param').id)), 200));
  app.openapi(resume, async (c) => c.json(shown(await runs(c.req.path).resume(c.req.valid('param').id, most)), 200));
}

/** Without what is the machine's own. */
const shown = (run: object): Run =>
  Object.fromEntries(Object.entries(run).filter(([key]) => key in runFields)) as unknown as Run;

/** Errors: model/unknown, options/unknown, options/invalid. */
function checked(model: string, given: Readonly<Record<string, unknown>>) {
  const { options: own } = findModel(model);
  const known = [...new Set([...Object.keys(own.shape), ...Object.keys(startable)])];
  const unknown = Object.keys(given).find((key) => !known.includes(key));
  if (unknown !== undefined) {
    const details = { name: unknown, where: 'the request', hint: '', known: known.join(', ') };
    throw new TastegraphError('options/unknown', details);
  }
  const part = (shape: z.ZodRawShape) => Object.fromEntries(Object.entries(given).filter(([key]) => key in shape));
  const take = (schema: z.ZodType, values: Readonly<Record<string, unknown>>) => {
    const result = schema.safeParse(values);
    if (result.success) return result.data as Record<string, unknown>;
    const { path, message } = result.error.issues[0]!;
    const name = String(path[0]);
    const details = { name, where: 'the request', problem: message, given: JSON.stringify(values[name]) ?? 'nothing' };
    throw new TastegraphError('options/invalid', details);
  };
  // What a model and all trainings have a name for is the model's.
  const others = Object.fromEntries(Object.entries(startable).filter(([key]) => !(key in own.shape)));
  return { modelOptions: take(own, part(own.shape)), options: take(z.strictObject(others), part(others)) };
}

function describe(shape: z.ZodRawShape): z.output<typeof optionSchema>[] {
  return Object.entries(shape).map(([key, schema]) => {
    const { kind, element, choices, defaultValue, description, unit, reason } = describeOption(
      key,
      schema as z.ZodType,
    );
    const limits = z.toJSONSchema(schema as z.ZodType, { io: 'input', unrepresentable: 'any' });
    const { type, minimum, exclusiveMinimum, maximum } = limits;
    const least = minimum ?? exclusiveMinimum;
    const bounded = kind === 'number';
    return {
      key,
      kind,
      integer: type === 'integer',
      choices,
      description,
      ...(element && { element }),
      ...(bounded && typeof least === 'number' && { least }),
      ...(bounded && typeof maximum === 'number' && maximum < Number.MAX_SAFE_INTEGER && { most: maximum }),
      ...(defaultValue !== undefined && { defaultValue }),
      ...(unit !== undefined && { unit }),
      ...(reason !== undefined && { reason }),
    };
  });
}

/** Many users, items, features or interactions at once, a JSON object a line, in and out. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { DataRecord } from '../../data/records.ts';
import { problemOf, TastegraphError, toldOf } from '../../errors.ts';
import { option } from '../../options.ts';
import { type DownloadKind, download, speaksOf, type Uploaded, writeUploaded } from '../../pipeline/upload.ts';
import type { Change } from '../../serving/answerMemory.ts';
import type { AppDependencies, AppEnv } from '../context.ts';
import { inflated } from '../gzip.ts';
import { begun, type JsonLine, jsonLines, linesAnswer, ndjson } from '../lines.ts';
import type { Announce } from '../middleware/announce.ts';
import { isGzip } from '../middleware/codings.ts';
import { featureKind, featureValue, itemLine, userLine } from '../resourceSchemas.ts';
import { interactionSchema } from '../schemas.ts';
import { needs } from '../scope.ts';
import { problems } from './answers.ts';
import { graphAtHand, inGraph, isUnasked, usersOf } from './inGraph.ts';

/** Lines a transaction: what is lost in memory where the process ends, and held while it is written. */
const batchSize = 2000;
/** Bytes of lines a transaction, about: as parsed values they take some times as much. */
const batchBytes = 8 << 20;
/** Longest line, bytes. */
const longestLine = 1 << 18;
/** Bad lines that are told one by one, so that a caller who reads the answer last does not stand in his own way. */
const mostTold = 200;

const kinds = {
  users: {
    tag: 'Users',
    example: '{"id": "ann"}\n',
    schema: userLine,
    record: (line: object) => ({ ...line, kind: 'user' }) as Uploaded,
  },
  items: {
    tag: 'Items',
    example: '{"id": "heat", "title": "Heat"}\n',
    schema: itemLine,
    record: (line: object) => ({ ...line, kind: 'item' }) as Uploaded,
  },
  features: {
    tag: 'Features',
    example: '{"kind": "genre", "value": "Action"}\n',
    schema: z.strictObject({ kind: featureKind, value: featureValue }),
    record: (line: object) => ({ kind: 'feature', feature: line }) as Uploaded,
  },
  interactions: {
    tag: 'Interactions',
    example: '{"user": "ann", "item": "heat", "type": "view", "at": 1700000000000, "value": 1}\n',
    schema: interactionSchema,
    record: (line: object) => ({ at: Date.now(), ...line, kind: 'interaction' }) as DataRecord,
  },
} as const;

const text = (example: string) => ({ [ndjson]: { schema: z.string().meta({ example }) } });

const uploadRoute = <K extends DownloadKind>(kind: K) =>
  createRoute({
    ...needs('write'),
    method: 'post',
    path: `/v1/${kind}:bulk`,
    tags: [kinds[kind].tag],
    summary: `Take in ${kind}, a JSON object a line`,
    description: `Read, checked and written batch by batch of ${batchSize} lines, or fewer that are long, whatever the length: what \`written\` counts is in Neo4j. The answer comes while the body is still sent, a line each: \`{line, problem}\` for a bad line (the first ${mostTold}), \`{written, line}\` after a batch, and at the end \`{done, lines, written, bad}\`. An upload that was cut off is sent again: what is there already changes nothing${kind === 'interactions' ? ', but for interactions without `at`, which are others each time' : ''}. Lines are as \`/v1/${kind}:export\` gives them, also in gzip (\`Content-Encoding: gzip\`): the largest upload is meant inflated.`,
    request: { body: { required: true, content: text(kinds[kind].example) } },
    responses: {
      200: {
        description: 'What became of it, a line each',
        content: text('{"written": 1, "line": 1}\n{"done": true, "lines": 1, "written": 1, "bad": 0}\n'),
      },
      ...problems(409, 415),
    },
  });

const downloadRoute = <K extends DownloadKind>(kind: K) =>
  createRoute({
    ...needs('read'),
    method: 'get',
    path: `/v1/${kind}:export`,
    tags: [kinds[kind].tag],
    summary: `All ${kind}, a JSON object a line`,
    description:
      'Read page by page, each of its own moment. Where the graph fails in between, the connection breaks off before the end.',
    responses: { 200: { description: 'A line each', content: text(kinds[kind].example) }, ...problems(409) },
  });

export function bulkRoutes(app: OpenAPIHono<AppEnv>, deps: AppDependencies, announce: Announce): void {
  const mostBytes = (deps.options.maxUploadMb ?? option.maxUploadMb.parse(undefined)) * 2 ** 20;
  for (const kind of Object.keys(kinds) as DownloadKind[]) {
    app.openapi(uploadRoute(kind), async (c) => {
      const { body } = c.req.raw;
      const type = c.req.header('content-type')?.split(';', 1)[0]?.trim().toLowerCase();
      if (type !== ndjson || !body) throw new TastegraphError('api/lines-needed');
      await graphAtHand(deps);
      c.set('changed', { users: [] }); // each batch says what it changed when it is written
      const limits = { longest: longestLine, most: mostBytes };
      const lines = jsonLines(isGzip(c) ? inflated(body, mostBytes) : body, limits);
      return linesAnswer(c, upload({ ...deps, announce }, kind, lines, mostBytes), logged(deps));
    });
    app.openapi(downloadRoute(kind), async (c) => {
      await graphAtHand(deps);
      const lines = await begun(download((question) => inGraph(deps, question), kind));
      return linesAnswer(c, lines, logged(deps));
    });
  }
}

const logged =
  ({ log }: AppDependencies) =>
  (cause: unknown): void =>
    log.warn({ problem: problemOf(cause) }, 'an answer of lines broke off');

/** What a batch of one kind changes of what is kept. */
function changeBy(records: readonly Uploaded[]): Change {
  const users = records.flatMap((each) => (each.kind === 'user' ? [each.id] : []));
  const doers = usersOf(records.flatMap((each) => (each.kind === 'interaction' ? [each] : [])));
  return doers.length > 0 ? { users: doers } : { users, nodes: true };
}

async function* upload(
  deps: AppDependencies & { readonly announce: Announce },
  kind: DownloadKind,
  given: AsyncGenerator<JsonLine, void, undefined>,
  mostBytes: number,
): AsyncGenerator<object, void, undefined> {
  const { schema, record } = kinds[kind];
  let [lines, written, bad, bytes] = [0, 0, 0, 0];
  let batch: { readonly line: number; readonly record: Uploaded }[] = [];
  const tell = (line: number, problem: string): object[] => (++bad > mostTold ? [] : [{ line, problem }]);
  async function* flush(): AsyncGenerator<object, void, undefined> {
    if (batch.length === 0) return;
    const now = batch;
    batch = [];
    bytes = 0;
    const records = now.map((each) => each.record);
    // Each batch is acknowledged by a line of its own.
    const announce = () => deps.announce(changeBy(records));
    const writing = inGraph(deps, (graph) => writeUploaded(graph, records));
    const forgotten = await writing.catch(async (cause) => {
      if (!isUnasked(cause)) await announce(); // it may have been committed
      throw cause;
    });
    await announce();
    const refused = forgotten.size === 0 ? [] : now.filter((each) => speaksOf(each.record, forgotten));
    for (const { line } of refused) yield* tell(line, 'is about a user who was forgotten for good');
    written += now.length - refused.length;
    yield { written, line: lines };
  }
  try {
    for await (const each of given) {
      lines = each.line;
      if (each.problem !== undefined) {
        yield* tell(each.line, each.problem);
        continue;
      }
      const parsed = schema.safeParse(each.value);
      if (parsed.success) {
        batch.push({ line: each.line, record: record(parsed.data) });
        bytes += each.bytes;
      } else
        yield* tell(
          each.line,
          parsed.error.issues
            .map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': '))
            .join('; '),
        );
      if (batch.length === batchSize || bytes >= batchBytes) yield* flush();
    }
    yield* flush();
    yield { done: true, lines, written, bad };
  } catch (cause) {
    const error = cause instanceof RangeError ? new TastegraphError('api/too-large', { limit: mostBytes }) : cause;
    // The status is sent long ago: the last line says that this is not the whole.
    const known = error instanceof TastegraphError && error.code !== 'internal';
    const problem = known ? toldOf(error) : 'Unexpected';
    deps.log.warn({ problem: problemOf(error) }, 'an upload was broken off');
    yield { done: false, lines, written, bad, problem, ...(known && { code: error.code, retryable: error.retryable }) };
  }
}

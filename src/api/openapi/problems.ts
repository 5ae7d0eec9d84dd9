/** The problems that each operation can answer with: an example for each error, named by its code, under the status of that error. */
import { STATUS_CODES } from 'node:http';
import { type ErrorCode, errorTable, TastegraphError } from '../../errors.ts';
import { problemBody } from '../problem.ts';
import { exampleRequestId, isKeyed } from './headers.ts';
import { type Answer, type Described, type Document, describedBy, type Media, parametersOf } from './model.ts';

/** Of every route that asks who comes; those that are open know the rest alone. */
const atTheDoor: readonly ErrorCode[] = [
  'api/unauthorized',
  'api/jwt-refused',
  'key/expired',
  'key/revoked',
  'api/forbidden',
  'api/other-tenant',
  'api/rate-limited',
  'api/foreign-host',
  'api/foreign-origin',
];
const anywhere: readonly ErrorCode[] = [
  'internal',
  'api/timeout',
  'api/overloaded',
  // Of what never becomes a request.
  'api/malformed',
  'api/cut-off',
  'api/slow',
  'api/headers-too-large',
];

/** By 'METHOD path'; all that match. */
const ofRoutes: readonly (readonly [route: RegExp, codes: readonly ErrorCode[]])[] = [
  [/^GET \/health\/ready/, ['api/stopping', 'neo4j/unreachable']],
  // The graph itself is read or written.
  [
    / \/v1\/(users|items|features|interactions)(:|$|\/\{(id|kind)\}(\/\{value\})?$)/,
    ['neo4j/unreachable', 'mapping/unserved'],
  ],
  [/ \/api\/(users?|items?|feedback)/, ['neo4j/unreachable', 'mapping/unserved']],
  [/^(GET|PATCH) \/v1\/users\/\{id\}$/, ['user/not-in-graph']],
  [/^(GET|PATCH|DELETE) \/v1\/items\/\{id\}$/, ['item/not-in-graph']],
  [/^(GET|PATCH|DELETE) \/v1\/features\/\{kind\}/, ['feature/not-in-graph']],
  [/^PATCH \/v1\/features/, ['feature/exists']],
  [/^(POST|PUT|PATCH) \/v1\/(users|interactions)(\/\{id\})?$/, ['data/forgotten']],
  [/^(POST|PUT) \/api\/(users?|feedback)$/, ['data/forgotten']],
  [/^\w+ \/api\/user\/\{id\}$/, ['user/not-in-graph']],
  [/^\w+ \/api\/item\/\{id\}(\/category.*)?$/, ['item/not-in-graph']],
  [/^GET \/api\/feedback\/\{type\}\/\{user\}/, ['interaction/not-in-graph']],
  [/:bulk$/, ['api/lines-needed', 'api/coding', 'api/charset', 'mapping/read-only']],
  [/^DELETE \/v1\/users/, ['forget/locked', 'forget/returned', 'api/not-found']],

  [/ \/v1\/users\/\{id\}\/similar/, ['user/unknown']],
  [/ \/v1\/items\/\{id\}\/similar/, ['item/unknown', 'item/unseen', 'item/not-in-graph']],
  [/ \/api\/(non-personalized|item-to-item|user-to-user)\//, ['gorse/no-recommender']],
  [/ \/v1\/users\/\{id\}\/recommendations$/, ['version/not-found']],
  [/\/recommendations\/(\{item\}\/(explanation|why-not)|what-if|connection)/, ['item/unknown']],
  [/\/(what-if|counterfactual|contrast|what-would-change)$/, ['explain/fixed-taste']],
  [/\/counterfactual$/, ['explain/not-listed']],
  [/\/expand$/, ['explain/no-node']],
  [
    /:batch$|\/(sessions|groups)\/recommendations$/,
    ['pipeline/unknown', 'experiment/unknown', 'experiment/or-pipeline', 'filter/invalid', 'filter/type'],
  ],
  [/\/(sessions|groups)\/recommendations$/, ['experiment/unknown-arm', 'rule/unknown', 'rule/failed', 'rule/refused']],
  [/\/sessions\/recommendations$/, ['experiment/no-unit']],
  [/:(batch|bulk|export)$|\/admin\/(queries\/\{name\}|cypher)$/, ['api/too-many-streams']],
  [/\/search$/, ['neo4j/unreachable', 'mapping/unserved']],

  [/\/(report|estimate)$/, ['experiment/nothing-shown', 'experiment/no-graph', 'neo4j/unreachable']],
  [/\/report$/, ['experiment/unknown']],
  [/\/estimate$/, ['pipeline/unknown', 'experiment/no-support', 'experiment/no-overlap', 'experiment/draws-early']],

  [/ \/v1\/(versions$|admin\/(versions|runs|jobs|keys|audit|settings))/, ['api/not-found']],
  [/\/versions\/\{id\}\/(promote|map)$/, ['version/not-found']],
  [/\/admin\/versions\//, ['version/locked']],
  [/\/rollback$/, ['version/none', 'version/first']],
  [/\/lineage$/, ['version/no-lineage', 'neo4j/unreachable']],
  [/\/map$/, ['map/no-vectors', 'map/failed']],
  [/^POST \/v1\/admin\/runs$/, ['model/unknown', 'options/unknown', 'options/invalid', 'run/not-started']],
  [/^POST \/v1\/admin\/runs($|.*resume$)/, ['run/busy']],
  [/\/admin\/runs\/\{id\}/, ['run/unknown']],
  [/\/stop$/, ['run/not-running']],
  [/\/resume$/, ['run/not-resumable']],
  [/\/admin\/(queries\/|cypher)/, ['query/timeout', 'query/memory', 'neo4j/unreachable']],
  [/\/admin\/queries\/\{name\}/, ['query/unknown', 'query/parameter']],
  [/\/admin\/cypher$/, ['query/refused']],
  [/\/admin\/(cypher|rules)$/, ['query/free-off']],
  [/^DELETE \/v1\/admin\/rules/, ['query/free-off']],
  [/\/admin\/rules/, ['neo4j/unreachable']],
  [/\/admin\/rules\/\{name\}/, ['rule/unknown']],
  [/^POST \/v1\/admin\/rules/, ['rule/refused', 'query/timeout']],
  [/^POST \/v1\/admin\/keys$/, ['tenant/unknown']],
  [/^(POST|DELETE) \/v1\/admin\/keys/, ['key/locked']],
  [/^(POST|DELETE) \/v1\/admin\/keys\/\{id\}/, ['key/unknown']],
];

const ofQueries: Readonly<Record<string, readonly ErrorCode[]>> = {
  filter: ['filter/invalid', 'filter/type'],
  cursor: ['api/cursor'],
  rules: ['rule/unknown', 'rule/failed', 'rule/refused'],
  pipeline: ['pipeline/unknown'],
  experiment: ['experiment/unknown', 'experiment/unknown-arm', 'experiment/or-pipeline'],
  version: ['version/not-found'],
};

/** Every error that an operation can answer with. */
export function errorsOf(described: Described): ErrorCode[] {
  const { method, path, operation, isOpen } = described;
  const parameters = parametersOf(operation);
  const names = parameters.map(({ name }) => name.toLowerCase());
  const content = operation.requestBody?.content ?? {};
  const takesJson = 'application/json' in content;
  const refusesInput = takesJson || parameters.some(({ in: where }) => where !== 'header');
  const codes: ErrorCode[] = [
    ...anywhere,
    ...(isOpen ? [] : atTheDoor),
    ...(refusesInput ? (['api/invalid'] as const) : []),
    ...(takesJson
      ? (['api/media-type', 'api/coding', 'api/charset', 'api/too-large', 'api/too-many-bodies'] as const)
      : []),
    // A header that nobody would heed is refused.
    ...(method === 'GET' ? [] : (['api/idempotency-key'] as const)),
    ...(method === 'GET' || names.includes('if-match') ? [] : (['api/precondition-unheeded'] as const)),
    ...(isKeyed(described)
      ? (['api/idempotency-reused', 'api/idempotency-running', 'neo4j/unreachable'] as const)
      : []),
    ...(names.includes('if-match') ? (['api/precondition'] as const) : []),
    ...parameters.flatMap(({ in: where, name }) => (where === 'query' ? (ofQueries[name] ?? []) : [])),
    ...ofRoutes.flatMap(([route, of]) => (route.test(`${method} ${path}`) ? of : [])),
  ];
  return [...new Set(codes)];
}

/** What fills the holes of messages. */
const details = {
  user: 'ann',
  item: 'heat',
  kind: 'genre',
  value: 'Action',
  type: 'view',
  version: '20260501-120000-1a2b3c',
  run: '20260501-120000-1a2b3c',
  running: '20260501-120000-1a2b3c',
  id: '4f3a9c1b20de',
  model: 'popularity',
  name: 'lightgnc',
  where: 'the request',
  hint: '',
  given: '0',
  known: 'default, fresh',
  pipeline: 'frsh',
  experiment: 'rankng',
  arm: 'c',
  rule: 'new-films',
  query: 'popularty',
  parameter: 'kind',
  comparison: 'year:Action',
  position: 12,
  problem: 'no answer in time',
  path: '/v1/admin/jobs',
  scope: 'write',
  folder: 'versions',
  uri: 'bolt://127.0.0.1:7687',
  state: 'finished',
  node: 'item:hat',
  what: 'users',
  since: '2026-05-01T12:00:00Z',
  window: '7d',
  lists: 1200,
  reranker: 'plackett-luce',
  pid: 4711,
  lock: 'versions.lock',
  seconds: 10,
  limit: 100,
  rank: 240,
  burst: 200,
  count: 2,
  most: 1,
  working: 64,
  streaming: 8,
  mib: 256,
  waiting: 512,
  accepted: 'gzip, identity',
  todo: 'Ask the program that the graph is of',
} as const;
const problems: Partial<Record<ErrorCode, string>> = {
  'api/invalid': 'query.limit: Too big: expected number to be <=1000',
  'api/jwt-refused': 'it has expired',
  'filter/invalid': "expected a comparison after 'AND'",
  'filter/type': 'year is a number',
  'query/refused': 'it writes',
  'query/parameter': "'day' is none of genre, actor",
  'options/invalid': 'expected number to be >0',
  'rule/refused': 'it does not return an item',
  'explain/fixed-taste': "the model 'popularity' ranks alike for everybody",
  'item/unseen': 'it has no features, and nobody chose it',
  'map/failed': 'the worker stopped',
};
const invalid = [{ path: 'query.limit', message: 'Too big: expected number to be <=1000' }];

export const exampleName = (code: ErrorCode): string => code.replace('/', '-');

function exampleOf(code: ErrorCode) {
  const problem = problems[code] ?? details.problem;
  const body = problemBody(
    new TastegraphError(code, { ...details, problem }),
    exampleRequestId,
    code === 'api/invalid' ? invalid : undefined,
  );
  return { summary: code, value: body };
}

/** Says of each operation which errors it answers with, also where its route names no such status. */
export function addProblems(document: Document): void {
  const used = new Set<ErrorCode>();
  for (const described of describedBy(document)) {
    const { responses } = described.operation;
    // What every route is said to answer with, one that is open does not.
    if (described.isOpen) for (const status of ['401', '403', '429']) delete responses[status];
    for (const code of errorsOf(described)) {
      used.add(code);
      const { status } = errorTable[code];
      const examples = problemsAt(responses, status);
      examples[code] = { $ref: `#/components/examples/${exampleName(code)}` };
    }
  }
  document.components.examples = Object.fromEntries(
    [...used].sort().map((code) => [exampleName(code), exampleOf(code)]),
  );
}

/** The examples of the problems with this status, which begin where there are none yet. */
function problemsAt(responses: Described['operation']['responses'], status: number): NonNullable<Media['examples']> {
  responses[status] ??= {
    description: STATUS_CODES[status] ?? '',
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
  const media = (responses[status] as Answer).content!['application/problem+json']!;
  media.examples ??= {};
  return media.examples;
}

/** The typed client beside the OpenAPI document: `tsc` compares what it can call with all that there is. */
import { expect, expectTypeOf, it } from 'vitest';
import { type Answer, type Document, describedBy, type Reference } from '../../src/api/openapi/model.ts';
import { packageDocument } from '../../src/api/openapi/ofPackage.ts';
import type { operationIds } from '../../src/api/openapi/operationIds.ts';
import type { ApiRoute } from '../../src/api/routes.ts';
import type { AnswerOf } from '../../src/client.ts';

/** Answers that are no JSON: of lines, events and text, for which the client has methods of their own. */
const streams = [
  'POST /v1/recommendations:batch',
  'POST /v1/users:bulk',
  'GET /v1/users:export',
  'POST /v1/items:bulk',
  'GET /v1/items:export',
  'POST /v1/features:bulk',
  'GET /v1/features:export',
  'POST /v1/interactions:bulk',
  'GET /v1/interactions:export',
  'GET /v1/admin/queries/{name}',
  'POST /v1/admin/queries/{name}',
  'POST /v1/admin/cypher',
  'GET /v1/admin/runs/{id}/events',
  'GET /metrics',
] as const;

type Named = keyof typeof operationIds;
type Called = ApiRoute extends infer R
  ? R extends { method: infer M extends string; path: infer P extends string }
    ? `${Uppercase<M>} ${P}`
    : never
  : never;
/** Programs that speak to it have Gorse's own clients. */
type OfGorse = `${string} /api/${string}`;

it('the client reaches every route that answers in JSON', () => {
  // A route that is missing stands in the error of tsc: add it to src/api/routes.ts.
  expectTypeOf<Exclude<Named, Called | OfGorse | (typeof streams)[number]>>().toBeNever();
  expectTypeOf<Exclude<Called, Named>>().toBeNever();
  expectTypeOf<AnswerOf<'get', '/v1/experiments'>['experiments'][number]['control']>().toBeString();
  expectTypeOf<AnswerOf<'get', '/v1/pipelines/{name}/estimate'>['snips']['low']>().toBeNumber();

  const isJson = (answer: Answer | Reference = { description: '' }): boolean =>
    'content' in answer && 'application/json' in answer.content!;
  const others = describedBy(packageDocument() as unknown as Document)
    .filter(({ operation: { responses } }) => !['200', '201'].some((status) => isJson(responses[status])))
    .map(({ method, path }) => `${method} ${path}`);
  expect(others.sort()).toEqual([...streams].sort());
});

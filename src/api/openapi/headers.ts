/** The headers that requests take and answers have wherever the middleware reads or sets them: no route names these itself. */
import { tenantHeader } from '../middleware/auth.ts';
import { writes } from '../middleware/idempotency.ts';
import { isUpload } from '../patience.ts';
import {
  type Answer,
  type Described,
  type Document,
  describedBy,
  type Header,
  type Operation,
  type Parameter,
  parametersOf,
} from './model.ts';

const text = { type: 'string' } as const;
const count = { type: 'integer', minimum: 0 } as const;

export const exampleRequestId = '5f0c8a52-7c1e-4f0e-9a55-2f4f1c3b9d10';
const exampleTag = '"Xk3v0r1T9yq2m4n8s7LwQd5hZbA"';

const parameters = {
  requestId: {
    name: 'X-Request-Id',
    in: 'header',
    description: 'Name of the request in the log and in problems; one is made where it is absent',
    schema: { ...text, maxLength: 255, pattern: '^[\\w\\-=]+$' },
    example: exampleRequestId,
  },
  tenant: {
    name: tenantHeader,
    in: 'header',
    description: "The tenant that is meant; administrators of the server alone may name another than the key's own",
    schema: text,
    example: 'north',
  },
  idempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    description:
      'Sent again with the same key, the write is not done again: for a day it is answered as it was the first time, with `Idempotency-Replayed: true`. With another request the key is refused (422), and while the first is at work too (409)',
    schema: { ...text, pattern: '^[\\x21-\\x7e]{1,255}$' },
    example: 'a4c1f3f0-51c4-4d59-b0a9-4c7d8d1b8a77',
  },
  acceptLanguage: {
    name: 'Accept-Language',
    in: 'header',
    description: 'Languages of sentences, best first, where `locale` is not given',
    schema: text,
    example: 'de, en;q=0.8',
  },
  apiVersion: {
    name: 'X-API-Version',
    in: 'header',
    description: "With '2', ids come with their scores",
    schema: text,
    example: '2',
  },
} as const satisfies Record<string, Parameter>;

const headers = {
  requestId: { description: 'Name of the request in the log', schema: text, example: exampleRequestId },
  rateLimit: {
    description: 'Requests left (`r`), and seconds until there are more (`t`); where the server limits its callers',
    schema: text,
    example: '"caller";r=199;t=0',
  },
  rateLimitPolicy: {
    description:
      'Requests at once (`q`), and seconds in which they come back (`w`); where the server limits its callers',
    schema: text,
    example: '"caller";q=200;w=2',
  },
  retryAfter: { description: 'Seconds after which to ask again', schema: count, example: 1 },
  acceptEncoding: {
    description: 'The codings in which a body is read, where it came in another',
    schema: text,
    example: 'gzip, identity',
  },
  authenticate: { description: 'How to be let in', schema: text, example: 'Bearer' },
  etag: { description: 'Tag of the content, for If-Match and If-None-Match', schema: text, example: exampleTag },
  age: {
    description: 'Seconds since the answer was made; where it was not made for this request',
    schema: count,
    example: 12,
  },
  cache: {
    description: 'Whether the answer was kept from before; where the server keeps answers',
    schema: { ...text, enum: ['miss', 'hit', 'stale'] },
    example: 'hit',
  },
  replayed: {
    description: 'There, where the write was done before, and this is its answer again',
    schema: { ...text, enum: ['true'] },
    example: 'true',
  },
  language: { description: 'Language of the sentences', schema: text, example: 'en' },
} as const satisfies Record<string, Header>;

const headerRef = (name: keyof typeof headers) => ({ $ref: `#/components/headers/${name}` });
const parameterRef = (name: keyof typeof parameters) => ({ $ref: `#/components/parameters/${name}` });

/** Operations whose answers may be kept from before, and say so. */
const remembered: ReadonlySet<string> = new Set(['GET /v1/users/{id}/recommendations']);
/** Header names as the standards write them. */
const written: Readonly<Record<string, string>> = {
  'if-match': 'If-Match',
  'if-none-match': 'If-None-Match',
  'last-event-id': 'Last-Event-ID',
};

/** Whether an operation takes an `Idempotency-Key`. */
export const isKeyed = ({ method, path }: Pick<Described, 'method' | 'path'>): boolean =>
  method !== 'GET' && writes.test(path) && !isUpload(path);

const takes = (operation: Operation, where: string, name: string): boolean =>
  parametersOf(operation).some((each) => each.in === where && each.name.toLowerCase() === name);

/** Adds the headers to a document. */
export function addHeaders(document: Document): void {
  Object.assign(document.components, { parameters, headers });
  for (const described of describedBy(document)) {
    const { operation, isOpen, path } = described;
    for (const each of parametersOf(operation)) if (each.in === 'header') each.name = written[each.name] ?? each.name;
    operation.parameters = [
      ...(operation.parameters ?? []),
      ...(isKeyed(described) ? [parameterRef('idempotencyKey')] : []),
      ...(takes(operation, 'query', 'locale') ? [parameterRef('acceptLanguage')] : []),
      ...(path.startsWith('/api/recommend/') ? [parameterRef('apiVersion')] : []),
      ...(isOpen ? [] : [parameterRef('tenant')]),
      parameterRef('requestId'),
    ];
    for (const [status, answer] of Object.entries(operation.responses))
      if (!('$ref' in answer)) answer.headers = { ...headersOf(described, status), ...answer.headers };
  }
}

/** What an answer with this status has. */
function headersOf({ method, path, operation, isOpen }: Described, status: string): NonNullable<Answer['headers']> {
  const isDone = /^2|304/.test(status);
  const isTagged = takes(operation, 'header', method === 'GET' ? 'if-none-match' : 'if-match');
  return {
    'X-Request-Id': headerRef('requestId'),
    ...(isDone && isTagged && { ETag: headerRef('etag') }),
    ...(isDone && remembered.has(`${method} ${path}`) && { 'X-Cache': headerRef('cache'), Age: headerRef('age') }),
    ...(isDone && isKeyed({ method, path }) && { 'Idempotency-Replayed': headerRef('replayed') }),
    ...(isDone && takes(operation, 'query', 'locale') && { 'Content-Language': headerRef('language') }),
    ...(/^401|403$/.test(status) && { 'WWW-Authenticate': headerRef('authenticate') }),
    ...((/^(429|503)$/.test(status) || (status === '409' && isKeyed({ method, path }))) && {
      'Retry-After': headerRef('retryAfter'),
    }),
    ...(status === '415' && { 'Accept-Encoding': headerRef('acceptEncoding') }),
    // Who is not let in has no rate.
    ...(!isOpen &&
      status !== '401' && { RateLimit: headerRef('rateLimit'), 'RateLimit-Policy': headerRef('rateLimitPolicy') }),
  };
}

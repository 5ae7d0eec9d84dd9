/**
 * A client for the API, typed by its routes: paths, parameters, bodies and answers are those that the server checks.
 *
 *   const api = createClient({ url: 'http://127.0.0.1:8080', token });
 *   const { items } = await api.get('/v1/users/{id}/recommendations', { params: { id: 'ann' }, query: { limit: 5 } });
 *   for await (const line of api.lines('/v1/recommendations:batch', { body: { users: ['ann', 'bob'] } })) …
 *
 * It has no state but its options, and needs `fetch` alone: it runs in browsers and in every JavaScript runtime.
 */
import type { z } from 'zod';
import type { ApiRoute } from './api/routes.ts';

export interface ClientOptions {
  /** Where the API is, with any prefix: 'https://shop.example/recommender'. */
  readonly url: string;
  /** Bearer token, or API key. */
  readonly token?: string | undefined;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** In the place of the global one. */
  readonly fetch?: typeof fetch;
}

type Method = ApiRoute['method'];
type PathOf<M extends Method> = Extract<ApiRoute, { method: M }>['path'];
type RouteOf<M extends Method, P extends string> = Extract<ApiRoute, { method: M; path: P }>;

type ParamsOf<R> = R extends { request: { params: infer S extends z.ZodType } }
  ? { readonly params: z.output<S> }
  : unknown;
type QueryOf<R> = R extends { request: { query: infer S extends z.ZodType } }
  ? { readonly query?: Partial<z.output<S>> }
  : unknown;
type BodyOf<R> = R extends {
  request: { body: { content: { 'application/json': { schema: infer S extends z.ZodType } } } };
}
  ? { readonly body: z.input<S> }
  : unknown;
type JsonOf<R, Status extends number> = R extends {
  responses: { [K in Status]: { content: { 'application/json': { schema: infer S extends z.ZodType } } } };
}
  ? z.output<S>
  : never;

// Route by route: of several at once, the product of all their parts would be more than the compiler takes.
type RequestFor<R> = R extends ApiRoute
  ? ParamsOf<R> &
      QueryOf<R> &
      BodyOf<R> & {
        /** 'if-match', 'idempotency-key' and so on. */
        readonly headers?: Readonly<Record<string, string>>;
        readonly signal?: AbortSignal;
      }
  : never;
/** What a request to a route takes. */
export type RequestOf<M extends Method, P extends string> = RequestFor<RouteOf<M, P>>;
/** What a route answers when it succeeds. */
export type AnswerOf<M extends Method, P extends string> = JsonOf<RouteOf<M, P>, 200> | JsonOf<RouteOf<M, P>, 201>;

// A request that needs nothing may be left out.
type Rest<M extends Method, P extends string> =
  Record<never, never> extends RequestOf<M, P> ? [request?: RequestOf<M, P>] : [request: RequestOf<M, P>];
type Call<M extends Method> = <P extends PathOf<M>>(path: P, ...rest: Rest<M, P>) => Promise<AnswerOf<M, P>>;

export interface Client {
  /** All of them throw `ApiProblem` where the API refuses, and whatever `fetch` does where there is none. */
  readonly get: Call<'get'>;
  /** The same with the answer's ETag, for `if-match` and `if-none-match`; without a value where nothing changed since that one. */
  readonly getTagged: <P extends PathOf<'get'>>(
    path: P,
    ...rest: Rest<'get', P>
  ) => Promise<Tagged<AnswerOf<'get', P>>>;
  readonly post: Call<'post'>;
  readonly put: Call<'put'>;
  readonly patch: Call<'patch'>;
  readonly delete: Call<'delete'>;
  /** An answer of text: '/metrics'. */
  text(path: string, request?: { readonly signal?: AbortSignal }): Promise<string>;
  /** An answer of lines, one by one: of a batch where there is a body, of an upload where there are lines, else of a download. */
  lines(path: string, request?: LinesRequest): AsyncGenerator<unknown, void, undefined>;
  /** Server-sent events, one by one, until they end or break off; with the id of one, those after it. */
  events(path: string, request?: EventsRequest): AsyncGenerator<ServerEvent, void, undefined>;
}

export interface Tagged<Answer> {
  readonly etag: string | undefined;
  /** Absent where it is still what the caller has: 304. */
  readonly value?: Answer;
}

export interface EventsRequest {
  readonly after?: string | undefined;
  readonly signal?: AbortSignal;
}

export interface ServerEvent {
  readonly event: string;
  /** To go on after it. */
  readonly id: string | undefined;
  readonly data: unknown;
}

export interface LinesRequest {
  readonly body?: unknown;
  /** To be uploaded. */
  readonly lines?: Iterable<unknown> | AsyncIterable<unknown>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

interface Problem {
  readonly detail?: string;
  readonly code?: string;
  readonly retryable?: boolean;
  readonly requestId?: string;
  readonly errors?: ApiProblem['errors'];
}

/** What the API answered where it did not do what it was asked: RFC 9457. */
export class ApiProblem extends Error {
  readonly status: number;
  /** Stable name of the error: 'user/not-in-graph'. */
  readonly code: string;
  /** Whether the same request can succeed later. */
  readonly retryable: boolean;
  readonly requestId: string | undefined;
  /** What is wrong with which field, where the request itself is. */
  readonly errors: readonly { readonly path: string; readonly message: string }[];
  /** After how many seconds to come again, where the server says it. */
  readonly retryAfter: number | undefined;

  constructor(status: number, problem: Problem, retryAfter?: number) {
    super(problem.detail ?? `The server answered ${status}`);
    this.name = 'ApiProblem';
    this.status = status;
    this.code = problem.code ?? 'unknown';
    this.retryable = problem.retryable ?? status >= 500;
    this.requestId = problem.requestId;
    this.errors = problem.errors ?? [];
    this.retryAfter = retryAfter;
  }
}

interface AnyRequest {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export function createClient({ url, token, headers: always, fetch: ask = fetch }: ClientOptions): Client {
  const base = url.replace(/\/+$/, '');

  async function send(
    method: string,
    path: string,
    request: AnyRequest & { stream?: ReadableStream<Uint8Array> },
  ): Promise<Response> {
    const { params = {}, query = {}, body, headers, signal, stream } = request;
    const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => segmentOf(name, params[name]!));
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query))
      for (const each of Array.isArray(value) ? value : [value])
        if (each !== undefined) search.append(name, String(each));
    const response = await ask(`${base}${filled}${search.size > 0 ? `?${search}` : ''}`, {
      method: method.toUpperCase(),
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...always,
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(stream !== undefined && ({ body: stream, duplex: 'half' } as object)),
      ...(signal && { signal }),
    });
    if (response.ok || response.status === 304) return response;
    const problem = (await response.json().catch(() => ({}))) as Problem;
    const after = response.headers.get('retry-after');
    throw new ApiProblem(response.status, problem, after === null ? undefined : Number(after));
  }

  const call = <M extends Method>(method: M): Call<M> =>
    (async (path: string, request: AnyRequest = {}) => {
      const response = await send(method, path, request);
      if (response.status === 304) throw new ApiProblem(304, { detail: 'Not modified: getTagged asks on a condition' });
      return await response.json();
    }) as Call<M>;
  const getTagged = async (path: string, request: AnyRequest = {}): Promise<Tagged<unknown>> => {
    const response = await send('get', path, request);
    const etag = response.headers.get('etag') ?? undefined;
    return response.status === 304 ? { etag } : { etag, value: await response.json() };
  };

  return {
    get: call('get'),
    getTagged: getTagged as Client['getTagged'],
    post: call('post'),
    put: call('put'),
    patch: call('patch'),
    delete: call('delete'),
    text: async (path, request = {}) => (await send('get', path, request)).text(),
    async *lines(path, { lines, headers, ...request } = {}) {
      const method = lines || request.body !== undefined ? 'post' : 'get';
      const given = { ...request, headers: { ...headers, ...(lines && { 'content-type': 'application/x-ndjson' }) } };
      const { body } = await send(method, path, lines ? { ...given, stream: streamOf(lines) } : given);
      for await (const line of linesOf(body)) if (line !== '') yield JSON.parse(line) as unknown;
    },
    async *events(path, { after, signal } = {}) {
      const headers = after === undefined ? {} : { 'last-event-id': after };
      yield* eventsOf((await send('get', path, { headers, ...(signal && { signal }) })).body);
    },
  };
}

/** Errors: a RangeError where a URL would leave the value out, and another path would be asked for. */
function segmentOf(name: string, value: string): string {
  if (/^\.{0,2}$/.test(value)) throw new RangeError(`'${value}' as ${name} would be another path`);
  return encodeURIComponent(value);
}

function streamOf(values: Iterable<unknown> | AsyncIterable<unknown>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const each = (async function* () {
    yield* values;
  })();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { value, done } = await each.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(`${JSON.stringify(value)}\n`));
    },
    async cancel() {
      await each.return();
    },
  });
}

/** As browsers take them in, for events whose data is JSON. */
async function* eventsOf(body: Response['body']): AsyncGenerator<ServerEvent, void, undefined> {
  let fields: Record<string, string> = {};
  for await (const line of linesOf(body)) {
    const { data, event = 'message', id } = fields;
    const [name, value] = line.split(/: ?(.*)/s, 2);
    if (name) fields[name] = value ?? '';
    if (line !== '') continue;
    fields = {};
    if (data !== undefined) yield { event, id, data: JSON.parse(data) as unknown };
  }
}

async function* linesOf(body: Response['body']): AsyncGenerator<string, void, undefined> {
  if (!body) return;
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    const lines = (rest + (value ?? '')).split('\n');
    rest = done ? '' : lines.pop()!;
    yield* lines;
    if (done) return;
  }
}

/** The OpenAPI document as others read it: valid, named for generated clients, with examples that are of their own schemas. */
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../src/api/app.ts';
import type { Document, Example, Header, Media, Operation, Parameter, Reference } from '../../src/api/openapi/model.ts';
import { errorTable } from '../../src/errors.ts';
import { type PlantedApp, plantedApp } from './deps.ts';

interface Listed {
  /** 'GET /v1/items' */
  readonly name: string;
  readonly operation: Operation & { readonly summary?: string; readonly tags?: readonly string[] };
}

let planted: PlantedApp;
let document: Document & { readonly tags: readonly { readonly name: string; readonly description?: string }[] };
let operations: Listed[];
beforeAll(async () => {
  planted = await plantedApp();
  document = (await (await createApp(planted.deps).request('/openapi.json')).json()) as typeof document;
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, operation })),
  );
});
afterAll(() => planted.close());

/** What a reference is of, or the thing itself. */
function resolved<T extends object>(given: T | Reference): T {
  if (!('$ref' in given)) return given;
  const [, , kind, name] = given.$ref.split('/');
  return (document.components as Record<string, Record<string, T>>)[kind!]![name!]!;
}
const operationOf = (name: string): Operation => operations.find((each) => each.name === name)!.operation;
const parametersOf = ({ parameters = [] }: Operation): Parameter[] => parameters.map((each) => resolved(each));
const namesOf = (name: string): string[] => parametersOf(operationOf(name)).map((each) => each.name);
const headersOf = (name: string, status: number): string[] =>
  Object.keys(resolved(operationOf(name).responses[status]!).headers ?? {});

describe('the OpenAPI document', () => {
  it('is valid by the schema of OpenAPI 3.1', async () => {
    const { valid, errors } = await new Validator().validate(
      structuredClone(document) as unknown as Record<string, unknown>,
    );
    expect(errors ?? []).toEqual([]);
    expect(valid).toBe(true);
  });

  it('names every operation once, as a generated client may call its method', () => {
    // A new route has no name yet: give it one in src/api/openapi/operationIds.ts.
    expect(operations.filter(({ operation }) => !operation.operationId).map(({ name }) => name)).toEqual([]);
    const ids = operations.map(({ operation }) => operation.operationId!);
    expect(ids.filter((id) => !/^[a-z][A-Za-z0-9]*$/.test(id))).toEqual([]);
    expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
    expect(operationOf('GET /v1/users/{id}/recommendations').operationId).toBe('recommendForUser');
  });

  it('says what every operation is for, and under which heading', () => {
    const known = document.tags.filter(({ description }) => description).map(({ name }) => name);
    const wrong = operations.filter(
      ({ operation: { summary, tags = [] } }) => !summary || tags.length !== 1 || !known.includes(tags[0]!),
    );
    expect(wrong.map(({ name }) => name)).toEqual([]);
    const used = new Set(operations.map(({ operation }) => operation.tags![0]));
    expect(known.filter((tag) => !used.has(tag))).toEqual([]);
  });

  it('has an example of its own schema for every parameter, header, body and answer, and none is a placeholder', () => {
    // Words that JSON Schema does not know are an error.
    const ajv = new Ajv2020({ strictTypes: false, strictTuples: false, validateFormats: false });
    ajv.addVocabulary(['components', 'example']);
    const { components } = document;
    const checks = new Map<string, ReturnType<typeof ajv.compile>>();
    const wrong: string[] = [];
    const check = (what: string, { schema, example, examples }: Media) => {
      const key = JSON.stringify(schema);
      const validate = checks.get(key) ?? ajv.compile({ ...schema, components });
      checks.set(key, validate);
      const values = Object.values(examples ?? {}).map((each) => resolved<Example>(each).value);
      for (const value of [...values, ...(example === undefined ? [] : [example])]) {
        if (!validate(value)) wrong.push(`${what}: ${ajv.errorsText(validate.errors)}`);
        if (/"text"/.test(JSON.stringify(value))) wrong.push(`${what}: name it in exampleValues.ts`);
      }
      if (values.length === 0 && example === undefined) wrong.push(`${what} has no example`);
    };
    for (const { name, operation } of operations) {
      for (const each of parametersOf(operation)) check(`${name}: ${each.name}`, each);
      for (const [type, media] of Object.entries(operation.requestBody?.content ?? {}))
        check(`${name}: ${type}`, media);
      for (const [status, answer] of Object.entries(operation.responses)) {
        const { content = {}, headers = {} } = resolved(answer);
        for (const [type, media] of Object.entries(content)) check(`${name}: ${status}: ${type}`, media);
        for (const [header, of] of Object.entries(headers))
          check(`${name}: ${status}: ${header}`, resolved<Header>(of));
      }
      if (!Object.keys(operation.responses).some((status) => status.startsWith('2')))
        wrong.push(`${name} never succeeds`);
    }
    expect(wrong).toEqual([]);
  });

  it('names the errors of every problem, each under its own status', () => {
    const wrong: string[] = [];
    for (const { name, operation } of operations) {
      for (const [status, answer] of Object.entries(operation.responses)) {
        const media = resolved(answer).content?.['application/problem+json'];
        if (!/^[45]/.test(status) || !media) continue;
        for (const [code, example] of Object.entries(media.examples ?? {})) {
          const problem = resolved<Example>(example).value as {
            code: string;
            status: number;
            detail: string;
          };
          const row = errorTable[code as keyof typeof errorTable];
          if (problem.code !== code || problem.status !== Number(status) || row.status !== Number(status))
            wrong.push(`${name}: ${code} under ${status}`);
          if (/\{\w+\}/.test(problem.detail)) wrong.push(`${code}: ${problem.detail}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  it('names what is refused before a route is asked, and what goes unheeded', () => {
    const codesOf = (name: string, status: number) =>
      Object.keys(resolved(operationOf(name).responses[status]!).content!['application/problem+json']!.examples ?? {});
    for (const { name } of operations) {
      expect(codesOf(name, 400), name).toEqual(expect.arrayContaining(['api/malformed', 'api/cut-off']));
      expect(codesOf(name, 408), name).toEqual(['api/slow']);
      expect(codesOf(name, 431), name).toEqual(['api/headers-too-large']);
    }
    for (const name of ['POST /v1/items:bulk', 'POST /v1/groups/recommendations'])
      expect(codesOf(name, 422)).toEqual(expect.arrayContaining(['api/idempotency-key', 'api/precondition-unheeded']));
    expect(codesOf('PUT /v1/items/{id}', 422)).not.toContain('api/precondition-unheeded');
    expect(codesOf('POST /v1/admin/keys', 409)).toEqual(['key/locked']);
    for (const name of ['POST /v1/items:bulk', 'POST /v1/interactions']) {
      expect(codesOf(name, 415)).toEqual(expect.arrayContaining(['api/coding', 'api/charset']));
      expect(headersOf(name, 415)).toContain('Accept-Encoding');
    }
    expect(headersOf('POST /v1/interactions', 409)).toContain('Retry-After');
    expect(headersOf('POST /v1/admin/keys', 409)).not.toContain('Retry-After');
  });

  it('names the headers where they work, and those that are sent', () => {
    expect(namesOf('POST /v1/interactions')).toEqual(
      expect.arrayContaining(['Idempotency-Key', 'tastegraph-tenant', 'X-Request-Id']),
    );
    expect(namesOf('PUT /v1/items/{id}')).toEqual(
      expect.arrayContaining(['Idempotency-Key', 'If-Match', 'If-None-Match']),
    );
    expect(namesOf('GET /v1/items/{id}')).toContain('If-None-Match');
    for (const name of ['POST /v1/items:bulk', 'GET /v1/items', 'POST /v1/groups/recommendations'])
      expect(namesOf(name)).not.toContain('Idempotency-Key');
    expect(namesOf('GET /v1/users/{id}/recommendations')).toContain('Accept-Language');
    expect(namesOf('GET /health/live')).toEqual(['X-Request-Id']);
    expect(headersOf('GET /v1/items/{id}', 200)).toEqual(
      expect.arrayContaining(['ETag', 'RateLimit', 'RateLimit-Policy', 'X-Request-Id']),
    );
    expect(headersOf('GET /v1/users/{id}/recommendations', 200)).toEqual(expect.arrayContaining(['X-Cache', 'Age']));
    expect(headersOf('GET /v1/items/{id}', 429)).toContain('Retry-After');
    expect(headersOf('GET /v1/items/{id}', 401)).toEqual(expect.arrayContaining(['WWW-Authenticate', 'X-Request-Id']));
    expect(headersOf('POST /v1/interactions', 200)).toContain('Idempotency-Replayed');
  });
});

/** The OpenAPI document as others read it: valid, with examples that are of their own schemas. */
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../src/api/app.ts';
import { type PlantedApp, plantedApp } from './deps.ts';

interface Media {
  readonly schema: object;
  readonly example?: unknown;
}
interface Document {
  readonly components: object;
  readonly paths: Record<
    string,
    Record<
      string,
      {
        readonly summary?: string;
        readonly parameters?: readonly (Media & { readonly in: string; readonly name: string })[];
        readonly requestBody?: { readonly content: Record<string, Media> };
        readonly responses: Record<string, { readonly content?: Record<string, Media> }>;
      }
    >
  >;
}

let planted: PlantedApp;
let document: Document;
beforeAll(async () => {
  planted = await plantedApp();
  document = (await (await createApp(planted.deps).request('/openapi.json')).json()) as Document;
});
afterAll(() => planted.close());

describe('the OpenAPI document', () => {
  it('is valid by the schema of OpenAPI 3.1', async () => {
    const { valid, errors } = await new Validator().validate(
      structuredClone(document) as unknown as Record<string, unknown>,
    );
    expect(errors ?? []).toEqual([]);
    expect(valid).toBe(true);
  });

  it('has an example for what every operation takes and gives, each of its own schema', () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    const refs = { components: document.components };
    const wrong: string[] = [];
    for (const [path, operations] of Object.entries(document.paths)) {
      for (const [method, operation] of Object.entries(operations)) {
        const name = `${method} ${path}`;
        if (!operation.summary) wrong.push(`${name} has no summary`);
        const succeeded = Object.entries(operation.responses).filter(([status]) => status.startsWith('2'));
        const medias: [string, Media][] = [
          ...(operation.parameters ?? [])
            .filter((each) => each.in === 'path')
            .map((each): [string, Media] => [each.name, each]),
          ...Object.entries(operation.requestBody?.content ?? {}),
          ...succeeded.flatMap(([, { content }]) => Object.entries(content ?? {})),
        ];
        if (succeeded.length === 0) wrong.push(`${name} never succeeds`);
        for (const [what, { schema, example }] of medias) {
          if (example === undefined) {
            wrong.push(`${name}: ${what} has no example`);
            continue;
          }
          const validate = ajv.compile({ ...schema, ...refs });
          if (!validate(example)) wrong.push(`${name}: ${what}: ${ajv.errorsText(validate.errors)}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });
});

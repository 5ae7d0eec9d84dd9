/**
 * An example for every operation of the OpenAPI document, made of its own schemas: what a schema says of itself (example, default,
 * constant, first choice), and else by the name of the field. So an example always is of its schema, and no route is without one.
 */

/** As much of JSON Schema as zod writes. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly example?: unknown;
  readonly examples?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly minimum?: number;
}
interface Media {
  readonly schema?: Schema;
  example?: unknown;
}
interface Parameter {
  readonly in?: string;
  readonly name?: string;
  readonly schema?: Schema;
  example?: unknown;
}
interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content?: Readonly<Record<string, Media>> };
  readonly responses?: Readonly<Record<string, { readonly content?: Readonly<Record<string, Media>> }>>;
}
interface Document {
  readonly paths?: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> };
}

/** By the name of a field, or of the list that holds it. */
const named: Readonly<Record<string, unknown>> = {
  user: 'ann',
  users: 'ann',
  item: 'heat',
  items: 'heat',
  id: 'heat',
  title: 'Heat',
  kind: 'genre',
  value: 'Action',
  type: 'view',
  name: 'popularity',
  category: 'film',
  expires: '90d',
  at: 1_700_000_000_000,
  score: 0.83,
  version: '20260501-120000-1a2b3c',
  UserId: 'ann',
  ItemId: 'heat',
  FeedbackType: 'like',
  Timestamp: '2026-05-01T12:00:00Z',
  Labels: ['action'],
  Comment: 'Heat',
  attributes: { year: 1995 },
};

/** Adds what is missing to a document, and answers it. */
export function withExamples<D extends object>(document: D): D {
  const { paths = {}, components = {} } = document as Document;
  const { schemas = {} } = components;
  const fill = (media: Media, name: string): void => {
    if (media.schema && media.example === undefined) media.example = exampleOf(media.schema, name, schemas);
  };
  for (const operations of Object.values(paths)) {
    for (const { parameters = [], requestBody, responses = {} } of Object.values(operations)) {
      for (const parameter of parameters) if (parameter.in === 'path') fill(parameter, parameter.name ?? '');
      const succeeded = Object.entries(responses).filter(([status]) => status.startsWith('2'));
      const contents = [requestBody?.content, ...succeeded.map(([, { content }]) => content)];
      for (const media of contents.flatMap((content = {}) => Object.values(content))) fill(media, '');
    }
  }
  return document;
}

function exampleOf(schema: Schema, name: string, all: Readonly<Record<string, Schema>>): unknown {
  if (schema.$ref !== undefined) return exampleOf(all[schema.$ref.split('/').at(-1)!]!, name, all);
  const said = [schema.example, schema.examples?.[0], schema.const, schema.enum?.[0]].find(
    (each) => each !== undefined,
  );
  if (said !== undefined) return said;
  const choice = schema.anyOf?.[0] ?? schema.oneOf?.[0];
  if (choice) return exampleOf(choice, name, all);
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map((part) => exampleOf(part, name, all))) as unknown;
  const type = typeof schema.type === 'string' ? schema.type : schema.type?.find((each) => each !== 'null');
  const usual = Object.hasOwn(named, name) ? named[name] : undefined;
  switch (type) {
    case 'object':
      if (!schema.properties) return typeof usual === 'object' ? usual : {};
      return Object.fromEntries(
        Object.entries(schema.properties).map(([key, property]) => [key, exampleOf(property, key, all)]),
      );
    case 'array':
      return schema.items ? [exampleOf(schema.items, name, all)] : [];
    case 'string':
      return schema.default ?? (typeof usual === 'string' ? usual : 'text');
    case 'integer':
    case 'number':
      return schema.default ?? (typeof usual === 'number' ? usual : Math.max(1, schema.minimum ?? 1));
    case 'boolean':
      return schema.default ?? true;
    default:
      return schema.default ?? usual ?? {};
  }
}

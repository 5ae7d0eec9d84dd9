/**
 * An example for every parameter, body and answer of the OpenAPI document, made of its own schemas: what a schema says of itself
 * (example, default, constant, first choice), and else by the name of the field. So an example always is of its schema, and no route is
 * without one. What may be absent and has no name is left out, and so is what is named `undefined`.
 */
import { exampleValues } from './exampleValues.ts';
import { type Document, describedBy, type Media, parametersOf, type Schema } from './model.ts';

/** Where a value stands. */
interface Place {
  readonly name: string;
  /** The field, or the part of the path, that it stands in. */
  readonly around?: string | undefined;
  /** The schema of the components that it is of. */
  readonly component?: string | undefined;
}

/** What stands for a text that has no name here. */
export const placeholder = 'text';

/** Adds what is missing. */
export function addExamples({ paths, components: { schemas = {} } }: Document): void {
  const described = describedBy({ paths, components: {} });
  for (const { path, operation } of described) {
    const fill = (media: Media, place: Place): void => {
      if (!media.schema || media.example !== undefined || media.examples) return;
      media.example = exampleOf(media.schema, place, schemas) ?? placeholder;
    };
    for (const parameter of parametersOf(operation)) {
      const around = parameter.in === 'path' ? partBefore(path, parameter.name) : undefined;
      fill(parameter, { name: parameter.in === 'header' ? parameter.name.toLowerCase() : parameter.name, around });
    }
    const answers = Object.values(operation.responses).map((answer) =>
      '$ref' in answer ? {} : (answer.content ?? {}),
    );
    const { operationId: name = '', requestBody } = operation;
    for (const media of Object.values(requestBody?.content ?? {})) fill(media, { name: `${name}Body` });
    for (const media of answers.flatMap((content) => Object.values(content))) fill(media, { name });
  }
}

/** '/v1/items/{id}', 'id' → 'items'. */
const partBefore = (path: string, name: string): string | undefined =>
  path
    .split(`/{${name}}`, 1)[0]!
    .split('/')
    .filter((part) => !part.startsWith('{'))
    .at(-1);

/** The key of what is said of a place; undefined where nothing is. */
const keyOf = ({ name, around, component }: Place): string | undefined =>
  [`${around}.${name}`, `${component}.${name}`, name].find((key) => Object.hasOwn(exampleValues, key));

function named(place: Place): unknown {
  const key = keyOf(place);
  return key === undefined ? undefined : exampleValues[key];
}

/** An example of a schema; undefined where it is a text that nothing is known of. */
function exampleOf(schema: Schema, place: Place, all: Readonly<Record<string, Schema>>): unknown {
  if (schema.$ref !== undefined) {
    const component = schema.$ref.split('/').at(-1)!;
    return exampleOf(all[component]!, { ...place, component }, all);
  }
  const said = [schema.example, schema.examples?.[0], schema.const].find((each) => each !== undefined);
  if (said !== undefined) return said;
  const usual = named(place);
  if (schema.enum) return schema.enum.includes(usual) ? usual : schema.enum[0];
  const choice = schema.anyOf?.[0] ?? schema.oneOf?.[0];
  if (choice) return exampleOf(choice, place, all);
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map((part) => exampleOf(part, place, all))) as unknown;
  const type = typeof schema.type === 'string' ? schema.type : schema.type?.find((each) => each !== 'null');
  switch (type) {
    case 'object':
      if (typeof usual === 'object') return usual;
      return schema.properties ? objectOf(schema, place, all) : {};
    case 'array':
      if (Array.isArray(usual)) return usual;
      return schema.items ? [exampleOf(schema.items, place, all) ?? placeholder] : [];
    case 'string':
      return typeof usual === 'string' ? usual : schema.default;
    case 'integer':
    case 'number':
      return schema.default ?? (typeof usual === 'number' ? usual : Math.max(1, schema.minimum ?? 1));
    case 'boolean':
      return schema.default ?? (typeof usual === 'boolean' ? usual : true);
    default:
      return schema.default ?? usual ?? {};
  }
}

function objectOf(
  { properties = {}, required = [] }: Schema,
  place: Place,
  all: Readonly<Record<string, Schema>>,
): object {
  const around = place.name || place.around;
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, property]) => {
      const isNeeded = required.includes(name);
      const within = { name, around, component: place.component };
      const isUnsaid = keyOf(within) !== undefined && named(within) === undefined;
      if (!isNeeded && (isUnsaid || isMark(property))) return [];
      const value = exampleOf(property, within, all);
      if (value === undefined && !isNeeded) return [];
      return [[name, value ?? placeholder]];
    }),
  );
}

/** What stands there in some cases alone. */
const isMark = ({ const: constant, enum: choices, type }: Schema): boolean =>
  constant !== undefined || (choices?.length === 1 && type !== 'array');

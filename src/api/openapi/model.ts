/** As much of OpenAPI 3.1 as the document is completed in. */

export interface Reference {
  readonly $ref: string;
}

/** As much of JSON Schema as zod writes. */
export interface Schema {
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
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly minimum?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
}

export interface Example {
  readonly summary?: string;
  readonly value: unknown;
}

export interface Media {
  readonly schema?: Schema;
  example?: unknown;
  examples?: Record<string, Example | Reference>;
}

export interface Parameter extends Media {
  readonly in: string;
  name: string;
  readonly description?: string;
}

export interface Header {
  readonly description: string;
  readonly schema: Schema;
  readonly example: unknown;
}

export interface Answer {
  description: string;
  headers?: Record<string, Header | Reference>;
  content?: Record<string, Media>;
}

export interface Operation {
  operationId?: string;
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  parameters?: (Parameter | Reference)[];
  readonly requestBody?: { readonly content?: Readonly<Record<string, Media>> };
  readonly responses: Record<string, Answer | Reference>;
}

export interface Components {
  readonly schemas?: Readonly<Record<string, Schema>>;
  parameters?: Record<string, Parameter>;
  headers?: Record<string, Header>;
  examples?: Record<string, Example>;
  responses?: Record<string, Answer>;
}

export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: Components;
}

/** An operation, where it is, and whether it asks nobody who they are. */
export interface Described {
  /** 'GET', 'POST' and so on. */
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
  readonly isOpen: boolean;
}

export function describedBy({ paths }: Document): Described[] {
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      operation,
      isOpen: operation.security?.length === 0,
    })),
  );
}

/** The parameters that an operation itself names. */
export const parametersOf = ({ parameters = [] }: Operation): Parameter[] =>
  parameters.filter((each): each is Parameter => !('$ref' in each));

import type { z } from 'zod';
import { type OptionMeta, option } from '../options.ts';
import { flagOf } from './meta.ts';

/** What a flag, an environment variable and a row of a table need to know of an option. */
export interface OptionDescription {
  /** As in the code and in the config file: 'minValue'. */
  readonly key: string;
  /** 'min-value', to be written after two dashes. */
  readonly flag: string;
  /** 'TASTEGRAPH_MIN_VALUE', or what the option's meta says. */
  readonly env: string;
  /** An object comes as JSON where it is not in the config file. */
  readonly kind: 'string' | 'number' | 'boolean' | 'choice' | 'list' | 'json';
  /** Kind of a list's elements. */
  readonly element?: 'string' | 'number';
  readonly choices: readonly string[];
  /** Absent where there is none. */
  readonly defaultValue?: unknown;
  readonly description: string;
  readonly unit?: string;
  readonly reason?: string;
  readonly secret: boolean;
  /** Of a list: its flag is given once for each value. */
  readonly repeats: boolean;
}

/** The parts of a schema that decide how text becomes a value. */
interface Definition {
  readonly type: string;
  readonly innerType?: z.ZodType;
  readonly element?: z.ZodType;
  readonly defaultValue?: unknown;
  readonly entries?: Readonly<Record<string, string | number>>;
}
const definitionOf = (schema: z.ZodType): Definition => schema.def as unknown as Definition;

export const envOf = (key: string): string => `TASTEGRAPH_${flagOf(key).replaceAll('-', '_').toUpperCase()}`;

const kinds = {
  string: 'string',
  number: 'number',
  boolean: 'boolean',
  enum: 'choice',
  array: 'list',
  object: 'json',
  record: 'json',
} as const;

/** Describes one option by its schema. A schema whose own meta is missing (`.default()` again) has that of `option[key]`. */
export function describeOption(key: string, schema: z.ZodType): OptionDescription {
  let meta = schema.meta() as OptionMeta | undefined;
  let defaultValue: unknown;
  let inner = schema;
  let definition = definitionOf(inner);
  while (definition.innerType) {
    if (definition.type === 'default') defaultValue ??= definition.defaultValue;
    inner = definition.innerType;
    meta ??= inner.meta() as OptionMeta | undefined;
    definition = definitionOf(inner);
  }
  meta ??= (option as Readonly<Record<string, z.ZodType>>)[key]?.meta() as OptionMeta | undefined;
  const kind = kinds[definition.type as keyof typeof kinds];
  if (!kind || !meta) throw new TypeError(`option '${key}' has no description, or a type that no flag can carry`);
  const element = definition.element && definitionOf(definition.element).type === 'number' ? 'number' : 'string';
  return {
    key,
    flag: flagOf(key),
    env: meta.env ?? envOf(key),
    kind,
    ...(kind === 'list' && { element }),
    choices: definition.entries ? Object.values(definition.entries).map(String) : [],
    ...(defaultValue !== undefined && { defaultValue }),
    description: meta.description,
    ...(meta.unit !== undefined && { unit: meta.unit }),
    ...(meta.reason !== undefined && { reason: meta.reason }),
    secret: meta.secret === true,
    repeats: meta.repeats === true,
  };
}

/** Describes all options of an object schema, in its order. */
export function describeOptions(schema: z.ZodObject): readonly OptionDescription[] {
  return Object.entries(schema.shape).map(([key, value]) => describeOption(key, value as z.ZodType));
}

/** A default as a person writes it: '10,20', 'true'; 'none' for an empty list or object. */
export function writtenDefault({ defaultValue }: OptionDescription): string {
  if (Array.isArray(defaultValue)) return defaultValue.join(',') || 'none';
  if (typeof defaultValue !== 'object' || defaultValue === null) return String(defaultValue ?? '');
  return Object.keys(defaultValue).length === 0 ? 'none' : JSON.stringify(defaultValue);
}

/** Values of a statement's parameters, checked against its header. */
import neo4j from 'neo4j-driver';
import { TastegraphError } from '../../errors.ts';
import type { Parameter, ParameterValue } from './header.ts';

/** By name: text, as a command line or a URL brings it, or values of JSON. */
export type GivenParameters = Readonly<Record<string, unknown>>;

/**
 * All parameters of a statement for the driver: what was given, else the default; whole numbers as INTEGER.
 * Errors: query/parameter, naming the parameter and what it takes; never the value, which may be somebody's id.
 */
export function bindParameters(
  name: string,
  declared: readonly Parameter[],
  given: GivenParameters,
): Readonly<Record<string, unknown>> {
  const known = new Map(declared.map((parameter) => [parameter.name, parameter]));
  const refuse = (parameter: string, problem: string): never => {
    throw new TastegraphError('query/parameter', { query: name, parameter, problem });
  };
  for (const key of Object.keys(given)) {
    if (known.has(key)) continue;
    refuse(key, `it has none of that name; it has ${[...known.keys()].map((each) => `$${each}`).join(', ') || 'none'}`);
  }
  const bound: Record<string, unknown> = {};
  for (const parameter of declared) {
    const value = Object.hasOwn(given, parameter.name) ? given[parameter.name] : parameter.defaultValue;
    if (value === undefined) refuse(parameter.name, `it must be given: ${parameter.about}`);
    const read = readValue(parameter, value);
    if (read === undefined) refuse(parameter.name, `expected ${expectation(parameter)}`);
    bound[parameter.name] = read;
  }
  return bound;
}

/** What a parameter takes, in words: "INTEGER from 1 to 1000". */
export function expectation({ type, range, choices, defaultValue }: Parameter): string {
  const bounds = range ? ` from ${range.least} to ${range.most}` : '';
  const oneOf = choices ? `: ${choices.map((choice) => `'${choice}'`).join(' or ')}` : '';
  return `${type}${bounds}${oneOf}${defaultValue === null ? ' or null' : ''}`;
}

/** Undefined where the value is not what the parameter takes. */
function readValue(parameter: Parameter, value: unknown): unknown {
  if (value === null) return parameter.defaultValue === null ? null : undefined;
  switch (parameter.type) {
    case 'STRING':
      return typeof value === 'string' && (parameter.choices?.includes(value) ?? true) ? value : undefined;
    case 'BOOLEAN':
      return value === true || value === 'true' ? true : value === false || value === 'false' ? false : undefined;
    case 'LIST<STRING>': {
      const list = typeof value === 'string' ? value.split(',') : value;
      return Array.isArray(list) && list.every((each) => typeof each === 'string') ? list : undefined;
    }
    default: {
      const number = readNumber(value);
      const isWhole = parameter.type === 'INTEGER';
      if (number === undefined || (isWhole && !Number.isSafeInteger(number))) return undefined;
      const { least = -Infinity, most = Infinity } = parameter.range ?? {};
      if (number < least || number > most) return undefined;
      return isWhole ? neo4j.int(number) : number;
    }
  }
}

function readNumber(value: unknown): number | undefined {
  if (typeof value === 'string' && !/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value)) return undefined;
  const number = typeof value === 'string' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** Values of JSON for statements that declare no types: whole numbers become INTEGER, which LIMIT and ids need. */
export function freeParameters(given: GivenParameters): Readonly<Record<string, unknown>> {
  const whole = (value: unknown): unknown => {
    if (Number.isSafeInteger(value)) return neo4j.int(value as number);
    if (Array.isArray(value)) return value.map(whole);
    if (neo4j.isInt(value)) return value;
    return typeof value === 'object' && value !== null ? freeParameters(value as GivenParameters) : value;
  };
  return Object.fromEntries(Object.entries(given).map(([key, value]) => [key, whole(value)]));
}

/** A value as Cypher writes it, for the hint that Neo4j Browser takes. */
export function writeLiteral(value: ParameterValue): string {
  if (typeof value === 'string') return `'${value}'`;
  return Array.isArray(value) ? `[${value.map(writeLiteral).join(', ')}]` : String(value);
}

/** Where the value of an option comes from: flag, then environment, then config file, then default. */
import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { problemOf, TastegraphError } from '../errors.ts';
import { describeOptions, envOf, type OptionDescription } from '../options/describe.ts';
import type { SettingInForce } from '../options/sections.ts';
import { option } from '../options.ts';
import { hintFor } from './nearest.ts';

/** Environment variables of ours that are no options: where programs and caches lie on this machine. */
export const environmentOnly: Readonly<Record<string, string>> = {
  TASTEGRAPH_PYTHON: 'Python with torch that the benchmarks compare with',
  TASTEGRAPH_WORKER_NUMBER: 'The number of a worker of the server; the program sets it itself',
};

export const defaultConfigFile = 'tastegraph.config.json';

/** Too many to name them all in a message. */
const everyOption = "see 'tastegraph COMMAND --help' and the table in README.md";

/** Everything that any command or any model knows; a setting for another command is no mistake. */
const knownSomewhere = (more: readonly string[]): Set<string> => new Set([...Object.keys(option), ...more]);

/** Text as the kind of value that the option takes; text that is none stays text, which the schema then refuses. */
function readText(
  text: string,
  { kind, element, repeats }: Pick<OptionDescription, 'kind' | 'element' | 'repeats'>,
): unknown {
  switch (kind) {
    case 'number':
      return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text.trim()) ? Number(text) : text;
    case 'boolean':
      return text === 'true' || text === '1' ? true : text === 'false' || text === '0' ? false : text;
    case 'list':
      return text
        .split(repeats ? '\n' : ',')
        .map((part) => readText(part.trim(), { kind: element ?? 'string', repeats: false }));
    case 'json':
      try {
        return JSON.parse(text);
      } catch {
        return text;
      }
    default:
      return text;
  }
}

function readConfig(path: string | undefined, known: ReadonlySet<string>): Readonly<Record<string, unknown>> {
  if (path === undefined && !existsSync(defaultConfigFile)) return {};
  const file = path ?? defaultConfigFile;
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new TastegraphError('options/config-file', { path: file, problem: problemOf(cause) }, cause);
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new TastegraphError('options/config-file', { path: file, problem: 'it must hold one JSON object' });
  }
  for (const name of Object.keys(content)) {
    if (known.has(name) && name !== 'config') continue;
    const hint = hintFor(name, [...known]);
    throw new TastegraphError('options/unknown', { name, where: file, hint, known: everyOption });
  }
  return content as Readonly<Record<string, unknown>>;
}

function checkEnvironment(env: NodeJS.ProcessEnv, keys: readonly string[]): void {
  const known = [
    ...describeOptions(z.object(option)).map((each) => each.env),
    ...keys.map(envOf),
    ...Object.keys(environmentOnly),
  ];
  for (const name of Object.keys(env)) {
    if (!name.startsWith('TASTEGRAPH_') || known.includes(name)) continue;
    const bare = name.replace('TASTEGRAPH_', '');
    const hint = hintFor(known.includes(bare) ? bare : name, known);
    throw new TastegraphError('options/unknown', { name, where: 'the environment', hint, known: everyOption });
  }
}

export interface Sources {
  /** Text by option key, from the command line. */
  readonly flags: ReadonlyMap<string, string>;
  readonly env: NodeJS.ProcessEnv;
  /** Keys that are known beside those in src/options.ts: a model may have some of its own. */
  readonly knownKeys?: readonly string[];
}

/** A value that was given, as it was given, and where. */
export interface Given {
  readonly value: unknown;
  readonly source: Exclude<SettingInForce['source'], 'default'>;
  /** As its giver knows it: '--min-value', 'TASTEGRAPH_MIN_VALUE', 'minValue'. */
  readonly name: string;
  readonly where: string;
}

/** What was given of some options, each by the first source that has it. Errors: options/unknown, options/config-file. */
export function givenOptions(
  described: readonly OptionDescription[],
  { flags, env, knownKeys = [] }: Sources,
): ReadonlyMap<string, Given> {
  checkEnvironment(env, knownKeys);
  const file = flags.get('config') ?? env.TASTEGRAPH_CONFIG;
  const config = readConfig(file, knownSomewhere(knownKeys));
  const given = new Map<string, Given>();
  for (const description of described) {
    const { key, flag, env: variable } = description;
    const fromFlag = flags.get(key);
    const fromEnv = env[variable];
    if (fromFlag !== undefined) {
      const value = readText(fromFlag, description);
      given.set(key, { value, source: 'flag', name: `--${flag}`, where: 'the command line' });
    } else if (fromEnv !== undefined && fromEnv !== '') {
      const value = readText(fromEnv, description);
      given.set(key, { value, source: 'environment', name: variable, where: 'the environment' });
    } else if (key in config) {
      given.set(key, { value: config[key], source: 'config', name: key, where: file ?? defaultConfigFile });
    }
  }
  return given;
}

/**
 * All options of a schema, each from the first source that has it. Every mistake is an error from the table: options/unknown,
 * options/invalid, options/config-file. A secret's value is in no message.
 */
export function resolveOptions<S extends z.ZodRawShape>(
  schema: z.ZodObject<S>,
  sources: Sources,
): z.output<z.ZodObject<S>> {
  const described = describeOptions(schema as unknown as z.ZodObject);
  const given = givenOptions(described, sources);
  const values = Object.fromEntries([...given].map(([key, { value }]) => [key, value]));
  const result = schema.safeParse(values);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const key = String(issue.path[0]);
  const secret = described.find((each) => each.key === key)?.secret === true;
  const { name, where } = given.get(key) ?? { name: key, where: 'the defaults' };
  throw new TastegraphError('options/invalid', {
    name,
    where,
    problem: issue.path.length > 1 ? `${issue.path.slice(1).join('.')}: ${issue.message}` : issue.message,
    given: secret ? '(hidden)' : JSON.stringify(values[key]),
  });
}

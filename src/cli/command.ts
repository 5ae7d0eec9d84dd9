import type { z } from 'zod';
import { TastegraphError } from '../errors.ts';
import { describeOptions } from '../options/describe.ts';
import type { SettingInForce } from '../options/sections.ts';
import { type CommandName, type CommandOptions, commandOptions } from '../options.ts';
import type { Run } from '../pipeline.ts';
import { parseFlags } from './flags.ts';
import { resolveOptions } from './resolve.ts';
import { settingsInForce } from './settings.ts';
import type { Paint } from './terminal.ts';
import { usageOf, type Word } from './words.ts';

/** What a command prints as its last line under --json. */
export type Answer = Readonly<Record<string, unknown>>;

/** What a command has beside its options. */
export interface Context {
  readonly words: readonly string[];
  /** Every option of the program with its value, for this command's own sources. */
  settings(): readonly SettingInForce[];
  readonly run: Run;
  readonly paint: Paint;
  /** Prints for a person; nothing under --json. */
  print(text: string): void;
  /** Prints the answer before the command is over, for one that goes on serving. Nothing is printed after it. */
  announce(answer: Answer): void;
  /** Ends with this exit code though nothing was thrown. */
  exitWith(code: number): void;
}

/** A schema that may depend on the words: a model has options of its own. */
type SchemaFor = (words: readonly string[]) => Promise<z.ZodObject>;

export interface Command {
  readonly name: CommandName;
  /** Options that the command takes; without words, all that any of its words would bring. */
  readonly schemaFor: SchemaFor;
  readonly act: (options: never, context: Context) => Promise<Answer | undefined>;
}

/** A command by its name in `commandOptions` and what it does. */
export function command<C extends CommandName>(
  name: C,
  act: (options: CommandOptions<C>, context: Context) => Promise<Answer | undefined>,
  schemaFor: SchemaFor = async () => commandOptions[name] as unknown as z.ZodObject,
): Command {
  return { name, schemaFor, act };
}

export interface Prepared extends Pick<Context, 'words' | 'settings'> {
  readonly options: Readonly<Record<string, unknown>> & {
    readonly home: string;
    readonly json: boolean;
    readonly quiet: boolean;
    readonly logLevel: string;
  };
}

/** Words and resolved options of a command line. Errors: options/*. */
export async function prepare(
  { name, schemaFor }: Command,
  expected: readonly Word[],
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<Prepared> {
  const where = `'tastegraph ${name}'`;
  // First with everything that may come, to find the words; then strictly with what belongs to them.
  const widest = describeOptions(await schemaFor([]));
  const { words } = parseFlags(args, widest, where);
  const missing = expected[words.length];
  const usage = expected.map(usageOf).join(' ');
  if (missing && !missing.isOptional) {
    throw new TastegraphError('options/missing', {
      name: missing.name,
      todo: `Usage: tastegraph ${name} ${usage} (see tastegraph ${name} --help)`,
    });
  }
  if (words.length > expected.length && !expected.at(-1)?.isMany) {
    const name = words[expected.length]!;
    throw new TastegraphError('options/unknown', { name, where, hint: '', known: usage || 'flags only' });
  }
  const schema = await schemaFor(words);
  const { flags } = parseFlags(args, describeOptions(schema), where);
  const sources = { flags, env, knownKeys: widest.map(({ key }) => key) };
  const options = resolveOptions(schema, sources) as Prepared['options'];
  return { words, options, settings: () => settingsInForce(name, sources) };
}

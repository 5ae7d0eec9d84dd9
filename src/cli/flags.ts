import { TastegraphError } from '../errors.ts';
import type { OptionDescription } from '../options/describe.ts';
import { hintFor } from './nearest.ts';

/** Words and flags of a command line, still as text. */
export interface Parsed {
  readonly words: readonly string[];
  /** By option key. A flag given twice has its last value, one that repeats a line for each, and a list all that was given. */
  readonly flags: ReadonlyMap<string, string>;
}

/**
 * Splits a command line strictly: `--flag value`, `--flag=value`, `--switch`, `--no-switch`, `--` before words that begin with
 * a dash. Errors: options/unknown, options/invalid (a value is missing; a secret as a flag).
 */
export function parseFlags(args: readonly string[], known: readonly OptionDescription[], where: string): Parsed {
  const byFlag = new Map(known.map((option) => [option.flag, option]));
  const words: string[] = [];
  const flags = new Map<string, string>();
  const set = ({ key, kind, repeats }: OptionDescription, value: string): void => {
    const before = repeats || kind === 'list' ? flags.get(key) : undefined;
    flags.set(key, before === undefined ? value : `${before}${repeats ? '\n' : ','}${value}`);
  };
  for (let at = 0; at < args.length; at++) {
    const arg = args[at]!;
    if (arg === '--') {
      words.push(...args.slice(at + 1));
      break;
    }
    if (!arg.startsWith('-') || arg === '-') {
      words.push(arg);
      continue;
    }
    const equals = arg.indexOf('=');
    const name = equals < 0 ? arg : arg.slice(0, equals);
    const value = equals < 0 ? undefined : arg.slice(equals + 1);
    const positive = byFlag.get(name.slice(2));
    const negative = name.startsWith('--no-') ? byFlag.get(name.slice(5)) : undefined;
    if (positive?.secret) {
      throw new TastegraphError('options/invalid', {
        name,
        where: 'the command line',
        problem: `a secret is never a flag, because command lines show in process lists; set ${positive.env} in the environment`,
        given: '(hidden)',
      });
    }
    if (name.startsWith('--') && positive) {
      if (value !== undefined) set(positive, value);
      else if (positive.kind === 'boolean') flags.set(positive.key, 'true');
      else if (at + 1 < args.length && args[at + 1] !== '--') set(positive, args[++at]!);
      else throw valueMissing(name, positive);
    } else if (negative?.kind === 'boolean' && value === undefined) {
      flags.set(negative.key, 'false');
    } else {
      const names = known.filter((option) => !option.secret).map((option) => `--${option.flag}`);
      throw new TastegraphError('options/unknown', { name, where, hint: hintFor(name, names), known: names.join(' ') });
    }
  }
  return { words, flags };
}

function valueMissing(name: string, option: OptionDescription): TastegraphError {
  return new TastegraphError('options/invalid', {
    name,
    where: 'the command line',
    problem: `a value is missing (${option.choices.length ? option.choices.join(', ') : option.kind})`,
    given: 'nothing',
  });
}

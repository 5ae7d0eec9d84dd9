import type { z } from 'zod';
import { describeOptions, type OptionDescription, writtenDefault } from '../options/describe.ts';
import { type CommandEntry, commands } from './commands.ts';
import { formatTable, type Paint } from './terminal.ts';
import { usageOf } from './words.ts';

/** The commands, a line each. Loads none of them. */
export function renderOverview(version: string, paint: Paint): string {
  const rows = Object.entries(commands).map(([name, { summary, words }]) => [
    paint.cyan([name, ...words.map(usageOf)].join(' ')),
    summary,
  ]);
  return [
    `${paint.bold('tastegraph')} ${version}: recommendations from a graph, with their reasons`,
    '',
    `${paint.bold('Usage')}  tastegraph COMMAND [options]`,
    '',
    formatTable(['', ''], rows, paint, 2),
    '',
    `Options of a command: ${paint.cyan('tastegraph COMMAND --help')}. Version: ${paint.cyan('--version')}.`,
  ].join('\n');
}

function flagColumn(option: OptionDescription): string {
  if (option.secret) return option.env;
  if (option.kind === 'boolean') return option.defaultValue === true ? `--no-${option.flag}` : `--${option.flag}`;
  return `--${option.flag} ${option.kind === 'choice' ? option.choices.join('|') : (option.unit ?? option.kind).toUpperCase()}`;
}

function remark(option: OptionDescription): string {
  const parts = [
    option.reason,
    option.kind !== 'boolean' && option.defaultValue !== undefined && `default ${writtenDefault(option)}`,
  ];
  const text = parts.filter(Boolean).join('; ');
  return text ? ` (${text})` : '';
}

/** Words and options of one command. */
export function renderHelp(name: string, { summary, words }: CommandEntry, schema: z.ZodObject, paint: Paint): string {
  const options = describeOptions(schema);
  const lines = [
    `${paint.bold(`tastegraph ${name}`)}: ${summary}`,
    '',
    `${paint.bold('Usage')}  tastegraph ${[name, ...words.map(usageOf)].join(' ')} [options]`,
  ];
  if (words.length)
    lines.push(
      '',
      formatTable(
        ['', ''],
        words.map((word) => [paint.cyan(usageOf(word)), word.description]),
        paint,
        2,
      ),
    );
  const row = (option: OptionDescription) => {
    const off = option.kind === 'boolean' && option.defaultValue === true;
    const column = flagColumn(option);
    // A long list of choices gets a line of its own, so that it does not push all descriptions to the right.
    const short = column.length > 34 ? `--${option.flag} …` : column;
    const choices = column.length > 34 ? `; one of ${option.choices.join(', ')}` : '';
    return [
      paint.cyan(short),
      `${off ? `Not: ${option.description}` : option.description}${choices}${paint.dim(remark(option))}`,
    ];
  };
  lines.push(
    '',
    paint.bold('Options'),
    formatTable(['', ''], options.filter((each) => !each.secret).map(row), paint, 2),
  );
  const secrets = options.filter((each) => each.secret);
  if (secrets.length)
    lines.push(
      '',
      paint.bold('Secrets, only from the environment or the config file'),
      formatTable(['', ''], secrets.map(row), paint, 2),
    );
  lines.push(
    '',
    'Each option can also be set as TASTEGRAPH_NAME in the environment or as a key in tastegraph.config.json.',
  );
  return lines.join('\n');
}

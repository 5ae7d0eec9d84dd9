#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from 'citty';
import { errorTable, problemOf, TastegraphError } from '../errors.ts';
import { packageVersion } from '../package.ts';
import type { Run } from '../pipeline.ts';
import type { Command } from './command.ts';
import { commands } from './commands.ts';
import { renderHelp, renderOverview } from './help.ts';
import { hintFor } from './nearest.ts';
import { paintFor, shown } from './terminal.ts';
import type { Word } from './words.ts';

/** Exit code of a process that a signal ended: 128 and the signal's number. */
const signalExit = { SIGINT: 130, SIGTERM: 143 } as const;

const args = process.argv.slice(2);
const paint = paintFor(process.stdout);

/** Prints all that is still to be written, then ends: open sockets and workers of an interrupted run must not hold us. */
function end(code: number): void {
  process.stdout.write('', () => process.stderr.write('', () => process.exit(code)));
}

/** One line for a person on standard error; under --json also the last line of standard output. */
function fail(thrown: unknown): number {
  const error =
    thrown instanceof TastegraphError
      ? thrown
      : new TastegraphError('internal', { problem: problemOf(thrown) }, thrown);
  const { code, message, retryable, details } = error;
  if (code === 'internal' && thrown instanceof Error && process.env.TASTEGRAPH_LOG_LEVEL === 'debug')
    console.error(thrown.stack);
  process.stderr.write(`${paintFor(process.stderr).red('error')} ${code}: ${shown(message)}\n`);
  if (args.includes('--json'))
    process.stdout.write(`${JSON.stringify({ error: { code, message, retryable, details } })}\n`);
  return error.exitCode;
}

async function execute(command: Command, words: readonly Word[], rest: readonly string[]): Promise<number> {
  const [{ prepare }, { progressView }, { pino }] = await Promise.all([
    import('./command.ts'),
    import('./progress.ts'),
    import('pino'),
  ]);
  const prepared = await prepare(command, words, rest);
  const { json, quiet, logLevel } = prepared.options;
  const view = progressView(process.stderr, quiet);
  const stop = new AbortController();
  let stoppedBy: keyof typeof signalExit | undefined;
  const onSignal = (signal: keyof typeof signalExit): void => {
    if (stoppedBy) process.exit(signalExit[signal]);
    stoppedBy = signal;
    view.clear();
    if (!quiet) process.stderr.write('stopping; once more ends at once\n');
    stop.abort(new TastegraphError('training/interrupted'));
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  let exit = 0;
  let isAnswered = false;
  try {
    const run: Run = {
      report: view.report,
      signal: stop.signal,
      log: pino({ level: logLevel, base: null }, pino.destination({ dest: 2, sync: true })),
    };
    // A restore that was killed in the midst of its switch is finished before anything looks at the home.
    if (existsSync(join(prepared.options.home, 'restoring')))
      await (await import('../pipeline.ts')).finishRestore(prepared.options, run);
    const answer = await command.act(prepared.options as never, {
      words: prepared.words,
      settings: prepared.settings,
      run,
      paint,
      print: (text) => {
        if (json) return;
        view.clear();
        process.stdout.write(`${shown(text)}\n`);
      },
      announce: (early) => {
        isAnswered = true;
        if (json) process.stdout.write(`${JSON.stringify(early)}\n`);
      },
      exitWith: (code) => {
        exit = code;
      },
    });
    view.finish();
    if (json && answer && !isAnswered) process.stdout.write(`${JSON.stringify(answer)}\n`);
    return exit;
  } catch (thrown) {
    view.finish();
    if (stoppedBy) {
      const asked =
        thrown instanceof TastegraphError ? thrown : new TastegraphError('training/interrupted', {}, thrown);
      fail(asked);
      return signalExit[stoppedBy];
    }
    throw thrown;
  }
}

async function main(): Promise<number> {
  const [first] = args;
  if (first === undefined || first === '--help' || first === '-h' || first === 'help') {
    process.stdout.write(`${renderOverview(packageVersion, paint)}\n`);
    return first === undefined ? errorTable['options/missing'].exit : 0;
  }
  if (first === '--version' || first === '-v') {
    process.stdout.write(`${packageVersion}\n`);
    return 0;
  }
  const names = Object.keys(commands);
  if (!names.includes(first)) {
    throw new TastegraphError('options/unknown-command', {
      name: first,
      hint: hintFor(first, names),
      known: names.join(' '),
    });
  }
  let exit = 0;
  const subCommands = Object.fromEntries(
    Object.entries(commands).map(([name, entry]) => [
      name,
      async () => {
        const command = (await entry.load()).default;
        return {
          meta: { name, description: entry.summary },
          run: async ({ rawArgs }: { rawArgs: string[] }) => {
            const ended = rawArgs.indexOf('--');
            const flags = ended < 0 ? rawArgs : rawArgs.slice(0, ended);
            if (flags.includes('--help') || flags.includes('-h')) {
              const words = rawArgs.filter((arg) => !arg.startsWith('-')).slice(0, entry.words.length);
              process.stdout.write(`${renderHelp(name, entry, await command.schemaFor(words), paint)}\n`);
            } else {
              exit = await execute(command, entry.words, rawArgs);
            }
          },
        };
      },
    ]),
  );
  await runCommand({ meta: { name: 'tastegraph' }, subCommands }, { rawArgs: args });
  return exit;
}

// A reader that has seen enough (`| head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

main().then(end, (thrown: unknown) => end(fail(thrown)));

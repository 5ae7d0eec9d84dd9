/** Processes that are killed between two changes of the disk. They run what `npm run build` made. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';

/** What counts as a change, of `node:fs`. */
const changing = [
  'openSync',
  'writeSync',
  'writeFileSync',
  'fsyncSync',
  'renameSync',
  'linkSync',
  'mkdirSync',
  'unlinkSync',
  'rmSync',
];

export interface KilledRun {
  readonly signal: NodeJS.Signals | null;
  /** How many there were, where it came to the end. */
  readonly changes: number;
}

/**
 * Runs a module's text (top-level await; `given` is what it is given, `fs` the file system) in a process that kills itself, by SIGKILL,
 * right before its `moment`-th change of the disk, counted from 1; at 0 never. `built` is what the program imports.
 */
export async function killedAt(
  moment: number,
  program: string,
  given: Readonly<Record<string, string>> & { readonly built: string },
): Promise<KilledRun> {
  if (!existsSync(given.built)) throw new Error("Run 'npm run build' first");
  const whole = `
    import fs from 'node:fs';
    import { syncBuiltinESMExports } from 'node:module';
    const [moment, given] = process.argv.slice(1).map((text) => JSON.parse(text));
    let changes = 0;
    for (const name of ${JSON.stringify(changing)}) {
      const real = fs[name];
      fs[name] = (...all) => {
        if (++changes === moment) process.kill(process.pid, 'SIGKILL');
        return real(...all);
      };
    }
    syncBuiltinESMExports();
    ${program}
    console.log(changes);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', whole, `${moment}`, JSON.stringify(given)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout.on('data', (text) => {
    printed += text;
  });
  const [, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { signal, changes: Number(printed) };
}

import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { packageRoot } from '../../src/package.ts';

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The last line of standard output as JSON. */
  readonly json: () => Record<string, unknown>;
}

export const script = join(packageRoot, 'dist', 'cli', 'main.js');

/** Runs the built command line in a folder of its own, with none of our environment's options. */
export function start(
  args: readonly string[],
  options: { cwd: string; env?: NodeJS.ProcessEnv },
): { child: ChildProcess; done: Promise<Outcome> } {
  const clean = Object.entries(process.env).filter(([name]) => !/^(TASTEGRAPH_|NEO4J_)/.test(name));
  const child = spawn(process.execPath, [script, ...args], {
    cwd: options.cwd,
    env: { ...Object.fromEntries(clean), ...options.env },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const done = new Promise<Outcome>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      const json = () => JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, unknown>;
      resolve({ code, stdout, stderr, json });
    });
  });
  return { child, done };
}

export const tastegraph = (
  args: readonly string[],
  options: { cwd: string; env?: NodeJS.ProcessEnv },
): Promise<Outcome> => start(args, options).done;

/** Two tastes that do not mix: users of a group like the items of their group, and each leaves two of them out. */
export function plantedCsv({ groups = 2, users = 40, items = 12 } = {}): string {
  const lines = ['user,item,value,time'];
  for (let user = 0; user < users; user++) {
    const group = user % groups;
    for (let place = 0; place < items; place++) {
      if (place % (items / 2) === user % (items / 2)) continue;
      lines.push(`u${user},g${group}-i${place},5,${1_600_000_000 + user * 1000 + place}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

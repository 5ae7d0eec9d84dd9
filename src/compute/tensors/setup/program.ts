import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface ProgramOptions {
  readonly cwd?: string | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Receives each line of standard output and standard error. */
  readonly onLine?: (line: string) => void;
}

export interface ProgramEnd {
  readonly code: number | null;
  /** The last lines that it wrote, to either stream. */
  readonly tail: readonly string[];
  readonly stdout: string;
}

/** Runs a program to its end; undefined where there is none of that name. A signal ends it and is thrown. */
export async function runProgram(
  program: string,
  args: readonly string[],
  { cwd, env, signal, onLine }: ProgramOptions = {},
): Promise<ProgramEnd | undefined> {
  signal?.throwIfAborted();
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], ...(signal && { signal }) });
  const tail: string[] = [];
  let stdout = '';
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      if (stream === child.stdout) stdout += `${line}\n`;
      if (line.trim() !== '') tail.push(line.trim());
      if (tail.length > 20) tail.shift();
      onLine?.(line);
    });
  }
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    signal?.throwIfAborted();
    return { code, tail, stdout };
  } catch (thrown) {
    signal?.throwIfAborted();
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw thrown;
  }
}

/** The lines in which a program says why it failed, on one line: those that speak of an error, else its last. */
export function whyFailed({ code, tail }: ProgramEnd): string {
  const errors = tail.filter((line) => /error/i.test(line));
  return (errors.length ? errors : tail).slice(-2).join('; ') || `it ended with exit code ${code}`;
}

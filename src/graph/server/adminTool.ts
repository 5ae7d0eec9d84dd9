/** Runs the server's administration tool on the store of a home whose server does not run. */
import { spawn } from 'node:child_process';
import { dirname } from 'node:path';
import { adminTool, ownWord } from './ending.ts';
import { lastStart } from './home.ts';
import { environment, javaCommand, type Launch, serverMemory, writeSettings } from './launch.ts';

/** How a run failed. */
export interface ToolFailure {
  readonly code: number;
  readonly problem: string;
}

/**
 * Runs it with these words and tells the percents that it prints; answers how it failed, undefined where it did not.
 * Errors: the signal's reason.
 */
export async function runAdminTool(
  { home, installation, java, memory }: Omit<Launch, 'port'>,
  words: readonly string[],
  onPercent: (percent: number) => void,
  signal: AbortSignal | undefined,
): Promise<ToolFailure | undefined> {
  const sizes = serverMemory(memory);
  writeSettings(home, lastStart(home)?.port ?? 0, sizes, installation.version);
  const child = spawn(java.path, [...javaCommand(sizes.heap, installation, java), ownWord(home), adminTool, ...words], {
    cwd: home.folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...environment(), NEO4J_HOME: home.folder, NEO4J_CONF: dirname(home.settings) },
  });
  let last = '';
  const tell = percentsOf(onPercent);
  const read = (chunk: Buffer): void => {
    const text = chunk.toString();
    last = (last + text).slice(-2000);
    tell(text);
  };
  child.stdout.on('data', read);
  child.stderr.on('data', read);
  const kill = () => child.kill('SIGKILL');
  signal?.addEventListener('abort', kill);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  }).finally(() => signal?.removeEventListener('abort', kill));
  signal?.throwIfAborted();
  if (code === 0) return undefined;
  const lines = last.split('\n').filter((line) => line.trim() !== '');
  const problem = (lines.find((line) => /error|exception/i.test(line)) ?? lines.at(-1) ?? '').trim().slice(0, 300);
  return { code: code ?? -1, problem };
}

/** Takes the tool's output, chunk by chunk, and tells the percents of the whole: an import has stages, '(2/4)', each from 0 to 100 %. */
export function percentsOf(onPercent: (percent: number) => void): (text: string) => void {
  let [stage, stages] = [1, 1];
  let rest = '';
  return (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    for (const line of lines) {
      const [, begun, of] = /^\((\d+)\/(\d+)\) /.exec(line) ?? [];
      if (begun !== undefined) [stage, stages] = [Number(begun), Number(of)];
      const [, percent] = /(\d+)%/.exec(line) ?? [];
      if (percent !== undefined) onPercent((100 * (stage - 1) + Number(percent)) / stages);
    }
  };
}

/** The server as users start it, in processes of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { packageRoot } from '../../../src/package.ts';

export interface RunningServer {
  readonly url: string;
  /** Processes that answer. */
  readonly workers: readonly number[];
  /** Ends the n-th worker by SIGKILL; seconds until there are as many again that give figures. */
  kill(n: number): Promise<number>;
  stop(): Promise<void>;
}

export const script = join(packageRoot, 'dist', 'cli', 'main.js');

export async function startServer(home: string, args: readonly string[]): Promise<RunningServer> {
  const log = openSync(join(home, 'serve.log'), 'w');
  const child = spawn(process.execPath, [script, 'serve', '--home', home, '--port', '0', '--json', ...args], {
    stdio: ['ignore', 'pipe', log],
  });
  closeSync(log);
  const ended = once(child, 'close');
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout!.setEncoding('utf8').on('data', (text: string) => text.includes('"url"') && resolve(text));
    child.on('exit', () => reject(new Error(`the server did not start: see ${join(home, 'serve.log')}`)));
  });
  const { url, pid, workers = [pid] } = JSON.parse(line) as { url: string; pid: number; workers?: number[] };
  const answering = async (): Promise<number> => {
    const text = await fetch(`${url}/metrics`).then(
      (answer) => answer.text(),
      () => '',
    );
    return text.match(/^tastegraph_worker_resident_bytes\{/gm)?.length ?? 0;
  };
  return {
    url,
    workers,
    async kill(n) {
      const before = await answering();
      process.kill(workers[n] ?? workers[0]!, 'SIGKILL');
      const killed = performance.now();
      await sleep(100);
      while ((await answering()) < before) await sleep(100);
      return (performance.now() - killed) / 1000;
    },
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

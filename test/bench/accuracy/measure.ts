import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Figure } from '../../../src/models/figures.ts';

/** One training in a process of its own, of what is built in `root`. */
export async function measure(
  root: string,
  path: string,
  what: Pick<Figure, 'model' | 'data' | 'flags' | 'seed'>,
): Promise<Figure> {
  const home = mkdtempSync(join(tmpdir(), 'tastegraph-accuracy-'));
  const flags = what.flags.flatMap((flag) => flag.split(' '));
  const given = ['--data', path, ...flags, '--seed', String(what.seed), '--json', '--no-publish', '--home', home];
  try {
    const child = spawn(process.execPath, [join(root, 'dist/cli/main.js'), 'train', what.model, ...given], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const closed = once(child, 'close');
    let output = '';
    for await (const chunk of child.stdout) output += chunk;
    const [code, signal] = await closed;
    if (code !== 0) throw new Error(`training ${what.model} on ${what.data} ended with ${code ?? signal}`);
    const { epochs, seconds, peakMb, threads, options, ...metrics } = JSON.parse(output.trim().split('\n').at(-1)!);
    const [valid, test, popularity] = [metrics.valid, metrics.test, metrics.popularity].map(shownMetrics);
    return { ...what, epochs, seconds, peakMb, threads, valid: valid!, test: test!, popularity: popularity!, options };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

const shownMetrics = (metrics: Readonly<Record<string, number>>): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(metrics).filter(([name]) => /^(recall|ndcg)@/.test(name)));

/** A graph, snapshots, versions and quarantined lines with a user in all of them who is to be forgotten. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { openData } from '../../src/data/open.ts';
import type { Graph } from '../../src/graph/driver.ts';
import { ingest } from '../../src/graph/ingest.ts';
import { findModel } from '../../src/models/registry.ts';
import { commandOptions } from '../../src/options.ts';
import { type Run, train } from '../../src/pipeline.ts';
import { silent } from '../../src/progress.ts';
import { fileOptions, plant } from '../data/planted.ts';

/** Long, so that its bytes stand in no file by chance. */
export const leaving = 'wilhelmina-4711-forget-me';
export const staying = 'bartholomew-0815-keep-me';

export const run = (report: Run['report'] = silent): Run => ({
  report,
  signal: new AbortController().signal,
  log: pino({ level: 'silent' }),
});

const events = (): string => {
  const lines = ['user,item,value,time'];
  for (let user = 0; user < 30; user++) {
    const id = user === 0 ? leaving : user === 1 ? staying : `user-${user}`;
    for (let place = 0; place < 12; place++)
      if (place % 6 !== user % 6) lines.push(`${id},g${user % 2}-i${place},5,${1_600_000_000 + user * 1000 + place}`);
  }
  lines.push(
    `${leaving},i-of-a-bad-line,not a number,1600000000`,
    `${staying},i-of-a-bad-line,not a number,1600000000`,
  );
  return `${lines.join('\n')}\n`;
};

/** Files that name both users: interactions, two bad lines, user attributes, trust both ways. */
export const plantFiles = (): string =>
  plant({
    'events.csv': events(),
    'users.csv': `id,zip,age\n${leaving},only-theirs-98765,young\n${staying},others-12345,young\nuser-2,others-12345,old\n`,
    'social.csv': `user,trusted\n${leaving},${staying}\n${staying},${leaving}\nuser-2,${leaving}\nuser-2,user-3\n`,
  });

export const interactionsOfLeaving = 10;

export async function take(graph: Graph, home: string, folder: string) {
  const options = { userFile: join(folder, 'users.csv'), socialFile: join(folder, 'social.csv') };
  const source = await openData(join(folder, 'events.csv'), fileOptions(options));
  return await ingest(graph, source, { home, maxBadPercent: 50, restart: false }, silent);
}

export interface ForgetHome {
  readonly home: string;
  /** Trains a model on the graph and publishes it; its id. */
  train(
    model?: string,
    options?: Readonly<Record<string, unknown>>,
    onTrained?: () => Promise<unknown>,
  ): Promise<string>;
  remove(): void;
}

export function forgetHome(graph: Graph): ForgetHome {
  const home = mkdtempSync(join(tmpdir(), 'tastegraph-forget-'));
  return {
    home,
    async train(model = 'lightgcn', modelOptions = { dim: 8 }) {
      const options = commandOptions.train.parse({ home, epochs: 2, threads: 1, samplers: 0 });
      const { version } = await train(findModel(model), modelOptions, options, run(), { graph });
      return version!;
    },
    remove: () => rmSync(home, { recursive: true, force: true }),
  };
}

/** Files under a folder that hold a text, by path within it. */
export function filesWith(folder: string, text: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8', withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => readFileSync(path).includes(text))
    .map((path) => path.slice(folder.length + 1));
}

/**
 * Builds native TensorFlow for this machine: the library out of the wheels that PyPI serves, the addon of tfjs-node compiled
 * against it. Made aside, proved by a trained step in a process of its own, and only then put in its place.
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { TastegraphError } from '../../errors.ts';
import { withLock } from '../../lock.ts';
import { type Report, silent } from '../../progress.ts';
import { builtFolder, packageIn, wheels } from './builds.ts';
import { type Probe, probeTensorflow } from './probe.ts';
import { compileAddon, findCompiler, installSources } from './setup/addon.ts';
import { fetchWheels, findPython, unpackWheels } from './setup/wheels.ts';

export interface TensorflowSetup extends Probe {
  readonly folder: string;
  /** Whether it was there and worked already. */
  readonly wasThere: boolean;
  readonly seconds: number;
}

export interface SetupOptions {
  readonly gpu: boolean;
  readonly report?: Report | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Bytes that the wheels and what comes out of them take together, at the worst moment. */
const diskNeeded = { cpu: 1.6e9, gpu: 12e9 } as const;

/**
 * Builds TensorFlow where no working build is; one that works is left as it is. About a minute for the processor (270 MB are
 * fetched), several for a GPU (3 GB).
 * Errors: compute/setup-needs, compute/setup-failed, compute/setup-locked.
 */
export async function setUpTensorflow({ gpu, report = silent, signal }: SetupOptions): Promise<TensorflowSetup> {
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  const folder = builtFolder(gpu);
  const there = async () => {
    const probe = existsSync(folder) ? await probeTensorflow(packageIn(folder), gpu, signal) : undefined;
    return probe?.ok ? { ...probe.found, folder, wasThere: true, seconds: seconds() } : undefined;
  };
  const before = await there();
  if (before) return before;

  mkdirSync(dirname(folder), { recursive: true });
  const lock = `${folder}.lock`;
  const options = {
    patience: 30 * 60_000, // a whole set-up over a slow line
    signal,
    waiting: ({ pid }: { readonly pid: number }) =>
      report({ phase: `waiting for process ${pid}, which sets TensorFlow up`, done: 0, unit: 'steps' }),
    locked: (holder: { readonly pid: number; readonly since: string } | undefined) =>
      new TastegraphError('compute/setup-locked', { pid: holder?.pid ?? 0, since: holder?.since ?? '', lock }),
  };
  return await withLock(lock, options, async () => {
    removeLeftovers(folder);
    const meanwhile = await there();
    if (meanwhile) return meanwhile;
    const found = await build(folder, { gpu, report, signal });
    return { ...found, folder, wasThere: false, seconds: seconds() };
  });
}

/** What a set-up that was killed left behind; wheels that it fetched are kept. Only called by the holder of the lock. */
function removeLeftovers(folder: string): void {
  for (const name of readdirSync(dirname(folder))) {
    if (name.startsWith(`${basename(folder)}.build-`))
      rmSync(join(dirname(folder), name), { recursive: true, force: true });
  }
}

async function build(folder: string, { gpu, report = silent, signal }: SetupOptions): Promise<Probe> {
  const { python, platforms } = wheels();
  const wanted = platforms[`${gpu ? 'gpu' : 'cpu'}-${process.arch}`];
  if (!wanted || !isGlibc()) throw unsupported(gpu);
  // All that must be there is asked for before anything is fetched.
  await findPython(signal);
  await findCompiler(signal);
  const needed = diskNeeded[gpu ? 'gpu' : 'cpu'];
  const { bavail, bsize } = statfsSync(dirname(folder));
  if (bavail * bsize < needed) {
    const what = `${(needed / 1e9).toFixed(1)} GB of free space in ${dirname(folder)}`;
    throw new TastegraphError('compute/setup-needs', {
      what,
      todo: 'Make room, or set XDG_CACHE_HOME to another disk',
    });
  }

  const downloads = `${folder}.wheels`;
  const aside = mkdtempSync(`${folder}.build-`);
  const step = (phase: string) => report({ phase, done: 0, unit: 'steps' });
  try {
    const paths = await fetchWheels({ wheels: wanted, python, downloads, report, signal });
    step('installing the sources of its addon');
    await installSources(aside, signal);
    step('unpacking TensorFlow');
    await unpackWheels(paths, join(packageIn(aside), 'deps'), signal);
    step('compiling its addon');
    await compileAddon(aside, signal);
    step('proving it by a trained step');
    const probe = await probeTensorflow(packageIn(aside), gpu, signal);
    if (!probe.ok) {
      const todo = `What was fetched is kept in ${downloads}; deleting it fetches all anew`;
      throw new TastegraphError('compute/setup-failed', {
        step: 'proving it by a trained step',
        problem: probe.problem,
        todo,
      });
    }
    writeFileSync(join(aside, 'built.json'), `${JSON.stringify({ ...probe.found, at: new Date().toISOString() })}\n`);
    // A folder cannot be renamed over one that is not empty: a broken one goes away first.
    if (existsSync(folder)) renameSync(folder, join(aside, 'old'));
    renameSync(aside, folder);
    rmSync(join(folder, 'old'), { recursive: true, force: true });
    rmSync(downloads, { recursive: true, force: true });
    return probe.found;
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

/** Whether this Node runs on glibc, as TensorFlow's library does. */
function isGlibc(): boolean {
  if (process.platform !== 'linux' || !process.report) return false;
  Object.assign(process.report, { excludeNetwork: true }); // names of hosts are looked up otherwise
  const { header } = process.report.getReport() as unknown as {
    readonly header: { readonly glibcVersionRuntime?: string };
  };
  return header.glibcVersionRuntime !== undefined;
}

function unsupported(gpu: boolean): TastegraphError {
  return new TastegraphError('compute/setup-needs', {
    what: gpu ? 'Linux with glibc on x64' : 'Linux with glibc on x64 or arm64',
    todo: `Here, 'npm install @tensorflow/tfjs-node${gpu ? '-gpu' : ''}@4.22.0' may fetch a ready one; without, --device wasm works`,
  });
}

/** Fetches TensorFlow's library from the wheels that infra/tensorflow/wheels.json pins, with pip. */
import { mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256File } from '../../../durable.ts';
import { TastegraphError } from '../../../errors.ts';
import type { Report } from '../../../progress.ts';
import { recipe, type Wheel } from '../builds.ts';
import { runProgram, whyFailed } from './program.ts';

export interface WheelFetch {
  readonly wheels: readonly Wheel[];
  /** Version of the Python that the wheels are made for: '3.11'. */
  readonly python: string;
  /** Folder that keeps what was fetched, until the whole set-up is done: the next try goes on from there. */
  readonly downloads: string;
  readonly report: Report;
  readonly signal: AbortSignal | undefined;
}

/** A Python 3 that has pip. Errors: compute/setup-needs. */
export async function findPython(signal?: AbortSignal): Promise<string> {
  for (const python of [process.env.TASTEGRAPH_PYTHON, 'python3', 'python']) {
    if (python === undefined) continue;
    const end = await runProgram(python, ['-m', 'pip', '--version'], { signal });
    if (end?.code === 0 && /\(python 3/.test(end.stdout)) return python;
  }
  throw new TastegraphError('compute/setup-needs', {
    what: 'Python 3 with pip, which fetches the library',
    todo: 'Install it (Debian: apt-get install python3-pip), or name one in TASTEGRAPH_PYTHON',
  });
}

/** Paths of the wheels, each with the right checksum. Errors: compute/setup-needs, compute/setup-failed. */
export async function fetchWheels({
  wheels,
  python: version,
  downloads,
  report,
  signal,
}: WheelFetch): Promise<string[]> {
  const python = await findPython(signal);
  mkdirSync(downloads, { recursive: true });
  const paths: string[] = [];
  for (const [place, wheel] of wheels.entries()) {
    const phase = `fetching ${wheel.name} ${wheel.version}${wheels.length > 1 ? ` (${place + 1} of ${wheels.length})` : ''}`;
    const kept = join(downloads, `${wheel.name}-${wheel.version}.whl`);
    if (!(await hasChecksum(kept, wheel.sha256)))
      await fetchWheel({ python, version, wheel, kept, phase, report, signal });
    paths.push(kept);
  }
  return paths;
}

async function hasChecksum(path: string, sha256: string): Promise<boolean> {
  try {
    return (await sha256File(path)) === sha256;
  } catch {
    return false;
  }
}

interface OneWheel {
  readonly python: string;
  readonly version: string;
  readonly wheel: Wheel;
  readonly kept: string;
  readonly phase: string;
  readonly report: Report;
  readonly signal: AbortSignal | undefined;
}

async function fetchWheel({ python, version, wheel, kept, phase, report, signal }: OneWheel): Promise<void> {
  const aside = `${kept}.part`;
  rmSync(aside, { recursive: true, force: true });
  mkdirSync(join(aside, 'tmp'), { recursive: true });
  const requirements = join(aside, 'requirements.txt');
  writeFileSync(requirements, `${wheel.name}==${wheel.version} --hash=sha256:${wheel.sha256}\n`);
  // The wheel of one Python for all: named outright, whichever Python runs pip.
  const tags = ['--only-binary=:all:', '--python-version', version, '--implementation', 'cp'];
  tags.push('--abi', `cp${version.replace('.', '')}`, '--abi', 'none', ...platformTags());
  const words = [
    '-m',
    'pip',
    'download',
    '--no-deps',
    '--no-cache-dir',
    '--disable-pip-version-check',
    '--require-hashes',
  ];
  let total: number | undefined;
  report({ phase, done: 0, unit: 'bytes' });
  // pip draws no bar where nobody looks: the size of what it writes tells as much.
  const watch = setInterval(() => report({ phase, done: sizeOf(aside), ...(total && { total }), unit: 'bytes' }), 500);
  try {
    const end = await runProgram(python, [...words, ...tags, '-r', requirements, '-d', aside], {
      env: { ...process.env, TMPDIR: join(aside, 'tmp') },
      signal,
      onLine: (line) => {
        const size = /Downloading .*\(([\d.]+) ([kMG])B\)/.exec(line);
        if (size) total = Number(size[1]) * { k: 1e3, M: 1e6, G: 1e9 }[size[2] as 'k' | 'M' | 'G'];
      },
    });
    const found = readdirSync(aside).find((name) => name.endsWith('.whl'));
    if (end?.code !== 0 || !found || !(await hasChecksum(join(aside, found), wheel.sha256))) {
      throw new TastegraphError('compute/setup-failed', {
        step: phase,
        problem: end ? whyFailed(end) : `${python} is gone`,
        todo: 'Check the network, or name a mirror in PIP_INDEX_URL; what was fetched is kept',
      });
    }
    renameSync(join(aside, found), kept);
  } finally {
    clearInterval(watch);
    rmSync(aside, { recursive: true, force: true });
  }
}

/** Names that wheels for this processor go by: pip takes none that is not named. */
function platformTags(): string[] {
  const machine = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
  return ['manylinux_2_27', 'manylinux_2_17', 'manylinux2014'].flatMap((name) => ['--platform', `${name}_${machine}`]);
}

/** Bytes of all files below a folder that pip is writing to. */
function sizeOf(folder: string): number {
  let bytes = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    try {
      if (entry.isFile()) bytes += statSync(join(entry.parentPath, entry.name)).size;
    } catch {
      // Moved meanwhile.
    }
  }
  return bytes;
}

/** Takes the libraries and headers out of the wheels into `folder`. Errors: compute/setup-failed. */
export async function unpackWheels(paths: readonly string[], folder: string, signal?: AbortSignal): Promise<void> {
  const python = await findPython(signal);
  const end = await runProgram(python, [join(recipe, 'unpack.py'), folder, ...paths], { signal });
  if (end?.code !== 0) {
    throw new TastegraphError('compute/setup-failed', {
      step: 'unpacking TensorFlow',
      problem: end ? whyFailed(end) : `${python} is gone`,
      todo: `Make room in ${folder}`,
    });
  }
}

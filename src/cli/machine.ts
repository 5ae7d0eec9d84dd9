/** What of this machine the program needs, whether it is there, and the command that mends it. */
import { statfsSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { dirname, resolve } from 'node:path';
import { openKernels } from '../compute/open.ts';
import { bestVariant } from '../compute/pool.ts';
import { tensorflowBuilds } from '../compute/tensors/builds.ts';
import { probeTensorflow } from '../compute/tensors/probe.ts';
import { askForGpu, webgpuPackages } from '../compute/tensors/webgpu.ts';
import { problemOf } from '../errors.ts';
import { formatBytes } from './terminal.ts';

export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly found: string;
  readonly needed: string;
  /** What to do where it is not ok, or could be better. */
  readonly mend?: string;
}

const gib = 2 ** 30;
/** The database's heap and page cache, the kernels, Node itself. */
const leastMemory = 2 * gib;
/** The fetched Neo4j (123 MB), its store, snapshots and versions of a small data set. */
const leastDisk = 2 * gib;

function checkNode(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const ok = major > 20 || (major === 20 && minor >= 19);
  const needed = '20.19 or newer; 24 is the fastest';
  return {
    name: 'Node',
    ok,
    found: process.versions.node,
    needed,
    ...(!ok && { mend: 'nvm install 24, or https://nodejs.org' }),
  };
}

async function checkKernels(threads: number | undefined): Promise<Check> {
  const needed = 'WebAssembly with SIMD and threads';
  try {
    const kernels = openKernels({ threads });
    try {
      // Two queries against three rows whose nearest is known: the kernels do not only load, they compute.
      const rows = new Float32Array(3 * 8).map((_, at) => (at % 9 === 0 ? 1 : 0));
      const { ids } = kernels.topK(rows.slice(8, 24), kernels.packRows(rows, 8), 1);
      if (ids[0] !== 1 || ids[1] !== 2) throw new Error('a product came out wrong');
      const found = `WebAssembly, ${kernels.variant} SIMD, ${kernels.threads} threads`;
      const faster = bestVariant() === 'baseline' && {
        mend: 'Node 22 or newer, for kernels with fused multiply-add',
      };
      return { name: 'Tensor backend', ok: true, found, needed, ...faster };
    } finally {
      await kernels.close();
    }
  } catch (thrown) {
    return { name: 'Tensor backend', ok: false, found: problemOf(thrown), needed, mend: 'npm run build' };
  }
}

/** Native TensorFlow, which none needs; one that is there and does not work is an error, since `--device auto` would take it. */
async function checkTensorflow(): Promise<Check> {
  const name = 'TensorFlow';
  const needed = 'none; trains models with dense layers the fastest';
  const [build] = tensorflowBuilds();
  if (!build)
    return { name, ok: true, found: 'none', needed, mend: "'tastegraph setup tensorflow', with --gpu for CUDA" };
  const probe = await probeTensorflow(build.folder, build.gpu);
  const mend = build.origin === 'built' ? `'tastegraph setup tensorflow${build.gpu ? ' --gpu' : ''}'` : 'npm rebuild';
  if (!probe.ok) return { name, ok: false, found: `${probe.problem} (${build.folder})`, needed, mend };
  const { version, device } = probe.found;
  const how = build.origin === 'built' ? 'built by set-up' : 'installed with npm';
  const absent = build.gpu && device !== 'cuda' && { mend: "no GPU answers: see that 'nvidia-smi' lists it" };
  return { name, ok: true, found: `${version} on ${device}, ${how}`, needed, ...absent };
}

async function checkWebgpu(): Promise<Check> {
  const answer = await askForGpu();
  const about = { name: 'WebGPU', ok: true, needed: 'none; a GPU of any vendor' };
  if (answer.ok) return { ...about, found: `${answer.name}${answer.isSoftware ? ', in software' : ''}` };
  if (answer.arePackagesHere) return { ...about, found: answer.problem };
  return { ...about, found: 'none', mend: `npm install ${webgpuPackages}` };
}

function checkDisk(home: string): Check {
  let folder = resolve(home);
  for (;;) {
    try {
      const { bavail, bsize } = statfsSync(folder);
      const free = bavail * bsize;
      const ok = free >= leastDisk;
      return {
        name: 'Disk',
        ok,
        found: `${formatBytes(free)} free in ${folder}`,
        needed: formatBytes(leastDisk),
        ...(!ok && { mend: 'make room, or choose another folder with --home' }),
      };
    } catch (thrown) {
      // The home is made when it is first needed: until then its parent's disk counts.
      if (dirname(folder) === folder)
        return { name: 'Disk', ok: false, found: problemOf(thrown), needed: formatBytes(leastDisk) };
      folder = dirname(folder);
    }
  }
}

/** Checks all that does not concern the database. */
export async function checkMachine({
  home,
  threads,
}: {
  readonly home: string;
  readonly threads?: number;
}): Promise<readonly Check[]> {
  const memory = Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);
  const cores = availableParallelism();
  return [
    checkNode(),
    await checkKernels(threads),
    await checkTensorflow(),
    await checkWebgpu(),
    {
      name: 'Cores',
      ok: true,
      found: `${cores} (${cpus()[0]?.model.trim() ?? 'unknown'})`,
      needed: '1 or more; threads scale with them',
    },
    {
      name: 'Memory',
      ok: memory >= leastMemory,
      found: formatBytes(memory),
      needed: formatBytes(leastMemory),
      ...(memory < leastMemory && { mend: 'use a machine with more, or another Neo4j server (NEO4J_URI)' }),
    },
    checkDisk(home),
  ];
}

/**
 * Runs one benchmark: `npm run bench -- NAME [--json] [arguments]`; without a name it lists them.
 *
 * The benchmarks import from src/, yet what is measured is dist/, as users run it: they are compiled into a folder whose `src`
 * is a link to dist.
 */
import { execFile, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = join(root, 'test', 'bench');
const cache = join(root, 'node_modules', '.cache', 'tastegraph', 'bench');
const args = process.argv.slice(2);
const isJson = args.includes('--json');
const [name, ...rest] = args.filter((arg) => arg !== '--json');

const names = readdirSync(folder)
  .filter((file) => file.endsWith('.bench.ts'))
  .map((file) => file.slice(0, -'.bench.ts'.length))
  .sort();
if (name === undefined) {
  console.log(
    names.length ? `Benchmarks: ${names.join(', ')}. Run one with: npm run bench -- NAME` : 'There are no benchmarks',
  );
  process.exit(0);
}
if (!names.includes(name)) {
  console.error(`No benchmark '${name}'. There are: ${names.join(', ') || 'none'}`);
  process.exit(2);
}

/** Compiles the tests' folder and puts dist/ in the place of src/. */
function compile() {
  const out = join(cache, String(process.pid));
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const config = join(out, 'tsconfig.json');
  writeFileSync(
    config,
    JSON.stringify({
      extends: join(root, 'tsconfig.json'),
      compilerOptions: {
        noEmit: false,
        noCheck: true,
        rootDir: root,
        outDir: join(out, 'emitted'),
        typeRoots: [join(root, 'node_modules/@types')],
      },
      include: [join(folder, `${name}.bench.ts`)],
      exclude: [],
    }),
  );
  const tsc = spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', config], {
    encoding: 'utf8',
  });
  if (tsc.status !== 0) throw new Error(`tsc failed\n${tsc.stdout}${tsc.stderr}`);
  cpSync(join(out, 'emitted', 'test'), join(out, 'test'), { recursive: true });
  symlinkSync(join(root, 'dist'), join(out, 'src'), 'junction');
  return { out, module: join(out, 'test', 'bench', `${name}.bench.js`) };
}

const probe = 'import sys, torch; print(".".join(map(str, sys.version_info[:3])), torch.__version__)';

/** The Python that is named, or python3, if it has torch. */
function findPeer() {
  for (const python of [process.env.TASTEGRAPH_PYTHON, 'python3'].filter(Boolean)) {
    const found = spawnSync(python, ['-c', probe], { encoding: 'utf8' });
    if (found.status !== 0) continue;
    const [pythonVersion, torchVersion] = found.stdout.trim().split(' ');
    return { python, pythonVersion, torchVersion };
  }
  return undefined;
}

const peer = findPeer();
const data = join(root, '..', 'shared', 'data');
const { out, module } = compile();
try {
  const { bestVariant } = await import(pathToFileURL(join(root, 'dist', 'compute', 'pool.js')).href);
  const { formatTable, paintFor } = await import(pathToFileURL(join(root, 'dist', 'cli', 'terminal.js')).href);
  const machine = {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    kernels: bestVariant(),
    peer: peer ? `Python ${peer.pythonVersion} with torch ${peer.torchVersion}` : 'absent',
  };
  console.error(
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB; Node ${machine.node}, ${machine.kernels} kernels; ` +
      (peer
        ? `compared with ${machine.peer}`
        : 'no Python with torch here (set TASTEGRAPH_PYTHON): it is compared with nothing that needs torch'),
  );
  const { default: bench } = await import(pathToFileURL(module).href);
  const table = await bench({
    folder,
    data: existsSync(data) ? data : undefined,
    peer,
    args: rest,
    log: (line) => console.error(line),
    // What needs no torch may run on a Python without it.
    runPeer: async (file, more) => {
      const python = process.env.TASTEGRAPH_PYTHON ?? peer?.python ?? 'python3';
      const { stdout } = await promisify(execFile)(python, [join(folder, file), ...more], { maxBuffer: 1 << 26 });
      return JSON.parse(stdout.trim().split('\n').at(-1));
    },
  });
  if (isJson) console.log(JSON.stringify({ name, machine, ...table }));
  else {
    const paint = paintFor(process.stdout);
    console.log(`\n${paint.bold(table.title)}\n\n${formatTable(table.columns, table.rows, paint)}\n`);
    for (const note of table.notes) console.log(paint.dim(note));
  }
} finally {
  rmSync(out, { recursive: true, force: true });
}

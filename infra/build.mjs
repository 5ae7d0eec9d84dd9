/**
 * Builds dist/: the WebAssembly kernels (AssemblyScript), the program (TypeScript), the console (vite) and the gradients of
 * TensorFlow.js, which it ships in a form that Node cannot import.
 *
 * A hash of what goes in decides whether anything must be done, so an unchanged tree costs a fraction of a second. The
 * compilers write aside and each file is then renamed into place, so a program that runs from dist/ never meets half a
 * file; a lock keeps two builds apart. Types are not checked here, only stripped: `npm run check` and `npm test` judge them.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const cache = join(root, 'node_modules', '.cache', 'tastegraph');

/** Flags of the AssemblyScript compiler for both modules. Memory is made by the host and shared between threads. */
const kernelFlags = [
  '-O3',
  '--noAssert',
  '--converge',
  '--uncheckedBehavior',
  'always',
  '--runtime',
  'stub',
  '--importMemory',
  '--noExportMemory',
  '--initialMemory',
  '1',
  '--maximumMemory',
  '65536',
  '--sharedMemory',
];
/** What each module may use; the program takes the relaxed one where the engine validates it. */
const kernelModules = {
  baseline: ['--enable', 'simd', '--enable', 'threads', '--enable', 'bulk-memory'],
  relaxed: [
    '--enable',
    'simd',
    '--enable',
    'threads',
    '--enable',
    'bulk-memory',
    '--enable',
    'relaxed-simd',
    '--use',
    'RELAXED=1',
  ],
};

/** Every file below a folder, as paths relative to the root, in a fixed order. */
function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();
}

function hashOf(files, ...more) {
  const hash = createHash('sha256').update(JSON.stringify(more));
  for (const file of files) hash.update(`\0${file}\0`).update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

const installed = (name) => JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')).version;
const inKernels = (file) => /^src[\\/]compute[\\/]kernels[\\/]/.test(file);
const inConsole = (file) => /^src[\\/]api[\\/]console[\\/]/.test(file);

function readStamp(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return {};
  }
}

/** Runs a Node program of node_modules and shows its output only where it fails. */
async function compile(what, script, args) {
  const child = spawn(process.execPath, [join(root, 'node_modules', script), ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (code !== 0) throw new Error(`${what} failed with exit code ${code}\n${output.trim()}`);
}

/** Renames every file of `from` over its place in `to` and removes what `from` does not have, except what `keep` names. */
function replaceTree(from, to, keep) {
  const fresh = new Set();
  for (const entry of readdirSync(from, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = relative(from, join(entry.parentPath, entry.name));
    fresh.add(path);
    mkdirSync(dirname(join(to, path)), { recursive: true });
    renameSync(join(from, path), join(to, path));
  }
  for (const entry of readdirSync(to, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = relative(to, join(entry.parentPath, entry.name));
    if (!fresh.has(path) && !keep(path)) unlinkSync(join(to, path));
  }
}

/** Holds the build lock while `work` runs. A lock of a process that is gone is taken over. */
async function locked(work) {
  mkdirSync(cache, { recursive: true });
  const lock = join(cache, 'build.lock');
  for (let waited = false; ; ) {
    try {
      const file = openSync(lock, 'wx');
      writeSync(file, String(process.pid));
      closeSync(file);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (isStale(lock)) {
      rmSync(lock, { force: true });
      continue;
    }
    if (!waited) console.error(`build: another build is at work, waiting for it`);
    waited = true;
    await sleep(100);
  }
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** Its process is gone, or it was never written to because its process ended first. */
function isStale(lock) {
  try {
    const pid = Number(readFileSync(lock, 'utf8'));
    if (pid === 0) return Date.now() - statSync(lock).mtimeMs > 10_000;
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}

async function buildKernels(aside, say) {
  const entry = join('src', 'compute', 'kernels', 'index.ts');
  if (!existsSync(join(root, entry))) {
    say('no kernels yet: src/compute/kernels/index.ts is not there');
    return;
  }
  mkdirSync(join(dist, 'kernels'), { recursive: true });
  await Promise.all(
    Object.entries(kernelModules).map(async ([name, flags]) => {
      const out = join(aside, `${name}.wasm`);
      const args = [entry, ...kernelFlags, ...flags, '--outFile', relative(root, out)];
      await compile(`kernels (${name})`, 'assemblyscript/bin/asc.js', args);
      renameSync(out, join(dist, 'kernels', `${name}.wasm`));
    }),
  );
}

async function buildProgram(aside) {
  const out = join(aside, 'program');
  await compile('tsc', 'typescript/bin/tsc', ['-p', 'tsconfig.build.json', '--outDir', out]);
  // Whatever else lies in src (pages, styles) travels along.
  for (const file of filesBelow(join(root, 'src'))) {
    if (file.endsWith('.ts') || inKernels(file) || inConsole(file)) continue;
    const to = join(out, relative('src', file));
    mkdirSync(dirname(to), { recursive: true });
    writeFileSync(to, readFileSync(join(root, file)));
  }
  const command = join(out, 'cli', 'main.js');
  if (existsSync(command)) chmodSync(command, 0o755);
  mkdirSync(dist, { recursive: true });
  replaceTree(out, dist, (path) => /^(kernels|console)[\\/]|^\./.test(path));
}

const gradientsOf = '@tensorflow/tfjs-core/dist/register_all_gradients.js';

/**
 * One file that registers the gradients of all TensorFlow.js operations. It holds a second copy of the functions that gradients
 * are made of; the engine and the registries are global to the process, so both copies work on the same ones.
 */
async function buildGradients(aside) {
  const { rolldown } = await import('rolldown');
  const bundle = await rolldown({ input: gradientsOf, cwd: root, platform: 'node' });
  const version = installed('@tensorflow/tfjs-core');
  const banner = `// Gradients of TensorFlow.js ${version}. Copyright Google LLC. Apache-2.0, see node_modules/@tensorflow/tfjs-core.`;
  await bundle.write({ file: join(aside, 'gradients.js'), format: 'esm', minify: true, postBanner: banner });
  await bundle.close();
  mkdirSync(join(dist, 'kernels'), { recursive: true });
  renameSync(join(aside, 'gradients.js'), join(dist, 'kernels', 'gradients.js'));
}

/** What of node_modules the console is made with and of. */
const consoleParts = ['vite', 'preact', 'uplot', 'graphology', 'graphology-layout-forceatlas2', 'sigma'];

/** The pages of the console, as files that a browser loads. Names hold a hash of the content, so they may be kept for ever. */
async function buildConsole(aside) {
  const { build: bundle } = await import('vite');
  const out = join(aside, 'console');
  await bundle({
    configFile: false,
    envFile: false,
    root: join(root, 'src', 'api', 'console'),
    base: './', // it works behind a proxy that adds a prefix
    logLevel: 'error',
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: {
      outDir: out,
      emptyOutDir: true,
      target: 'es2022',
      assetsInlineLimit: 0, // the policy of the page allows no code and no styles from data
      modulePreload: { polyfill: false },
      rolldownOptions: {
        input: ['index.html', 'embed.tsx'].map((name) => join(root, 'src', 'api', 'console', name)),
        // Others name the element in their pages: it keeps its name, and what it loads is named by content.
        output: { entryFileNames: ({ name }) => (name === 'embed' ? '[name].js' : 'assets/[name]-[hash].js') },
      },
      reportCompressedSize: false,
    },
  });
  mkdirSync(join(dist, 'console'), { recursive: true });
  replaceTree(out, join(dist, 'console'), () => false);
}

/** Brings dist/ up to date. `say` receives one line for each thing done. */
export async function build(say = (line) => console.error(`build: ${line}`)) {
  const stampFile = join(dist, '.build.json');
  const wanted = () => {
    const self = readFileSync(fileURLToPath(import.meta.url));
    const sources = filesBelow(join(root, 'src'));
    return {
      kernels: hashOf(sources.filter(inKernels), installed('assemblyscript'), String(self)),
      program: hashOf(
        [...sources.filter((file) => !inKernels(file) && !inConsole(file)), 'tsconfig.json', 'tsconfig.build.json'],
        installed('typescript'),
        String(self),
      ),
      console: hashOf(
        [...sources.filter(inConsole), join('src', 'client.ts')],
        consoleParts.map(installed),
        String(self),
      ),
      gradients: hashOf([], installed('@tensorflow/tfjs-core'), installed('rolldown'), String(self)),
    };
  };
  const isCurrent = (want) => {
    const have = readStamp(stampFile);
    const kernelsThere =
      !existsSync(join(root, 'src/compute/kernels/index.ts')) ||
      Object.keys(kernelModules).every((name) => existsSync(join(dist, 'kernels', `${name}.wasm`)));
    return {
      kernels: have.kernels === want.kernels && kernelsThere,
      program: have.program === want.program && existsSync(join(dist, 'package.js')),
      console: have.console === want.console && existsSync(join(dist, 'console', 'index.html')),
      gradients: have.gradients === want.gradients && existsSync(join(dist, 'kernels', 'gradients.js')),
    };
  };
  const first = isCurrent(wanted());
  if (Object.values(first).every(Boolean)) return;
  await locked(async () => {
    const want = wanted();
    const current = isCurrent(want); // another build may have done it while we waited
    const aside = join(cache, `build-${process.pid}`);
    mkdirSync(aside, { recursive: true });
    try {
      const timed = async (name, work) => {
        const start = Date.now();
        await work();
        say(`${name} built in ${((Date.now() - start) / 1000).toFixed(1)} s`);
      };
      await Promise.all([
        current.kernels || timed('kernels', () => buildKernels(aside, say)),
        current.program || timed('program', () => buildProgram(aside)),
        current.console || timed('console', () => buildConsole(aside)),
        current.gradients || timed('gradients', () => buildGradients(aside)),
      ]);
      writeFileSync(join(aside, 'stamp'), JSON.stringify(want));
      renameSync(join(aside, 'stamp'), stampFile);
    } finally {
      rmSync(aside, { recursive: true, force: true });
    }
  });
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    await build();
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}

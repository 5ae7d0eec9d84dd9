/** Installs the sources of tfjs-node's addon with npm and compiles them against TensorFlow's library. */
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { TastegraphError } from '../../../errors.ts';
import { packageIn, recipe } from '../builds.ts';
import { runProgram, whyFailed } from './program.ts';

/** npm as a Node script beside Node itself, or whatever goes by that name. */
function npm(): { readonly program: string; readonly words: readonly string[] } {
  const beside = join(dirname(process.execPath), '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js');
  const script = process.env.npm_execpath;
  for (const path of [script, beside]) {
    if (path?.endsWith('npm-cli.js') && existsSync(path)) return { program: process.execPath, words: [path] };
  }
  return { program: 'npm', words: [] };
}

/** What an npm that runs us says of its own project must not reach the one that we run; registries and proxies must. */
function npmEnvironment(): NodeJS.ProcessEnv {
  const ofAProject =
    /^npm_(package|lifecycle|command|node_execpath|config_(local_prefix|prefix|global_prefix|package|call))/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ofAProject.test(name)));
}

/**
 * Fills `folder` with the packages of infra/tensorflow, by their lock file's checksums. No script of theirs runs.
 * Errors: compute/setup-needs, compute/setup-failed.
 */
export async function installSources(folder: string, signal?: AbortSignal): Promise<void> {
  for (const name of ['package.json', 'package-lock.json']) copyFileSync(join(recipe, name), join(folder, name));
  const { program, words } = npm();
  const args = [...words, 'ci', '--ignore-scripts', '--omit=dev', '--no-audit', '--no-fund', '--loglevel', 'error'];
  const end = await runProgram(program, args, { cwd: folder, env: npmEnvironment(), signal });
  if (!end) {
    throw new TastegraphError('compute/setup-needs', {
      what: 'npm',
      todo: 'Install it beside Node, or put it on the path',
    });
  }
  if (end.code !== 0) {
    throw new TastegraphError('compute/setup-failed', {
      step: 'installing the sources of its addon',
      problem: whyFailed(end),
      todo: 'Check the network and the registry that npm is set to',
    });
  }
}

/** A C++ compiler: CXX, or the first of the usual names. Errors: compute/setup-needs. */
export async function findCompiler(signal?: AbortSignal): Promise<string> {
  for (const compiler of [process.env.CXX, 'g++', 'clang++', 'c++']) {
    if (!compiler) continue;
    const end = await runProgram(compiler, ['--version'], { signal });
    if (end?.code === 0) return compiler;
  }
  throw new TastegraphError('compute/setup-needs', {
    what: 'a C++ compiler',
    todo: 'Install one (Debian: apt-get install g++), or name it in CXX',
  });
}

/**
 * Compiles the addon in a folder that `installSources` filled and whose package holds `deps/`. About 10 s.
 *
 * The compiler is called directly: three source files need no build system, and node-gyp would fetch Node's headers from a
 * host of its own. N-API's headers come from npm; with N-API 8 the addon loads in every Node that we run on.
 * Errors: compute/setup-needs, compute/setup-failed.
 */
export async function compileAddon(folder: string, signal?: AbortSignal): Promise<void> {
  const compiler = await findCompiler(signal);
  const cwd = packageIn(folder);
  mkdirSync(join(cwd, 'lib', 'napi-v8'), { recursive: true });
  const args = [
    ...['-shared', '-fPIC', '-O2', '-std=c++17', '-DNAPI_VERSION=8'],
    ...['-I', join(folder, 'node_modules', 'node-api-headers', 'include'), '-I', join('deps', 'include')],
    ...[join('binding', 'tfjs_backend.cc'), join('binding', 'tfjs_binding.cc'), join(recipe, 'allocation.cc')],
    ...['-L', join('deps', 'lib'), '-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2'],
    // Found relative to the addon, so that the folder can be moved into its place when all is done.
    ...['-Wl,-rpath,$ORIGIN/../../deps/lib', '-o', join('lib', 'napi-v8', 'tfjs_binding.node')],
  ];
  const end = await runProgram(compiler, args, { cwd, signal });
  if (end?.code !== 0) {
    throw new TastegraphError('compute/setup-failed', {
      step: 'compiling its addon',
      problem: end ? whyFailed(end) : `${compiler} is gone`,
      todo: `${compiler} must understand C++17; name another in CXX`,
    });
  }
}

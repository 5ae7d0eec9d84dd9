/**
 * Makes a bare clone ready, then does what was asked: `node infra/setup.mjs [demo|test|bench|docs] [arguments]`.
 *
 * Needs nothing but Node. Everything is skipped that is done already, so a second run starts in under a second. Each step
 * says what it does and how long it took, on standard error; standard output belongs to what was asked for.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const [leastMajor, leastMinor] = [20, 19];

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < leastMajor || (major === leastMajor && minor < leastMinor)) {
  console.error(
    `Node ${leastMajor}.${leastMinor} or newer is needed (24 is recommended); this is Node ${process.versions.node} at ${process.execPath}. ` +
      'Install one from https://nodejs.org, or with your version manager: nvm install 24',
  );
  process.exit(1);
}

const say = (line) => console.error(`set-up: ${line}`);
const since = (start) => `${((Date.now() - start) / 1000).toFixed(1)} s`;

// Ctrl-C reaches the child through the terminal; its exit code then becomes ours.
process.on('SIGINT', () => {});

/** Runs a program with our standard streams and resolves to its exit code. Signals sent to us go on to it. */
function run(file, args, env = {}) {
  const child = spawn(file, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } });
  const pass = () => child.kill('SIGTERM');
  process.on('SIGTERM', pass);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      process.off('SIGTERM', pass);
      resolve(code ?? (signal === 'SIGINT' ? 130 : 1));
    });
  });
}

/** Runs one step; where it fails, the process ends with its exit code. */
async function step(name, file, args) {
  const start = Date.now();
  say(`${name} …`);
  const code = await run(file, args);
  if (code !== 0) {
    say(`${name} failed with exit code ${code} after ${since(start)}`);
    process.exit(code);
  }
  say(`${name}: done in ${since(start)}`);
}

/** npm as a Node script, so that no shell is needed on any system; `npm` on the path where npm did not start us. */
function npm(args) {
  const script = process.env.npm_execpath;
  return script?.endsWith('.js')
    ? [process.execPath, [script, ...args]]
    : [process.platform === 'win32' ? 'npm.cmd' : 'npm', args];
}

/** Whether node_modules holds what the lock file names, by npm's own record of what it installed. */
function isInstalled() {
  const record = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const present = JSON.parse(readFileSync(record, 'utf8')).packages;
  return Object.entries(wanted).every(
    ([path, { version, optional }]) =>
      path === '' || present[path]?.version === version || (optional && !present[path]),
  );
}

async function install() {
  if (isInstalled()) return;
  await step('installing packages (npm ci)', ...npm(['ci', '--no-audit', '--no-fund', '--loglevel', 'error']));
}

const tool = (script) => join(root, 'node_modules', ...script.split('/'));

const start = Date.now();
await install();
const { build } = await import('./build.mjs');
try {
  await build(say);
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
say(`ready after ${since(start)}`);

const [task, ...args] = process.argv.slice(2);
switch (task) {
  case undefined:
    break;
  case 'demo':
    process.exitCode = await run(process.execPath, [join(root, 'dist', 'cli', 'main.js'), 'demo', ...args]);
    break;
  case 'test':
    await step('style (biome)', process.execPath, [tool('@biomejs/biome/bin/biome'), 'check', '.']);
    await step('types (tsc)', process.execPath, [tool('typescript/bin/tsc'), '--noEmit']);
    await step('types of the console (tsc)', process.execPath, [tool('typescript/bin/tsc'), '-p', 'src/api/console']);
    await step('tests (vitest)', process.execPath, [tool('vitest/vitest.mjs'), 'run', ...args]);
    break;
  case 'bench':
    process.exitCode = await run(process.execPath, [join(root, 'test', 'bench', 'run.mjs'), ...args]);
    break;
  case 'docs':
    process.exitCode = await run(process.execPath, [join(root, 'infra', 'docs.mjs'), ...args]);
    break;
  default:
    console.error(`There is no task '${task}'. There are: demo, test, bench, docs`);
    process.exitCode = 2;
}

/** Starting the server's process. */
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { replaceFile } from '../../durable.ts';
import type { Neo4jOptions } from '../../options.ts';
import { processStart } from '../../processes.ts';
import type { Java } from '../java.ts';
import { type ServerHome, type ServerState, writeState } from './home.ts';
import type { Installation } from './installation.ts';

export type MemoryOptions = Pick<Neo4jOptions, 'heapMb' | 'pageCacheMb'>;

/** Heap and page cache in MiB: a sixth of the memory each, within bounds, where not given. */
export function serverMemory(options: MemoryOptions): { readonly heap: number; readonly pageCache: number } {
  // What a container may use, where it is less than what the machine has.
  const constrained = process.constrainedMemory();
  const bytes = constrained > 0 ? Math.min(totalmem(), constrained) : totalmem();
  const sixth = Math.floor(bytes / 6 / 2 ** 20);
  return {
    heap: options.heapMb ?? Math.min(4096, Math.max(512, sixth)),
    pageCache: options.pageCacheMb ?? Math.min(8192, Math.max(256, sixth)),
  };
}

export function writeSettings(
  home: ServerHome,
  port: number,
  { heap, pageCache }: ReturnType<typeof serverMemory>,
  version: string,
): void {
  const lines = [
    `# Neo4j ${version}: written anew at each start.`,
    // This machine only, and Bolt only.
    'server.default_listen_address=127.0.0.1',
    `server.bolt.listen_address=127.0.0.1:${port}`,
    `server.bolt.advertised_address=127.0.0.1:${port}`,
    'server.http.enabled=false',
    'server.https.enabled=false',
    `server.memory.pagecache.size=${pageCache}m`,
    // One statement that asks for too much fails alone, in place of the whole server.
    `db.memory.transaction.max=${Math.floor(heap / 2)}m`,
    'dbms.usage_report.enabled=false',
    // Queries carry people's ids: they are not logged. Files and URLs are not for LOAD CSV to read.
    'db.logs.query.enabled=OFF',
    'dbms.security.allow_csv_import_from_file_urls=false',
    // The default keeps two days of transactions, for backups that a community server cannot make: 5 GB after a bulk ingest.
    'db.tx_log.rotation.retention_policy=256M size',
    // 256 MiB for each of two databases before anything is in them, and slower to start.
    'db.tx_log.preallocate=false',
  ];
  // Stopping waits twice 5 s for clients to go quiet, long after the databases have closed. The setting is internal, so it is
  // given only to the release that it was tried with.
  if (version.startsWith('5.')) lines.push('internal.dbms.bolt.netty_server_shutdown_quiet_period=0');
  mkdirSync(dirname(home.settings), { recursive: true });
  replaceFile(home.settings, `${lines.join('\n')}\n`);
}

/**
 * An archive of the classes that a start loads, which then takes little more than half the time. Java makes one as a process ends, and
 * passes over one that is not of its own version, of these jars, or whole. It is empty where none could be made.
 */
export const classArchive = ({ library }: Installation, { version }: Java): string =>
  join(library, `classes-${version}.jsa`);

const hasFewCores = (): boolean => availableParallelism() <= 4;

/** Up to the main class: the flags of Neo4j's own start script that it counts on, and what makes it start sooner. */
export function javaCommand(
  heap: number,
  installation: Installation,
  java: Java,
  archiveTo?: string,
): readonly string[] {
  const archive = classArchive(installation, java);
  const hasArchive = (statSync(archive, { throwIfNoEntry: false })?.size ?? 0) > 0;
  const opened = ['java.nio', 'java.io', 'sun.nio.ch', 'java.util.concurrent'];
  return [
    `-Xms${Math.min(heap, 512)}m`,
    `-Xmx${heap}m`,
    // On few cores the parallel collector starts sooner and loads faster than G1, whose threads compete with the queries'.
    hasFewCores() ? '-XX:+UseParallelGC' : '-XX:+UseG1GC',
    '-XX:-OmitStackTraceInFastThrow',
    '-XX:+DisableExplicitGC',
    '-XX:+ExitOnOutOfMemoryError',
    '-Djava.awt.headless=true',
    '-Dfile.encoding=UTF-8',
    '-Dio.netty.tryReflectionSetAccessible=true',
    '-Dlog4j2.disable.jmx=true',
    ...opened.map((name) => `--add-opens=java.base/${name}=ALL-UNNAMED`),
    ...(archiveTo ? [`-XX:ArchiveClassesAtExit=${archiveTo}`] : hasArchive ? [`-XX:SharedArchiveFile=${archive}`] : []),
    '-cp',
    join(installation.library, '*'),
  ];
}

/**
 * What Java's second compiler is to leave to its first: the making of a query's plan. Plans are kept, so that speed there is worth
 * little, and on few cores a server that has just started would spend a fifth of its time on it.
 */
const planning = [
  'ast',
  'compiler',
  'expressions',
  'frontend',
  'ir',
  'logical',
  'parser',
  'planner',
  'planning',
  'rewriting',
  'util',
];

/**
 * When Java's second compiler is to begin with anything else: at twenty times the calls that it waits for by itself. What is called
 * often, is so within seconds all the same; a start, and the first plans, cost a fifth to a quarter less processor time.
 */
const secondCompiler = {
  Tier4InvocationThreshold: 100_000,
  Tier4MinInvocationThreshold: 12_000,
  Tier4CompileThreshold: 300_000,
  Tier4BackEdgeThreshold: 800_000,
};

/** Flags that hold the second compiler back, on few cores. */
function compilerFlags({ settings }: ServerHome): readonly string[] {
  if (!hasFewCores()) return [];
  const file = join(dirname(settings), 'compiler.json');
  const match = [...planning.map((name) => `org/neo4j/cypher/internal/${name}*.*`), 'org/antlr*.*'];
  replaceFile(file, JSON.stringify([{ match, c2: { Exclude: true } }]));
  const thresholds = Object.entries(secondCompiler).map(([name, calls]) => `-XX:${name}=${calls}`);
  return ['-XX:+UnlockDiagnosticVMOptions', `-XX:CompilerDirectivesFile=${file}`, ...thresholds];
}

/** Releases that are named by year, from 2025.01 on, have another one. */
const mainClass = ({ version }: Installation): string =>
  `org.neo4j.server.${version.startsWith('5.') ? 'CommunityEntryPoint' : 'Neo4jCommunity'}`;

export interface Launch {
  readonly home: ServerHome;
  readonly installation: Installation;
  readonly java: Java;
  readonly port: number;
  readonly memory: MemoryOptions;
  /** Where it is to leave an archive of its classes as it ends. */
  readonly archiveTo?: string;
}

/**
 * Starts the process and writes its state. It leads its own process group, so that neither the end of this process nor a
 * Ctrl-C in its terminal ends it. Its settings are written first: a stray process is known by them.
 */
export async function launch({ home, installation, java, port, memory, archiveTo }: Launch): Promise<ServerState> {
  const sizes = serverMemory(memory);
  mkdirSync(dirname(home.log), { recursive: true });
  writeSettings(home, port, sizes, installation.version);
  const console = openSync(home.log, 'w');
  try {
    const child = spawn(
      java.path,
      [
        ...compilerFlags(home),
        ...javaCommand(sizes.heap, installation, java, archiveTo),
        mainClass(installation),
        `--home-dir=${home.folder}`,
        `--config-dir=${dirname(home.settings)}`,
      ],
      { cwd: home.folder, detached: true, stdio: ['ignore', console, console], env: environment() },
    );
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    child.unref();
    const pid = child.pid ?? 0;
    const state = {
      pid,
      start: processStart(pid) ?? '',
      port,
      version: installation.version,
      since: new Date().toISOString(),
    };
    writeState(home, state);
    return state;
  } finally {
    closeSync(console);
  }
}

/** What the server may know of our environment: no tokens, no passwords of other servers. */
export function environment(): NodeJS.ProcessEnv {
  const kept = [
    'PATH',
    'HOME',
    'LANG',
    'LC_ALL',
    'TZ',
    'TMPDIR',
    'TEMP',
    'TMP',
    'SystemRoot',
    'JAVA_HOME',
    'JAVA_TOOL_OPTIONS',
  ];
  return Object.fromEntries(kept.filter((name) => name in process.env).map((name) => [name, process.env[name]]));
}

/** Why a start failed, from what the server printed: the last cause, else its last line. */
export function startProblem(home: ServerHome): string {
  let lines: string[];
  try {
    lines = readFileSync(home.log, 'utf8')
      .split('\n')
      .filter((line) => line.trim() !== '');
  } catch {
    return 'it printed nothing';
  }
  const causes = lines.filter((line) => /^Caused by: |^Error:|ERROR/.test(line));
  return (causes.at(-1) ?? lines.at(-1) ?? 'it printed nothing')
    .replace(/^Caused by: /, '')
    .trim()
    .slice(0, 300);
}

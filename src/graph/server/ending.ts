/** Ends processes of a managed server: the server itself, and the administration tool that works on its store while it stands still. */
import { setTimeout as sleep } from 'node:timers/promises';
import { commandLine, isAlive, processIds, processStart } from '../../processes.ts';
import type { ServerHome, ServerState } from './home.ts';

/** Main class of the server's administration tool: importer, dump and load. */
export const adminTool = 'org.neo4j.cli.AdminTool';

/** A word of the tool's command line that says which home it works on. */
export const ownWord = ({ folder }: ServerHome): string => `-Dtastegraph.home=${folder}`;

/** Longest wait for a graceful stop, which writes out the page cache. */
const stopSeconds = 60;

/** Ends the process by its own id, gracefully at first. */
export async function endProcess({ pid, start }: Pick<ServerState, 'pid' | 'start'>): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    const begun = performance.now();
    if (!isAlive(pid, start)) return;
    process.kill(pid, signal);
    while (isAlive(pid, start) && performance.now() - begun < stopSeconds * 1000) await sleep(20);
  }
}

/** Ends the tool where it works on this home though its starter was killed. Called under the lock, so nobody waits for it. */
export async function endAdminTool(home: ServerHome): Promise<void> {
  for (const pid of processIds()) {
    const words = commandLine(pid);
    const start = processStart(pid);
    if (!start || !words.includes(adminTool) || !words.includes(ownWord(home))) continue;
    process.kill(pid, 'SIGKILL');
    while (isAlive(pid, start)) await sleep(20);
  }
}

import { setTimeout as sleep } from 'node:timers/promises';

/** What is awaited, and undefined where it takes longer than so many ms: it goes on, and nobody waits for it. */
export async function atMost<T>(ms: number, awaited: Promise<T>): Promise<T | undefined> {
  const enough = new AbortController();
  const late = sleep(ms, undefined, { signal: enough.signal, ref: false }).catch(() => undefined);
  return await Promise.race([awaited, late]).finally(() => enough.abort());
}

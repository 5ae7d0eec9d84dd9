/** Writes that may be sent again without being done again. */
import type { Claimed } from '../graph/answers.ts';
import type { Graph } from '../graph/driver.ts';

export type { Claim, Claimed, KeptAnswer } from '../graph/answers.ts';

/** Claims a key for a request, both as hashes; or says what is known of it. Errors: mapping/read-only; those of the database. */
export async function claimKey(graph: Graph, key: string, fingerprint: string, patienceMs: number): Promise<Claimed> {
  return await (await import('../graph/answers.ts')).claimKey(graph, key, fingerprint, patienceMs);
}

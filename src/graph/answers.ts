/** Answers to writes, kept by the key that came with the request. */
import { randomUUID } from 'node:crypto';
import { int } from 'neo4j-driver';
import type { Graph } from './driver.ts';
import { refuseMapped } from './schema.ts';
import { statement } from './statements.ts';

/** How long an answer is kept, ms. */
const keptMs = 24 * 3_600_000;

export interface KeptAnswer {
  readonly status: number;
  readonly body: string;
  readonly etag?: string;
}

export interface Claim {
  /** When the request came first, ms since 1970, also where this is another try of it. */
  readonly since: number;
  /** Keeps the answer for whoever sends the same again. */
  keep(answer: KeptAnswer): Promise<void>;
  /** Nothing came of it: the next one who sends it is the first. */
  release(): Promise<void>;
}

/**
 * What is known of a key: it is ours now; it is another request's; this one runs still, or what came of it is not known, and can be
 * claimed in `waitMs`; it was answered.
 */
export type Claimed =
  | { readonly state: 'ours'; readonly claim: Claim }
  | { readonly state: 'other' }
  | { readonly state: 'running'; readonly waitMs: number }
  | { readonly state: 'answered'; readonly answer: KeptAnswer };

/**
 * Claims a key for a request of this fingerprint; a claim of which nothing came within `patienceMs` is taken over by the same request.
 * Both are hashes.
 * Errors: mapping/read-only; those of the database.
 */
export async function claimKey(graph: Graph, key: string, fingerprint: string, patienceMs: number): Promise<Claimed> {
  refuseMapped(graph, 'answers to be kept');
  const claim = randomUUID();
  const now = Date.now();
  const found = await graph.write(async (tx) => {
    await tx.run(statement('write/answers-expire'), { before: int(now - keptMs) });
    const parameters = { key, fingerprint, claim, now: int(now), stale: int(now - patienceMs) };
    return (await tx.run(statement('write/answer-claim'), parameters)).records[0]!.toObject();
  }, 'that claims a key');
  if (found.claim === claim) return { state: 'ours', claim: claimOf(graph, { key, claim }, found.since) };
  if (found.fingerprint !== fingerprint) return { state: 'other' };
  if (found.status === null) return { state: 'running', waitMs: Math.max(0, found.at + patienceMs - now) };
  const { status, body, etag } = found as { status: number; body: string; etag: string | null };
  return { state: 'answered', answer: { status, body, ...(etag !== null && { etag }) } };
}

function claimOf(graph: Graph, ours: { readonly key: string; readonly claim: string }, since: number): Claim {
  return {
    since,
    keep: async ({ status, body, etag }) => {
      const parameters = { ...ours, status: int(status), body, etag: etag ?? null };
      await graph.write((tx) => tx.run(statement('write/answer-keep'), parameters), 'that keeps an answer');
    },
    release: async () => {
      await graph.write((tx) => tx.run(statement('write/answer-release'), ours), 'that gives a key back');
    },
  };
}

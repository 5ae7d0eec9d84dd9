/**
 * As many interactions as are asked for, made up from a seed as they are read, so that nothing is held: to measure and to test
 * what takes in much. Each is a pure function of its number; popularity falls off as on real sites, and there is nothing to learn.
 */
import { sha256 } from '../durable.ts';
import { RandomStream } from '../random.ts';
import type { InteractionRecord } from './records.ts';
import { type Batch, beginning, type DataFile, type DataSource, type Place } from './source.ts';

export interface CrowdOptions {
  readonly seed: number;
  readonly interactions: number;
  readonly users: number;
  readonly items: number;
  /** Share of interactions that repeat one of the thousand before them, with another value. */
  readonly repeats?: number;
}

/** Some twenty interactions a user, and an item to five users, of at most 200,000. */
export const crowdOf = (interactions: number, seed = 2026): CrowdOptions => ({
  seed,
  interactions,
  users: Math.max(1, Math.round(interactions / 20)),
  items: Math.min(200_000, Math.max(1, Math.round(interactions / 100))),
});

const rowsPerBatch = 10_000;
/** About what such an interaction takes in a CSV: what is large is told by bytes. */
const bytesPerRow = 40;
const firstTime = Date.UTC(2022, 0, 1);
/** Draws for each interaction. */
const draws = 5;

/** The crowd as a source. The same options give the same records, wherever reading begins. */
export function generateCrowd(options: CrowdOptions): DataSource {
  const { seed, interactions, users, items, repeats = 0 } = options;
  const random = new RandomStream(seed, 'crowd');
  const uniform = (n: number, draw: number) => random.at(n * draws + draw) * 2 ** -32;
  // The square makes the first quarter of the users do half of all, the cube the first eighth of the items be half of it.
  const fresh = (n: number): InteractionRecord => ({
    kind: 'interaction',
    user: `user-${Math.floor(users * uniform(n, 0) ** 2)}`,
    item: `item-${Math.floor(items * uniform(n, 1) ** 3)}`,
    type: 'rating',
    at: firstTime + n * 1000,
    value: 1 + Math.floor(5 * uniform(n, 2)),
  });
  const record = (n: number): InteractionRecord => {
    const own = fresh(n);
    if (n === 0 || uniform(n, 3) >= repeats) return own;
    return { ...fresh(Math.max(0, n - 1 - Math.floor(1000 * uniform(n, 4)))), value: own.value };
  };
  const files: DataFile[] = [
    { name: 'interactions', path: 'generated/crowd', bytes: interactions * bytesPerRow, role: 'interactions' },
  ];
  const id = sha256(JSON.stringify(['crowd', 1, options])).slice(0, 32);
  return {
    format: 'generated',
    path: `${interactions} generated interactions (seed ${seed})`,
    id,
    files,
    totalBytes: interactions * bytesPerRow,
    async *batches(from: Place = beginning): AsyncGenerator<Batch> {
      for (let start = from.offset; start < interactions; start += rowsPerBatch) {
        const end = Math.min(start + rowsPerBatch, interactions);
        const records = Array.from({ length: end - start }, (_, index) => record(start + index));
        yield { records, bad: [], next: { file: 0, offset: end, line: end, read: end, bytes: end * bytesPerRow } };
      }
    },
    digests: async () => [sha256(id)],
  };
}

/** How long re-rankers take for a list of 100 out of 1,000 candidates with vectors of 64. */
import { openKernels } from '../../../src/compute/open.ts';
import { rerankerSchema } from '../../../src/options.ts';
import { RandomStream } from '../../../src/random.ts';
import { SnapshotBuilder } from '../../../src/sampling/builder.ts';
import { rerankerOf } from '../../../src/serving/reranking/rerankers.ts';
import type { Candidate, StageContext } from '../../../src/serving/stages/candidate.ts';

const candidates = 1000;
const wanted = 100;
const dim = 64;
const genres = 20;
const runs = 40;
const now = Date.UTC(2026, 0, 1);
const feature = 'genre';

/** What is measured, by what the table calls it; those of vectors twice, since their cost hangs on how alike the items are. */
const measured: Readonly<Record<string, object>> = {
  mmr: { kind: 'mmr' },
  'mmr, strength 0.7': { kind: 'mmr', strength: 0.7 },
  'mmr by genres': { kind: 'mmr', by: 'features', feature },
  dpp: { kind: 'dpp' },
  'dpp, strength 0.5': { kind: 'dpp', strength: 0.5 },
  calibration: { kind: 'calibration', feature },
  cap: { kind: 'cap', feature },
  fairness: { kind: 'fairness' },
  freshness: { kind: 'freshness' },
  popularity: { kind: 'popularity' },
  impressions: { kind: 'impressions' },
  'epsilon-greedy': { kind: 'epsilon-greedy' },
  'plackett-luce': { kind: 'plackett-luce', among: 1000 },
};

/** Median of 40 runs after 40 that warm up, in ms. */
export async function medianTimes(): Promise<Readonly<Record<string, number>>> {
  const kernels = openKernels({ threads: 1 });
  const context = { ...contextOf(), kernels };
  const list = Array.from(
    { length: candidates },
    // Scores fall as they do in lists: fast at first.
    (_, item): Candidate => ({ item, score: 1 / (1 + item / 50), from: [] }),
  );
  const medians = Object.fromEntries(
    Object.entries(measured).map(([name, config]) => {
      const reranker = rerankerOf(rerankerSchema.parse(config));
      const times = Array.from({ length: 2 * runs }, () => {
        const begun = performance.now();
        reranker.apply(list, context);
        return performance.now() - begun;
      });
      return [name, times.slice(runs).sort((a, b) => a - b)[runs / 2]!];
    }),
  );
  await kernels.close();
  return medians;
}

/** Items of 20 genres, their vectors around the middle of their genre's. */
function contextOf(): StageContext {
  const draws = new RandomStream(2026, 'speed');
  const middles = Float32Array.from({ length: genres * dim }, () => draws.normal());
  const builder = new SnapshotBuilder();
  const items = new Float32Array(candidates * dim);
  for (let item = 0; item < candidates; item++) {
    const genre = draws.integer(genres);
    const at = now - item * 86_400_000;
    const features = [genre, draws.integer(genres)].map((value) => ({ kind: feature, value: `genre ${value}` }));
    builder.add({ kind: 'item', id: String(item).padStart(4, '0'), at, features });
    for (let d = 0; d < dim; d++) items[item * dim + d] = middles[genre * dim + d]! + draws.normal();
  }
  builder.add({ kind: 'interaction', user: 'u', item: '0000', type: 'rating', at: now, value: 5 });
  const snapshot = builder.build({ asOf: now, source: 'generated' });
  const manifest = { id: 'bench', model: 'none' } as StageContext['published']['manifest'];
  const vectors = { dim, users: new Float32Array(dim), items };
  const deeds = Array.from({ length: 50 }, (_, item) => ({ item, type: 'rating', value: 5 }));
  const shown = new Map(deeds.map(({ item }) => [item, { times: 2, last: now }]));
  return {
    published: { manifest, snapshot, vectors, train: snapshot.relation('user-item') },
    people: Int32Array.from({ length: candidates }, () => draws.integer(1000)),
    asker: { deeds, left: new Set(), shown, now },
    wanted,
    random: () => draws.uniform(),
  };
}

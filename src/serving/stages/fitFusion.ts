/** Weights for learned fusion, from what users liked in the validation part, where the version was not trained on it. */
import { fitLogistic } from '../../compute/logistic.ts';
import { TastegraphError } from '../../errors.ts';
import type { FuseOptions } from '../../options.ts';
import { RandomStream } from '../../random.ts';
import type { ServedVersion } from '../served.ts';
import type { Candidate } from './candidate.ts';
import { fuse, presence, type SourceList } from './fusion.ts';
import { heldOut } from './heldOut.ts';
import { contextOf, type Pipelines } from './pipelines.ts';
import { type ReadyPipeline, runPipeline } from './run.ts';
import { StageData } from './stageData.ts';

export interface FittedFusion {
  /** To be put into the pipeline. */
  readonly fuse: Extract<FuseOptions, { readonly kind: 'learned' }>;
  /** What it was fitted on. */
  readonly part: 'validation';
  /** Users that it was fitted on, and as many others that it was judged by. */
  readonly users: number;
  /** Share of what those others liked in the part that is among the first 20, by each fusion. */
  readonly recallAt20: { readonly reciprocalRank: number; readonly learned: number };
}

/** A candidate of one user with its label. */
export interface FusionExample {
  readonly candidate: Pick<Candidate, 'from'>;
  readonly liked: boolean;
}

/** Weights by logistic regression of the label on the sources' presences (fusion.ts); sources that found nothing weigh 0. */
export function fitFusionWeights(
  examples: readonly FusionExample[],
  sources: readonly string[],
  k: number,
): Extract<FuseOptions, { readonly kind: 'learned' }> {
  const rows = new Float64Array(examples.length * sources.length);
  const columns = new Map(sources.map((source, column) => [source, column]));
  for (const [row, { candidate }] of examples.entries())
    for (const { source, place } of candidate.from)
      rows[row * sources.length + columns.get(source)!] = presence(k, place);
  const { bias, weights } = fitLogistic(
    rows,
    examples.map(({ liked }) => (liked ? 1 : 0)),
    sources.length,
  );
  const named = Object.fromEntries(sources.map((source, column) => [source, weights[column]!]));
  return { kind: 'learned', k, bias, weights: named };
}

/** Users that are looked at; half of them are fitted on, the others judge. */
const mostUsers = 1000;
const judgedAt = 20;

/**
 * Fits the fusion of a pipeline. Its sources see the training part alone, so what is held out is as new to them as to the version.
 * Errors: pipeline/unknown; pipeline/unfit where the version was trained on the validation part too, or it is not known whether it was.
 */
export async function fitFusion(
  pipelines: Pipelines,
  served: ServedVersion,
  name: string,
  seed: number,
): Promise<FittedFusion> {
  const { published, base } = served;
  const held = heldOut(published);
  if ('lacks' in held) {
    const problem = `version ${published.manifest.id} ${held.lacks}`;
    throw new TastegraphError('pipeline/unfit', { pipeline: name, stage: 'fuse', problem });
  }
  const { train } = published;
  const people = new Int32Array(train.cols);
  for (const item of train.indices) people[item]!++;
  const data = new StageData(published, { ...base, history: train, people }, train);
  const pipeline = pipelines.assemble(served, name, data);
  const found: FoundForUser[] = [];
  for (const user of someUsers(held.pairs.offsets, train.offsets, seed)) {
    const { offsets, indices } = held.pairs;
    const liked = new Set(indices.subarray(offsets[user], offsets[user + 1]));
    found.push({ liked, lists: await listsFor(pipeline, published.snapshot.users.id(user)) });
  }
  const half = Math.ceil(found.length / 2);
  const [fitting, judging] = [found.slice(0, half), found.slice(half)];
  const { k } = pipeline.options.fuse;
  const reciprocal = { kind: 'reciprocal-rank' as const, k, weights: {} };
  const examples = fitting.flatMap(({ liked, lists }) =>
    fuse(lists, reciprocal).map((candidate) => ({ candidate, liked: liked.has(candidate.item) })),
  );
  const sources = pipeline.sources.map((source) => source.name);
  const learned = fitFusionWeights(examples, sources, k);
  const recallAt20 = { reciprocalRank: recall(judging, reciprocal), learned: recall(judging, learned) };
  return { fuse: learned, part: held.part, users: half, recallAt20 };
}

interface FoundForUser {
  readonly liked: ReadonlySet<number>;
  readonly lists: readonly SourceList[];
}

/** Users with something held out and something to be known by, in random order. */
function someUsers(held: Int32Array, train: Int32Array, seed: number): readonly number[] {
  const users = Array.from({ length: held.length - 1 }, (_, user) => user).filter(
    (user) => held[user + 1]! > held[user]! && train[user + 1]! > train[user]!,
  );
  return new RandomStream(seed, 'fusion', 'users').shuffle(users).slice(0, mostUsers);
}

/** What the sources find. */
async function listsFor(pipeline: ReadyPipeline, user: string): Promise<readonly SourceList[]> {
  const plain: ReadyPipeline = { ...pipeline, ranker: undefined, rerankers: [] };
  const request = { user, pipeline: pipeline.name, limit: judgedAt, since: [], seed: '' };
  return (await runPipeline(plain, contextOf(plain, request))).lists;
}

/** Mean over users of the share of what they liked that is among the first places. */
function recall(users: readonly FoundForUser[], options: FuseOptions): number {
  let sum = 0;
  for (const { liked, lists } of users) {
    const first = fuse(lists, options).slice(0, judgedAt);
    sum += first.filter(({ item }) => liked.has(item)).length / Math.min(liked.size, judgedAt);
  }
  return users.length > 0 ? sum / users.length : 0;
}

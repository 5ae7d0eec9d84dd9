/** Another version as source and as ranker goes by what was done since its training, as it would were it the one that answers. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openKernels } from '../../../src/compute/open.ts';
import type { DataRecord } from '../../../src/data/records.ts';
import { writeSnapshot } from '../../../src/sampling/store.ts';
import { evenHistory, fadingHistory } from '../../../src/serving/foldIn/history.ts';
import { loadVersion } from '../../../src/serving/published.ts';
import { type ServedVersion, serveVersion } from '../../../src/serving/served.ts';
import type { Deed } from '../../../src/serving/stages/candidate.ts';
import { openOtherVersion } from '../../../src/serving/stages/otherVersion.ts';
import { contextOf } from '../../../src/serving/stages/pipelines.ts';
import { runPipeline } from '../../../src/serving/stages/run.ts';
import { publish } from '../../../src/serving/versions.ts';
import { plantedResult, plantedSnapshot } from '../home.ts';
import { type StagesWorld, stagesWorld, still, turned } from './world.ts';

const kernels = openKernels({ threads: 1 });
let world: StagesWorld;
/** The contrary version over data of its own: of items that the answering one lacks, before, among and behind those that it has. */
let other: ServedVersion;
const record = (user: string, item: string): DataRecord => ({
  kind: 'interaction',
  user,
  item,
  type: 'rating',
  at: 1000,
  value: 5,
});
beforeAll(async () => {
  world = await stagesWorld(kernels);
  const snapshot = plantedSnapshot(6000, [record('ann', 'a0'), record('bob', 'c5'), record('dan', 'z0')]);
  writeSnapshot(world.home, snapshot);
  const { id } = await publish(world.home, turned(plantedResult(snapshot)));
  other = serveVersion(loadVersion(world.home, id), kernels);
});
afterAll(async () => {
  other.dispose();
  world.remove();
  await kernels.close();
});

const deed = (id: string, at?: number): Deed => ({
  item: world.snapshot.items.index(id)!,
  type: 'rating',
  value: 5,
  ...(at !== undefined && { at }),
});
interface Told {
  readonly user?: string;
  readonly deeds?: readonly Deed[];
  readonly isAll?: true;
  readonly decay?: number;
}
const requestOf = (told: Told) => ({ pipeline: 'test', limit: 20, since: [], seed: '', ...told });

/** What the other version gives as a source, or as the ranker of all items: by id, with scores. */
async function found(stage: 'source' | 'ranker', told: Told): Promise<ReadonlyMap<string, number>> {
  const version = other.manifest.id;
  const declared =
    stage === 'source'
      ? { sources: [{ kind: 'version', version }], rank: { by: 'fusion' } }
      : { sources: [{ kind: 'popular' }], rank: { by: 'version', version } };
  const ready = world.pipelines({ test: declared }).ready(world.served, 'test');
  const { lists, chosen } = await runPipeline(ready, contextOf(ready, requestOf(told)), { clock: still });
  const { items } = world.snapshot;
  const [list] = lists;
  return stage === 'source'
    ? new Map(list!.ids.map((item, n) => [items.id(item), list!.scores[n]!]))
    : new Map(chosen.map(({ item, score }) => [items.id(item), score]));
}
/** What it would answer itself where she had liked these of its items, of those that the stage gives. */
function expected(given: ReadonlyMap<string, number>, liked: readonly string[], { user, decay = 1 }: Told) {
  const indices = liked.map((id) => other.published.snapshot.items.index(id)!);
  const history = decay === 1 ? evenHistory(indices) : fadingHistory(indices, decay);
  const taste = other.fold(history, user)!;
  const ids = [...given.keys()];
  const scores = taste.scores(Int32Array.from(ids, (id) => other.published.snapshot.items.index(id)!));
  return ids.map((id, n) => [id, scores[n]!] as const);
}
async function expectFolded(liked: readonly string[], told: Told): Promise<void> {
  for (const stage of ['source', 'ranker'] as const) {
    const given = await found(stage, told);
    expect(given.size).toBeGreaterThan(2);
    for (const [id, score] of expected(given, liked, told)) expect(given.get(id)!).toBeCloseTo(score, 5);
    const scores = [...given.values()];
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
  }
}
const before = ['a0', 'd1', 'd2', 'all'];

describe('another version', () => {
  it('goes by its own user where she has done nothing since', async () => {
    const user = 'ann';
    const index = other.published.snapshot.users.index(user)!;
    const { items } = other.published.snapshot;
    for (const stage of ['source', 'ranker'] as const) {
      for (const told of [{ user }, { user, deeds: [deed('d1', 1000)] }]) {
        const given = await found(stage, told);
        expect(given.size).toBeGreaterThan(3);
        for (const [id, score] of given)
          expect(score).toBeCloseTo(other.base.ranking.scores(index, Int32Array.of(items.index(id)!))[0]!, 6);
      }
    }
  });

  it('counts what a user has done since', async () => {
    const told = { user: 'ann', deeds: [deed('c1', 9000), deed('c2', 9001)] };
    const lists = [await found('source', told), await found('source', { user: 'ann' })];
    expect([...lists[0]!.keys()][0]).not.toBe([...lists[1]!.keys()][0]);
    await expectFolded([...before, 'c1', 'c2'], told);
  });

  it('forgets what she has taken back, but for what the answering version cannot tell of', async () => {
    await expectFolded(['a0', 'd1', 'all'], { user: 'ann', deeds: [deed('d1', 1000), deed('all', 1002)], isAll: true });
  });

  it('gives lists to those whom no version was trained with, popularity being a part', async () => {
    await expectFolded(['d1'], { user: 'zoe', deeds: [deed('d1', 9000)] });
    await expectFolded(['d1'], { user: 'new', deeds: [deed('d1', 9000)] });
    await expectFolded(['d1', 'c1'], { deeds: [deed('d1'), deed('c1')] });
  });

  it('counts newer items of a session more, where they are to', async () => {
    const told = { deeds: [deed('d1'), deed('c1')], decay: 0.1 };
    await expectFolded(['d1', 'c1'], told);
    const even = await found('source', { deeds: told.deeds });
    expect([...(await found('source', told)).values()]).not.toEqual([...even.values()]);
  });

  it('has nothing for those of whom nothing is known', async () => {
    expect((await found('source', { user: 'zoe' })).size).toBe(0);
    expect((await found('source', { deeds: [] })).size).toBe(0);
  });

  it('makes a taste once a request', () => {
    const opened = openOtherVersion(other.manifest.id, { home: world.home, own: world.served.published, kernels });
    const ready = world.pipelines({}).ready(world.served, 'default');
    const { asker } = contextOf(ready, requestOf({ user: 'zoe', deeds: [deed('d1', 9000)] }));
    expect(opened.knows(asker)).toBe(opened.knows(asker));
    opened.dispose();
  });
});

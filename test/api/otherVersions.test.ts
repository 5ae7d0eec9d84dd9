/** What is posted reaches other versions that a pipeline asks, as source and as ranker: the API over a real Neo4j. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../src/api/app.ts';
import { openKernels } from '../../src/compute/open.ts';
import { option } from '../../src/options.ts';
import { openPipelines } from '../../src/serving/stages/pipelines.ts';
import type { plantedResult } from '../serving/home.ts';
import { still, turned } from '../serving/stages/world.ts';
import { type PlantedGraphApp, plantedGraphApp } from './deps.ts';

const kernels = openKernels({ threads: 1 });
let planted: PlantedGraphApp;
let app: ReturnType<typeof createApp>;
beforeAll(async () => {
  planted = await plantedGraphApp();
  const { home, publish, graph, deps } = planted;
  // Likes what the served one does not.
  const version = await publish(7, (result) => turned(result as ReturnType<typeof plantedResult>));
  await publish(7);
  deps.recommender.reload();
  const declared = option.pipelines.parse({
    source: { sources: [{ kind: 'version', version }], rank: { by: 'fusion' } },
    ranker: { sources: [{ kind: 'popular' }], rank: { by: 'version', version } },
  });
  const pipelines = openPipelines(declared, { home, kernels, graph, clock: still });
  app = createApp({ ...deps, pipelines });
});
afterAll(async () => {
  await planted.close();
  await kernels.close();
});

interface Listed {
  readonly foldedIn?: { readonly interactions: number };
  readonly items: readonly { readonly item: string }[];
  readonly notes?: readonly string[];
}
const posted = async (path: string, body: object): Promise<Listed> => {
  const headers = { 'content-type': 'application/json' };
  const response = await app.request(path, { method: 'POST', headers, body: JSON.stringify(body) });
  expect(response.status).toBe(200);
  return (await response.json()) as Listed;
};
const post = (user: string, items: readonly string[]) =>
  posted('/v1/interactions', { interactions: items.map((item) => ({ user, item, type: 'rating', value: 5 })) });
const recommend = async (user: string, pipeline: string): Promise<Listed> => {
  const response = await app.request(`/v1/users/${user}/recommendations?pipeline=${pipeline}&explain=false`);
  expect(response.status).toBe(200);
  return (await response.json()) as Listed;
};

/** Of items that as many people chose, those of one kind come before those of the other. */
function expectFirst(kind: 'c' | 'd', { items, notes }: Listed, numbers: readonly number[]): void {
  const places = new Map(items.map(({ item }, place) => [item, place]));
  for (const [comedy, drama] of numbers.map((n) => [places.get(`c${n}`), places.get(`d${n}`)] as const)) {
    expect(comedy !== undefined && drama !== undefined).toBe(true);
    expect(comedy! < drama!).toBe(kind === 'c');
  }
  expect(notes).toBeUndefined();
}

describe('another version', () => {
  it('answers a user who is new by what she did, as source and as ranker', async () => {
    expect((await recommend('zoe', 'source')).items).toEqual([]);
    await post('zoe', ['c1']);
    for (const pipeline of ['source', 'ranker']) {
      const list = await recommend('zoe', pipeline);
      expect(list.foldedIn).toMatchObject({ interactions: 1 });
      expectFirst('d', list, [4]);
    }
    await post('zoe', ['d1', 'd2']);
    for (const pipeline of ['source', 'ranker']) expectFirst('c', await recommend('zoe', pipeline), [4]);
  });

  it('changes its answer to a user whom it knows', async () => {
    for (const pipeline of ['source', 'ranker']) expectFirst('c', await recommend('eve', pipeline), [2, 4]);
    await post('eve', ['c1', 'c2', 'c3']);
    for (const pipeline of ['source', 'ranker']) {
      const list = await recommend('eve', pipeline);
      expect(list.foldedIn).toMatchObject({ interactions: 6 });
      expectFirst('d', list, [4]);
    }
  });

  it('answers a session, whose newer items count more where they are to', async () => {
    for (const pipeline of ['source', 'ranker']) {
      const session = (first: string, last: string, decay: number) =>
        posted('/v1/sessions/recommendations', { items: [{ id: first }, { id: last }], decay, pipeline });
      expectFirst('c', await session('c1', 'd1', 0.1), [4]);
      expectFirst('d', await session('d1', 'c1', 0.1), [4]);
    }
  });
});

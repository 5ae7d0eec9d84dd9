import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openKernels } from '../../src/compute/open.ts';
import { attributeByIds, attributorOf } from '../../src/explain/attribution.ts';
import { createExplainer } from '../../src/explain/explainer.ts';
import { choosePaths } from '../../src/explain/paths.ts';
import { sentenceOfAttribution, sentenceOfPath, speechOf } from '../../src/explain/sentences.ts';
import type { EvidencePath } from '../../src/graph/evidence.ts';
import { reachOf } from '../../src/graph/reach.ts';
import { loadVersion, type PublishedVersion } from '../../src/serving/published.ts';
import { openRecommender } from '../../src/serving/recommender.ts';
import { publish } from '../../src/serving/versions.ts';
import { type PlantedHome, plantedHome, plantedResult } from '../serving/home.ts';

let at: PlantedHome;
let version: PublishedVersion;
beforeAll(async () => {
  at = plantedHome();
  await publish(at.home, plantedResult(at.snapshot));
  version = loadVersion(at.home);
});
afterAll(() => at.remove());

describe('attribution', () => {
  it('sums to the score for every pair', () => {
    const attributor = attributorOf(version)!;
    const { snapshot, train } = version;
    const vectors = version.vectors!;
    for (let user = 0; user < snapshot.users.count; user++) {
      for (let item = 0; item < snapshot.items.count; item++) {
        const { score, parts, ownVector, popularity, error } = attributor.attribute(user, item);
        let expected: number = vectors.itemBias?.[item] ?? 0;
        for (let d = 0; d < vectors.dim; d++)
          expected += vectors.users[user * vectors.dim + d]! * vectors.items[item * vectors.dim + d]!;
        const sum = parts.reduce((total, { part }) => total + part, ownVector.part + popularity.part);
        expect(Math.abs(sum - expected)).toBeLessThan(1e-5);
        expect(error).toBeCloseTo(expected - sum, 12);
        expect(score).toBeCloseTo(expected, 12);
        expect(parts).toHaveLength(train.offsets[user + 1]! - train.offsets[user]!);
        const shares = parts.reduce(
          (total, { share }) => total + Math.abs(share),
          Math.abs(ownVector.share) + Math.abs(popularity.share),
        );
        if (Math.abs(expected) > 0) expect(shares).toBeCloseTo(1, 9);
      }
    }
  });

  it('names the interactions that carry the score, greatest first', () => {
    const { parts, ownVector } = attributeByIds(version, attributorOf(version)!, 'bob', 'd4');
    expect(
      parts
        .map(({ item }) => item)
        .slice(0, 3)
        .sort(),
    ).toEqual(['d1', 'd2', 'd3']);
    expect(parts.at(-1)).toMatchObject({ item: 'all', title: 'Film all' });
    expect(parts.map(({ part }) => part)).toEqual(parts.map(({ part }) => part).toSorted((a, b) => b - a));
    // d2 and d3 were chosen by two each, d1 by three: the rarer carries more.
    expect(parts[0]!.item).not.toBe('d1');
    expect(Math.abs(ownVector.share)).toBeLessThan(0.2);
    expect(sentenceOfAttribution(speechOf(version.manifest), { method: 'exact', parts })).toMatch(
      /^Because you interacted with Film d[23]: \d+ %, Film d[23]: \d+ %\.$/,
    );
  });

  it('has signed shares where interactions speak against the item', () => {
    const strange = {
      ...version,
      contributions: { ...version.contributions!, messages: version.contributions!.messages.map((value) => -value) },
    };
    const { parts, ownVector, popularity } = attributorOf(strange)!.attribute(0, 0);
    const all = [...parts, ownVector, popularity];
    for (const { part, share } of all) expect(Math.sign(share)).toBe(Math.sign(part));
    expect(all.reduce((total, { share }) => total + Math.abs(share), 0)).toBeCloseTo(1, 9);
  });

  it('names an item’s bias as what its popularity adds', async () => {
    const other = plantedHome();
    const { id } = await publish(other.home, plantedResult(other.snapshot, { bias: 0.1 }));
    const biased = loadVersion(other.home, id);
    const { score, parts, ownVector, popularity } = attributeByIds(biased, attributorOf(biased)!, 'ann', 'd3');
    expect(popularity.part).toBeCloseTo(2 * 0.1, 6);
    const sum = parts.reduce((total, { part }) => total + part, ownVector.part + popularity.part);
    expect(Math.abs(sum - score)).toBeLessThan(1e-5);
    const kernels = openKernels({ threads: 1 });
    const recommender = openRecommender(other.home, kernels, { pollMs: 0 });
    const listed = recommender.recommend('ann', { limit: 10 }).items.find((item) => item.id === 'd3')!;
    expect(listed.score).toBeCloseTo(score, 5);
    recommender.close();
    await kernels.close();
    other.remove();
  });

  it('is not there for versions that cannot be taken apart', () => {
    const { contributions: _, ...without } = version;
    expect(attributorOf(without)).toBeUndefined();
  });

  it('has a reason in its place where a model cannot be taken apart', async () => {
    const { contributions: _, ...result } = plantedResult(at.snapshot);
    const other = plantedHome();
    await publish(other.home, { ...result, model: 'ngcf' });
    const kernels = openKernels({ threads: 1 });
    const recommender = openRecommender(other.home, kernels, { pollMs: 0 });
    const { served, release } = recommender.acquire();
    const explanation = await createExplainer(reachOf(undefined)).explain(served, 'bob', 'd4');
    expect(explanation.attribution).toMatchObject({ method: 'leave-one-out' });
    expect(explanation.unattributed).toContain('NGCF');
    release();
    recommender.close();
    await kernels.close();
    other.remove();
  });

  it('errors name what is unknown', () => {
    const attributor = attributorOf(version)!;
    expect(() => attributeByIds(version, attributor, 'nobody', 'd1')).toThrow(
      expect.objectContaining({ code: 'user/unknown' }),
    );
    expect(() => attributeByIds(version, attributor, 'ann', 'none')).toThrow(
      expect.objectContaining({ code: 'item/unknown' }),
    );
    expect(() => attributor.attribute(-1, 0)).toThrow(RangeError);
  });
});

describe('explainer without a graph', () => {
  it('gives the attribution alone, and says that there is no graph', async () => {
    const kernels = openKernels({ threads: 1 });
    const recommender = openRecommender(at.home, kernels, { pollMs: 0 });
    const explainer = createExplainer(reachOf(undefined));
    const { served, release } = recommender.acquire();
    const first = served.recommend('ann', { limit: 1 }).items[0]!;
    const explanation = await explainer.explain(served, 'ann', first.id);
    expect(explanation).toMatchObject({ item: first.id, title: first.title, graph: 'none', paths: [] });
    expect(explanation.reasons).toHaveLength(1);
    expect(explanation.attribution!.score).toBeCloseTo(first.score, 5);
    const stranger = await explainer.explain(served, 'nobody', 'all');
    expect(stranger).toMatchObject({ fallback: 'popular', score: 5 });
    expect(stranger.attribution).toBeUndefined();
    expect(stranger.reasons).toHaveLength(1);
    release();
    recommender.close();
    await kernels.close();
  });
});

describe('paths', () => {
  const path = (kind: EvidencePath['kind'], id: string, score: number): EvidencePath => ({
    kind,
    through: { id, title: id },
    count: 1,
    capped: false,
    support: 1,
    rarity: 1,
    recency: 1,
    score,
  });
  it('chooses the best of each kind first, and tells them by score', () => {
    const all = [
      path('people', 'a', 0.9),
      path('people', 'b', 0.8),
      path('people', 'c', 0.7),
      path('feature', 'f', 0.1),
    ];
    expect(choosePaths(all).map(({ through }) => through!.id)).toEqual(['a', 'b', 'f']);
    expect(choosePaths(all.slice(0, 3))).toHaveLength(3);
    expect(choosePaths([])).toEqual([]);
  });

  it('reads as a sentence', () => {
    const speech = speechOf(version.manifest);
    expect(sentenceOfPath(speech, { ...path('people', 'X', 1), count: 12 })).toBe(
      '12 people who chose X chose this too.',
    );
    expect(sentenceOfPath(speech, { ...path('people', 'X', 1), capped: true })).toBe(
      'At least 1 person who chose X chose this too.',
    );
    const { through: _, count: __, ...trust } = path('trust', '', 1);
    expect(sentenceOfPath(speech, { ...trust, count: 2 })).toBe('2 people you trust chose this.');
    expect(sentenceOfPath(speech, trust)).toBe('A few people you trust chose this.');
    const feature = { ...path('feature', 'Drama', 1), through: { id: 'genre:Drama', title: 'Drama', kind: 'genre' } };
    expect(sentenceOfPath(speech, { ...feature, count: 3 })).toBe(
      '3 of the items you chose have genre Drama, like this one.',
    );
  });
});

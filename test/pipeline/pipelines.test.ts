/** Pipelines over a real Neo4j: rules as sources and as filters, and interactions that came after the version. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Graph } from '../../src/graph/driver.ts';
import { writeImpressions } from '../../src/graph/impressions.ts';
import { writeInteractions } from '../../src/graph/interactions.ts';
import { reachOf } from '../../src/graph/reach.ts';
import { option, optionGroups } from '../../src/options.ts';
import {
  addRule,
  chooseItems,
  fitPipeline,
  listPipelines,
  pipelineWarnings,
  ruleRequest,
  whyNotFor,
} from '../../src/pipeline.ts';
import type { ServedVersion } from '../../src/serving/served.ts';
import { type PlantedApp, plantedApp } from '../api/deps.ts';
import { plantGraph } from '../graph/planted.ts';
import { testGraph } from '../neo4j.ts';

const declared = option.pipelines.parse({
  ruled: {
    sources: [{ kind: 'rule', rule: 'ending', parameters: { end: '4' }, timeoutMs: 20_000 }],
    rank: { by: 'fusion' },
  },
  missing: { sources: [{ kind: 'rule', rule: 'none', timeoutMs: 20_000 }, { kind: 'popular' }] },
  filter: { sources: [{ kind: 'rule', rule: 'comedies', timeoutMs: 20_000 }, { kind: 'popular' }] },
  popular: { sources: [{ kind: 'popular' }], rank: { by: 'fusion' } },
  session: { sources: [{ kind: 'session', last: 1 }], rank: { by: 'fusion' } },
  discounted: {
    sources: [{ kind: 'popular' }],
    rank: { by: 'fusion' },
    rerank: [{ kind: 'impressions', decay: 5, halfLifeDays: 1000 }],
  },
});
const limits = { ...optionGroups.administering.parse({}), ruleTimeoutMs: 20_000 };

let graph: Graph;
let planted: PlantedApp;
beforeAll(async () => {
  graph = await testGraph();
  await plantGraph(graph);
  planted = await plantedApp(graph, {}, { pipelines: declared });
  const ending = `// Items whose id ends so.
// $end: STRING = '4'. How the id ends.
MATCH (i:Item) WHERE i.id ENDS WITH $end
RETURN i.id AS item, CASE i.id WHEN 'c4' THEN 2.0 ELSE 1.0 END AS score`;
  const comedies = `// Comedies alone.
MATCH (i:Item)-[:HAS]->(:Feature {value: 'Comedy'}) WHERE i.id IN $items RETURN i.id AS item`;
  await addRule(graph, { name: 'ending', kind: 'source', cypher: ending }, limits);
  await addRule(graph, { name: 'comedies', kind: 'filter', cypher: comedies }, limits);
});
afterAll(async () => {
  await planted.close();
  await graph.close();
});

/** Which item is asked about, by what. */
async function whyNot(item: string, { pipeline = 'default', limit = 10, rules = [] as string[] } = {}) {
  return await whyNotFor(planted.deps, 'ann', item, { limit, pipeline, rules: await ruleRequest(rules, 20_000) });
}

async function choose(pipeline: string, { user = 'ann', rules = [] as string[], since = [] as string[] } = {}) {
  const request = await ruleRequest(rules, 20_000);
  const { served, release } = planted.deps.recommender.acquire();
  const how = { limit: 10, exclude: since, rules: request, pipeline, trace: true };
  const chosen = await chooseItems(planted.deps, served as ServedVersion, user, how).finally(release);
  return { ...chosen, ids: chosen.items.map(({ id }) => id) };
}

it('a rule is a source of a pipeline, in its own order', async () => {
  const { ids, items, notes } = await choose('ruled');
  expect(ids).toEqual(['c4', 'd4']);
  expect(items.map(({ score }) => score)).toEqual([2, 1]);
  expect(notes).toBeUndefined();
});

it('a rule that is not there, or is no source, is left out with a note', async () => {
  expect((await choose('missing')).notes).toEqual([
    expect.stringContaining("Source 'rule' is left out: No rule 'none'"),
  ]);
  const { ids, notes } = await choose('filter');
  expect(notes).toEqual(["Source 'rule' is left out: rule 'comedies' is no source but of kind filter"]);
  expect(ids.length).toBeGreaterThan(0);
});

it('a rule that is not there, or is no source, is warned of', async () => {
  expect(await pipelineWarnings(planted.deps)).toEqual([
    { pipeline: 'missing', stage: 'source rule', key: 'rule', value: 'none', problem: 'no such rule is registered' },
    expect.objectContaining({ pipeline: 'filter', value: 'comedies', problem: expect.stringContaining('kind filter') }),
  ]);
});

it('rules of the request choose among what the pipeline found', async () => {
  const filtered = await choose('popular', { rules: ['comedies'] });
  expect(filtered.ids).toEqual(['c1', 'c2', 'c3', 'c4']);
  expect(filtered.marks.get('c1')).toMatchObject([{ rule: 'comedies', kind: 'filter' }]);
  expect(filtered.trace!.stages.map(({ stage, in: taken, out }) => [stage, taken, out])).toContainEqual([
    'rules',
    6,
    4,
  ]);
  const sourced = await choose('session', { rules: ['ending:end=4'], since: ['c1'] });
  expect(sourced.ids.slice(0, 2)).toEqual(['c2', 'c4']); // in turns
});

it('an interaction that is posted now changes the next answer, and is why an item is not in it', async () => {
  const app = (await import('../../src/api/app.ts')).createApp(planted.deps);
  const ask = async () =>
    (
      (await (await app.request('/v1/users/cat/recommendations?pipeline=session&explain=false')).json()) as {
        items: { item: string }[];
      }
    ).items.map(({ item }) => item);
  const before = await ask();
  expect(before).toContain('d3');
  await writeInteractions(graph, [{ user: 'cat', item: 'd3', type: 'rating', at: Date.now(), value: 5 }]);
  const after = await ask();
  expect(after).not.toContain('d3');
  expect(after[0]).toBe('d1'); // of those who liked d3 all liked d1, and some d2
  expect(await whyNotFor(planted.deps, 'cat', 'd3', { limit: 10, pipeline: 'session' })).toMatchObject({
    lost: 'done',
  });
});

it('why not names the rule that leaves an item out, and knows what rules bring', async () => {
  for (const pipeline of ['popular', 'default'])
    expect(await whyNot('d3', { pipeline, rules: ['comedies'] })).toMatchObject({
      lost: 'removed',
      stage: 'rules',
      rule: 'comedies',
      because: "Removed by the rule 'comedies'.",
    });
  const { ids } = await choose('session', { rules: ['ending:end=4'] });
  for (const [place, item] of ids.entries())
    expect(await whyNot(item, { pipeline: 'session', rules: ['ending:end=4'] })).toMatchObject({
      lost: 'recommended',
      place: place + 1,
    });
  expect(await whyNot('c4', { pipeline: 'session' })).toMatchObject({ lost: 'not-found' });
  await expect(whyNot('c4', { rules: ['none'] })).rejects.toMatchObject({ code: 'rule/unknown' });
});

it('why not goes by what was shown, as the list does, which may be another the next time', async () => {
  const [first] = (await choose('discounted')).ids;
  expect(await whyNot(first!, { pipeline: 'discounted', limit: 1 })).toMatchObject({ lost: 'recommended' });
  const one = { request: 'r1', user: 'ann', at: Date.now(), version: 'v1', items: [first!], propensity: 1 };
  await writeImpressions(graph, [one]);
  const { ids, isMomentary } = await choose('discounted');
  expect(ids[0]).not.toBe(first);
  expect(isMomentary).toBe(true);
  expect(await whyNot(first!, { pipeline: 'discounted', limit: 1 })).toMatchObject({
    lost: 'ranked-low',
    place: ids.indexOf(first!) + 1,
  });
  // Where the graph does not say what was shown, the list lacks the discount and is as little to be kept.
  const { served, release } = planted.deps.recommender.acquire();
  const alone = { ...planted.deps, reach: reachOf(undefined) };
  const how = { limit: 10, exclude: [], pipeline: 'discounted' };
  expect(await chooseItems(alone, served, 'ann', how).finally(release)).toMatchObject({ isMomentary: true });
});

it('lists the pipelines, and says what cannot be fitted', async () => {
  expect(listPipelines(planted.deps).map(({ name }) => name)).toEqual(['default', ...Object.keys(declared!)]);
  await expect(fitPipeline(planted.deps, 'popular', 1)).rejects.toMatchObject({ code: 'pipeline/unfit' });
});

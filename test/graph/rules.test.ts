/** Rules: what is accepted, how they are kept, and what they do to a list. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openKernels } from '../../src/compute/open.ts';
import { judgeByRules } from '../../src/explain/rules.ts';
import type { Graph } from '../../src/graph/driver.ts';
import { optionGroups } from '../../src/options.ts';
import { addRule, listRules, removeRule, ruleRequest, showRule, tryRule } from '../../src/pipeline/rules.ts';
import { loadVersion } from '../../src/serving/published.ts';
import { chooseByRules } from '../../src/serving/rules.ts';
import { type ServedVersion, serveVersion } from '../../src/serving/served.ts';
import { publish } from '../../src/serving/versions.ts';
import { emptyGraph, testGraph } from '../neo4j.ts';
import { plantedHome, plantedResult } from '../serving/home.ts';
import { plantGraph } from './planted.ts';

const limits = { ...optionGroups.administering.parse({}), ruleTimeoutMs: 20_000 };
const home = plantedHome();
const kernels = openKernels({ threads: 1 });
let graph: Graph;
let served: ServedVersion;
beforeAll(async () => {
  graph = await testGraph();
  const { id } = await publish(home.home, plantedResult(home.snapshot));
  served = serveVersion(loadVersion(home.home, id), kernels);
});
beforeEach(async () => {
  await emptyGraph(graph);
  await plantGraph(graph);
});
afterAll(async () => {
  served.dispose();
  await kernels.close();
  await graph.close();
  home.remove();
});

const comedies = `// Comedies alone.
MATCH (i:Item)-[:HAS]->(:Feature {value: 'Comedy'})
WHERE i.id IN $items
RETURN i.id AS item, 'it makes one laugh' AS reason`;
const noD3 = `// Not from a seller that somebody returned to.
MATCH (i:Item) WHERE i.id IN $items AND i.seller = 'returned' RETURN i.id AS item`;
const ending = `// Items whose id ends so.
// $end: STRING = '4'. How the id ends.
// $most: INTEGER = 5 (1 to 10). Most items.
MATCH (i:Item) WHERE i.id ENDS WITH $end
RETURN i.id AS item, CASE i.id WHEN 'c4' THEN 2.0 ELSE 1.0 END AS score, 'it ends with ' + $end AS reason LIMIT $most`;

const add = (name: string, kind: 'source' | 'filter' | 'exclude', cypher: string) =>
  addRule(graph, { name, kind, cypher }, limits);
async function choose(user: string, rules: readonly string[], limit = 3) {
  const request = await ruleRequest(rules, 20_000);
  const chosen = await chooseByRules(served, graph, user, { limit, exclude: [], rules: request });
  return { ...chosen, ids: chosen.items.map(({ id }) => id) };
}

describe('accepting a rule', () => {
  it('tries it, keeps each version, and takes it out of use', async () => {
    const first = await add('comedies', 'filter', comedies);
    expect(first.rule).toMatchObject({
      name: 'comedies',
      version: 1,
      kind: 'filter',
      purpose: 'Comedies alone.',
      parameters: [],
    });
    expect(first.checked.answered.map(({ item }) => item).sort()).toEqual(['c1', 'c2', 'c3', 'c4']);
    expect(first.checked.user).toBeDefined();
    expect((await add('comedies', 'exclude', comedies)).rule.version).toBe(2);
    expect(await listRules(graph)).toMatchObject([{ name: 'comedies', version: 2, kind: 'exclude' }]);
    await removeRule(graph, 'comedies');
    expect(await listRules(graph)).toEqual([]);
    await expect(removeRule(graph, 'comedies')).rejects.toMatchObject({ code: 'rule/unknown' });
    expect((await showRule(graph, 'comedies')).map(({ version, removed }) => [version, removed !== null])).toEqual([
      [2, true],
      [1, true],
    ]);
    expect((await add('comedies', 'filter', comedies)).rule.version).toBe(3);
    expect((await listRules(graph)).map(({ version }) => version)).toEqual([3]);
  });

  it('is tried with parameters and a user', async () => {
    await add('ending', 'source', ending);
    const { answered } = await tryRule(graph, 'ending', limits, { user: 'ann', given: { end: '3' } });
    expect(answered.map(({ item, reason }) => [item, reason]).sort()).toEqual([
      ['c3', 'it ends with 3'],
      ['d3', 'it ends with 3'],
    ]);
  });

  it.each([
    ['writes', 'filter', '// W.\nMATCH (i:Item) WHERE i.id IN $items SET i.x = 1 RETURN i.id AS item', 'query/refused'],
    [
      'calls what it may not',
      'source',
      '// C.\nCALL dbms.listConfig() YIELD name RETURN name AS item',
      'query/refused',
    ],
    ['answers no item', 'filter', '// N.\nMATCH (i:Item) WHERE i.id IN $items RETURN i.id AS id', 'rule/refused'],
    [
      'answers more than a rule answers',
      'source',
      '// M.\nMATCH (i:Item) RETURN i.id AS item, i.title AS title',
      'rule/refused',
    ],
    ['answers items that are no text', 'source', '// T.\nMATCH (i:Item) RETURN i AS item', 'rule/refused'],
    [
      'uses what it does not declare',
      'source',
      '// U.\nMATCH (i:Item) WHERE i.id = $id RETURN i.id AS item',
      'rule/refused',
    ],
    [
      'declares what it does not use',
      'source',
      '// D.\n// $id: STRING = null. An id.\nMATCH (i:Item) RETURN i.id AS item',
      'rule/refused',
    ],
    [
      'declares what is no parameter',
      'source',
      '// D.\n// $id: TEXT. An id.\nMATCH (i:Item) WHERE i.id = $id RETURN i.id AS item',
      'rule/refused',
    ],
    ['does not say what it is for', 'source', 'MATCH (i:Item) RETURN i.id AS item', 'rule/refused'],
    ['does not look at the candidates', 'exclude', '// A.\nMATCH (i:Item) RETURN i.id AS item', 'rule/refused'],
    [
      'is too dear',
      'source',
      '// D.\nMATCH (a), (b), (c), (d), (e), (f), (g), (h) RETURN a.id AS item LIMIT 1000000',
      'rule/refused',
    ],
  ] as const)('refuses one that %s', async (_, kind, cypher, code) => {
    await expect(add('rule', kind, cypher)).rejects.toMatchObject({ code });
    expect(await listRules(graph)).toEqual([]);
  });

  it('refuses a name that is none', () =>
    expect(add('My Rule', 'filter', comedies)).rejects.toMatchObject({ code: 'rule/refused' }));
});

describe('a list by rules', () => {
  it('is the model’s own without any', async () => {
    expect((await choose('ann', [])).items).toEqual(served.recommend('ann', { limit: 3 }).items);
  });

  it('a filter keeps, says so, and the list is filled from further down', async () => {
    await add('comedies', 'filter', comedies);
    const own = served.recommend('ann', { limit: 9 }).items.map(({ id }) => id);
    const { ids, marks } = await choose('ann', ['comedies']);
    expect(ids).toEqual(own.filter((id) => id.startsWith('c')).slice(0, 3));
    expect(ids).toHaveLength(3);
    for (const id of ids)
      expect(marks.get(id)).toEqual([{ rule: 'comedies', version: 1, kind: 'filter', reason: 'it makes one laugh' }]);
  });

  it('an exclusion removes, by what the graph says now', async () => {
    await add('no-returns', 'exclude', noD3);
    expect((await choose('ann', ['no-returns'])).ids[0]).toMatch(/^d/);
    await graph.write((tx) => tx.run("MATCH (i:Item {id: 'd3'}) SET i.seller = 'returned'"));
    const { ids } = await choose('ann', ['no-returns'], 9);
    expect(ids).not.toContain('d3');
    expect(ids).toContain('d4');
  });

  it('a source takes turns with the model, by its own score, and brings nothing the user has done', async () => {
    await add('ending', 'source', ending);
    const own = served.recommend('ann', { limit: 9 }).items.map(({ id }) => id);
    const { ids, marks } = await choose('ann', ['ending']);
    expect(ids[0]).toBe(own[0]);
    expect(ids[1]).toBe('c4');
    expect(marks.get('c4')).toEqual([{ rule: 'ending', version: 1, kind: 'source', reason: 'it ends with 4' }]);
    expect((await choose('ann', ['ending:end=2'], 9)).ids).not.toContain('d2');
  });

  it('filters and exclusions hold for what sources bring too', async () => {
    await add('ending', 'source', ending);
    await add('comedies', 'filter', comedies);
    const { ids, marks } = await choose('ann', ['ending', 'comedies'], 9);
    expect(ids).not.toContain('d4');
    expect(marks.get('c4')!.map(({ rule }) => rule)).toEqual(['ending', 'comedies']);
  });

  it('somebody of whom nothing is known gets what is popular, by the same rules', async () => {
    await add('comedies', 'filter', comedies);
    const { ids, fallback } = await choose('nobody', ['comedies']);
    expect(fallback).toBe('popular');
    expect(ids.every((id) => id.startsWith('c'))).toBe(true);
  });

  it('fails closed for filters and exclusions, and leaves sources out', async () => {
    await add('comedies', 'filter', comedies);
    await add('ending', 'source', ending);
    // Somebody edits the node: what the rule says is looked at again.
    await graph.write((tx) =>
      tx.run(
        'MATCH (r:Rule) SET r.cypher = \'// X.\\nLOAD CSV FROM "file:///x" AS l RETURN l[0] AS item, $items AS reason\'',
      ),
    );
    await expect(choose('ann', ['comedies'])).rejects.toMatchObject({ code: 'rule/failed', retryable: true });
    const { ids, notes } = await choose('ann', ['ending']);
    expect(ids).toEqual(served.recommend('ann', { limit: 3 }).items.map(({ id }) => id));
    expect(notes).toEqual([expect.stringMatching(/^Source 'ending' is left out: .*LOAD is not allowed/)]);
  });

  it.each([
    [['nothing-such'], 'rule/unknown'],
    [['ending:end'], 'rule/refused'],
    [['ending:other=1'], 'query/parameter'],
    [['ending:most=11'], 'query/parameter'],
  ])('%o: %s', async (rules, code) => {
    await add('ending', 'source', ending);
    await expect(choose('ann', rules)).rejects.toMatchObject({ code });
  });

  it('each rule says what it does with one item', async () => {
    await add('comedies', 'filter', comedies);
    await add('ending', 'source', ending);
    await add('no-returns', 'exclude', noD3);
    const judge = async (item: string) =>
      (await judgeByRules(graph, 'ann', item, (await ruleRequest(['comedies', 'ending', 'no-returns'], 20_000))!)).map(
        ({ verdict }) => verdict,
      );
    expect(await judge('c4')).toEqual(['allows', 'brings', 'none']);
    await graph.write((tx) => tx.run("MATCH (i:Item {id: 'd3'}) SET i.seller = 'returned'"));
    expect(await judge('d3')).toEqual(['removes', 'none', 'removes']);
  });

  it('recommends nothing without a database', async () => {
    const rules = await ruleRequest(['comedies'], 1000);
    await expect(chooseByRules(served, undefined, 'ann', { limit: 3, exclude: [], rules })).rejects.toMatchObject({
      code: 'rule/failed',
    });
  });
});

/** What explanations beyond a list's reasons take in and give. */
import { z } from '@hono/zod-openapi';
import { attributionMethods } from '../explain/attribution.ts';
import { connected, mostNodes, option } from '../options.ts';
import { foldInWays } from '../serving/foldIn/taste.ts';
import { numberFrom } from './numberFrom.ts';
import { graphState, itemId } from './schemas.ts';

export const nodeLimit = numberFrom(
  z.number().int().min(1).max(mostNodes).default(50).meta({ description: 'Most nodes of the answer' }),
);
export const nodeId = z
  .string()
  .min(1)
  .max(600)
  .meta({ description: "A node's id as the graph has it: user:…, item:…, feature:…, people:…" });

const answeringVersion = z
  .object({
    id: z.string(),
    model: z.string(),
    publishedAt: z.number().meta({ description: 'ms since 1970' }),
  })
  .openapi('AnsweringVersion');

const graphNode = z
  .object({
    id: z.string().meta({ example: 'item:heat' }),
    kind: z.enum(['user', 'item', 'people', 'feature']),
    title: z.string(),
    detail: z.object({
      item: z.string().optional().meta({ description: 'Outside id of an item' }),
      role: z
        .enum(['recommended', 'interacted'])
        .optional()
        .meta({ description: 'What an item is there as; absent for what is only near' }),
      count: z
        .number()
        .int()
        .optional()
        .meta({ description: 'Of people; absent where they are too few to be counted' }),
      capped: z.boolean().optional().meta({ description: 'The count is the least it can be' }),
      estimated: z.boolean().optional().meta({ description: 'The count is an estimate from a sample' }),
      trusted: z.boolean().optional().meta({ description: 'Whether the user trusts these people' }),
      feature: z.string().optional().meta({ description: 'What a feature is of: genre, director' }),
      items: z.number().int().optional().meta({ description: 'How many items have a feature' }),
    }),
  })
  .openapi('ExplanationNode', { description: 'People are groups, never somebody' });

const graphEdge = z
  .object({
    source: z.string(),
    target: z.string(),
    kind: z.enum(['recommended', 'interacted', 'chose', 'trusts', 'has']),
    of: z.enum(['score', 'attribution', 'evidence']).meta({
      description:
        'Whether it stands for the score, for a part of it, or for what the graph knows; these are never mixed',
    }),
    weight: z.number().min(0).max(1).meta({ description: "An attribution's share, or a path's score" }),
    part: z.number().optional().meta({ description: 'Summand of the score; of the recommended item the score' }),
    evidence: z.string().meta({ description: 'In a sentence' }),
  })
  .openapi('ExplanationEdge');

const shownStatement = z
  .object({
    name: z.string().meta({ description: 'Path of its file under cypher/', example: 'explain/shown-people' }),
    statement: z.string(),
    parameters: z.record(z.string(), z.unknown()),
  })
  .openapi('ShownStatement');

export const explanationGraphSchema = z
  .object({
    user: z.string(),
    item: z.string(),
    version: answeringVersion,
    graph: graphState,
    nodes: z.array(graphNode).readonly(),
    edges: z.array(graphEdge).readonly(),
    capped: z.boolean().meta({ description: 'More was found than is here' }),
    cypher: z.array(shownStatement).readonly().meta({
      description: 'What is shown, as statements that can be pasted into Neo4j Browser with their parameters',
    }),
  })
  .openapi('ExplanationGraph');

export const fixedWeights = {
  holds: z.literal('fixed-weights').meta({ description: 'What a training would find anew stays as it is' }),
  how: z.enum(foldInWays).meta({ description: 'How a taste is made of interactions' }),
  exact: z
    .boolean()
    .meta({ description: 'Whether the model itself ranks so; else as near as fixed item vectors allow' }),
};

/** Most interactions that are taken away, or added, in one question. */
const mostChanged = 100;

export const whatIfAskedSchema = z
  .strictObject({
    without: z.array(itemId).max(mostChanged).default([]).meta({ description: 'Interactions to be taken away' }),
    with: z.array(itemId).max(mostChanged).default([]).meta({ description: 'Items to be added as liked' }),
    limit: option.limit,
    item: itemId.optional().meta({ description: 'Tell where this item goes' }),
  })
  .openapi('WhatIfAsked', { example: { without: ['50'], with: [], limit: 10 } });

const place = {
  rank: z.number().int().optional().meta({ description: 'From 1; absent for what may not be recommended' }),
  score: z.number(),
};
export const movedItem = z.object({
  item: z.string(),
  title: z.string(),
  ...place,
  was: z.object(place).meta({ description: 'As it is now' }),
});

export const whatIfSchema = z
  .object({
    user: z.string(),
    version: answeringVersion,
    ...fixedWeights,
    without: z.array(z.string()).readonly(),
    with: z.array(z.string()).readonly(),
    passedOver: z
      .array(z.string())
      .readonly()
      .meta({ description: 'Ids that change nothing: unknown, not done, or done already' }),
    interactions: z
      .object({ was: z.number().int(), now: z.number().int() })
      .meta({ description: 'Items that the taste is made of' }),
    items: z.array(movedItem).readonly(),
    item: movedItem.optional(),
  })
  .openapi('WhatIf');

const namedItem = { item: z.string(), title: z.string() };
const sentences = z.array(z.string()).readonly();

export const counterfactualSchema = z
  .object({
    user: z.string(),
    ...namedItem,
    version: answeringVersion,
    ...fixedWeights,
    limit: z.number().int().meta({ description: 'k: of how many first ones it is taken out' }),
    rank: z.number().int().meta({ description: 'Where the item is now' }),
    found: z.boolean(),
    without: z
      .array(z.object(namedItem))
      .readonly()
      .meta({ description: 'Without these interactions the item is not among the first k' }),
    rankThen: z.number().int().optional().meta({ description: 'Where it then is, by all scores made anew' }),
    instead: z.array(z.object(namedItem)).readonly().meta({ description: 'What comes in its place' }),
    smallest: z.boolean().meta({ description: 'Whether every smaller set was tried' }),
    checks: z.number().int().meta({ description: 'How often the list was made anew' }),
    sentences,
  })
  .openapi('Counterfactual');

const scoredItem = z.object({ ...namedItem, score: z.number() });
export const contrastSchema = z
  .object({
    user: z.string(),
    version: answeringVersion,
    above: scoredItem,
    below: scoredItem,
    difference: z.number().meta({ description: 'Σ parts + popularity + own vector + error' }),
    method: z.enum(attributionMethods),
    fidelity: z.number(),
    parts: z
      .array(z.object({ ...namedItem, difference: z.number() }))
      .readonly()
      .meta({
        description: 'What each interaction brings to the one less what it brings to the other, the greatest first',
      }),
    popularity: z.number(),
    ownVector: z.number(),
    error: z.number(),
    sentence: z.string(),
  })
  .openapi('Contrast');

export const changeSchema = z
  .object({
    user: z.string(),
    ...namedItem,
    version: answeringVersion,
    ...fixedWeights,
    rank: z.number().int(),
    score: z.number(),
    likes: z
      .array(z.object({ ...namedItem, rank: z.number().int(), score: z.number() }))
      .readonly()
      .meta({
        description: 'Items to like, the one that lifts it most first; rank and score are of the item asked for',
      }),
    sentences,
  })
  .openapi('WhatWouldChange');

export const connectionAskedSchema = z
  .strictObject({ items: z.array(itemId).min(connected.least).max(connected.most) })
  .openapi('ConnectionAsked', { example: { items: ['50', '181'] } });

export const connectionSchema = z
  .object({
    user: z.string(),
    items: z.array(z.string()).readonly(),
    version: answeringVersion,
    graph: graphState,
    nodes: z.array(graphNode).readonly(),
    edges: z.array(graphEdge).readonly(),
    capped: z.boolean(),
    cypher: z.array(shownStatement).readonly(),
    common: z
      .array(
        z.object({ node: z.string(), title: z.string(), items: z.array(z.string()).readonly(), sentence: z.string() }),
      )
      .readonly()
      .meta({ description: 'Features and groups that two or more of them share' }),
  })
  .openapi('Connection');

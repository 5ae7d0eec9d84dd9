/** What to recommend, and why. */
import { randomUUID } from 'node:crypto';
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { explainByRules } from '../../explain/rules.ts';
import { mostEvidenceItems } from '../../graph/evidence.ts';
import { option } from '../../options.ts';
import { explainFor } from '../../pipeline/explaining.ts';
import { similarItems } from '../../pipeline/items.ts';
import { ruleRequest } from '../../pipeline/rules.ts';
import { listFor } from '../../pipeline/userLists.ts';
import type { AppDependencies, AppEnv } from '../context.ts';
import { etagOfText, hasTagged, ifNoneMatch, isUnchanged, notModified } from '../etag.ts';
import { spokenIn } from '../locale.ts';
import { requireScope } from '../middleware/auth.ts';
import {
  arm,
  experiment,
  explain,
  explanationSchema,
  filter,
  itemId,
  limit,
  locale,
  named,
  pipeline,
  preview,
  recommendationsSchema,
  rules,
  similarSchema,
  trace,
  userId,
} from '../schemas.ts';
import { needs } from '../scope.ts';
import { json, problems, sayWhence } from './answers.ts';
import { noteShown } from './shown.ts';

export const recommendations = createRoute({
  ...needs('read'),
  method: 'get',
  path: '/v1/users/{id}/recommendations',
  tags: ['Recommend'],
  summary: 'The best items that the user has not interacted with',
  description: `Leaves out everything the user has interacted with, up to this moment as far as Neo4j answers; where she has done something since the version was made, or the version was made without her, her taste is made of what she has done up to now, and \`foldedIn\` says how. With \`explain\`, each item has its reasons: the shares of the user's own interactions for all, evidence from the graph for the first ${mostEvidenceItems}. Rules choose among the items: sources take turns with the model's ranking, filters and exclusions leave out. With a filter only items that pass it: genre:Action AND year>=1990 AND NOT available:false. A pipeline that is declared in the configuration may make the list instead of the version's own ranking; \`trace=1\` says what each of its stages did, and who found each item. An experiment that is declared chooses the pipeline by the user, always the same for her; \`arm\`, for administrators, looks at another arm, and nothing of it is noted as shown. \`version\` asks another published version than the served one.`,
  request: {
    params: z.object({ id: userId }),
    query: z.strictObject({
      limit,
      explain,
      rules,
      filter,
      pipeline,
      experiment,
      arm,
      trace,
      locale,
      version: named,
      preview,
    }),
    headers: ifNoneMatch,
  },
  responses: { 200: json('Items, best first', recommendationsSchema), ...notModified, ...problems(404, 422, 503) },
});

export const similar = createRoute({
  ...needs('read'),
  method: 'get',
  path: '/v1/items/{id}/similar',
  tags: ['Recommend'],
  summary: 'Items most like an item: by the cosine of their vectors, or the weight between them',
  description:
    'An item that came after the training has its vector from what Neo4j says of it now, its features and the items that its people chose: from the model, where that gives vectors to new items, else between the vectors of items like it; `unseen` says how and from how many of each.',
  request: { params: z.object({ id: itemId }), query: z.strictObject({ limit, filter }), headers: ifNoneMatch },
  responses: { 200: json('Items, most similar first', similarSchema), ...notModified, ...problems(404, 422) },
});

export const explanation = createRoute({
  ...needs('read'),
  method: 'get',
  path: '/v1/users/{id}/recommendations/{item}/explanation',
  tags: ['Recommend'],
  summary: "Why an item: its score over the user's own interactions, and up to three paths in the graph",
  description: 'Rules that are named say what they do with the item: whether they bring, allow or remove it.',
  request: { params: z.object({ id: userId, item: itemId }), query: z.strictObject({ rules, locale }) },
  responses: { 200: json('The explanation', explanationSchema), ...problems(404, 422) },
});

/** Of lists that are kept: to write one down and hash it again takes as long as all the rest of giving it. */
const written = new WeakMap<object, { readonly graph: string; readonly text: string; readonly tag: string }>();

export function recommendationRoutes(app: OpenAPIHono<AppEnv>, deps: AppDependencies): void {
  const { recommender, answerId = randomUUID } = deps;
  const ruleTimeoutMs = deps.options.ruleTimeoutMs ?? option.ruleTimeoutMs.parse(undefined);

  app.openapi(recommendations, async (c) => {
    const { id: user } = c.req.valid('param');
    const { rules: given, version, preview, ...how } = spokenIn(c, c.req.valid('query'));
    if (how.arm !== undefined) requireScope(c, 'admin');
    const rules = await ruleRequest(given ?? [], ruleTimeoutMs);
    const { served, release } = recommender.acquire(version);
    try {
      const answer = answerId();
      const asked = { ...how, rules, seed: answer };
      const { chosen, graph, foldedIn, explained, from, age } = await listFor(deps, served, user, asked);
      // Who looks at another's arm, or only looks, shows nobody anything.
      const shown = { request: answer, user, version: served.manifest.id, chosen };
      if (how.arm === undefined && !preview) noteShown(deps, shown);
      if (deps.memory) sayWhence(c, from, age);
      const { items, fallback, marks, propensity, draws: _, isMomentary, ...more } = chosen;
      const answered = () => ({
        user,
        version: served.manifest.id,
        ...(fallback && { fallback }),
        ...(foldedIn && { foldedIn }),
        graph,
        ...(graph === 'unreachable' && { stale: true as const }),
        items: items.map(({ id: item, title, score }, place) => {
          const mark = marks.get(item) ?? [];
          const why = explained?.[place] && explainByRules(explained[place], mark);
          return {
            item,
            title,
            score,
            ...(why && { reasons: [...why.reasons], paths: [...why.paths] }),
            ...(rules && { rules: mark }),
          };
        }),
        ...more,
      });
      // What was drawn, or depends on what was shown, is another each time; a trace says how long each stage took.
      if (propensity !== undefined || isMomentary || more.trace) return c.json(answered(), 200);
      let known = written.get(chosen);
      if (known?.graph !== graph) {
        const text = JSON.stringify(answered());
        known = { graph, text, tag: etagOfText(text) };
        written.set(chosen, known);
      }
      if (hasTagged(c, known.tag)) return c.body(null, 304);
      return c.body(known.text, 200, { 'content-type': 'application/json' }) as never; // the JSON of what is answered
    } finally {
      release();
    }
  });

  app.openapi(similar, async (c) => {
    const { id } = c.req.valid('param');
    const { items, ...about } = await similarItems(deps, id, c.req.valid('query'));
    const rows = items.map(({ id: item, title, score }) => ({ item, title, score }));
    const answered = { ...about, items: rows };
    return isUnchanged(c, answered) ? c.body(null, 304) : c.json(answered, 200);
  });

  app.openapi(explanation, async (c) => {
    const { id: user, item } = c.req.valid('param');
    const { rules: named, locale } = spokenIn(c, c.req.valid('query'));
    const rules = await ruleRequest(named ?? [], ruleTimeoutMs);
    const { attribution, paths, reasons, ...rest } = await explainFor(deps, user, item, { rules, locale });
    return c.json(
      {
        ...rest,
        ...(attribution && { attribution: { ...attribution, parts: [...attribution.parts] } }),
        paths: [...paths],
        reasons: [...reasons],
      },
      200,
    );
  });
}

/** Recommendations for many users at once, and the users most like one. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { problemOf, TastegraphError, toldOf } from '../../errors.ts';
import { option } from '../../options.ts';
import { ruleRequest } from '../../pipeline/rules.ts';
import { type AnswerOptions, recommendFor } from '../../pipeline/userLists.ts';
import { usersLike } from '../../pipeline/users.ts';
import type { AppDependencies, AppEnv } from '../context.ts';
import { linesAnswer, ndjson } from '../lines.ts';
import { batchAskedSchema, limit, similarUsersSchema, userId } from '../schemas.ts';
import { needs } from '../scope.ts';
import { body, json, problems } from './answers.ts';

const example =
  '{"user": "ann", "version": "20260501-120000-1a2b3c", "items": [{"item": "heat", "title": "Heat", "score": 0.83}]}\n';

export const batchRecommendations = createRoute({
  ...needs('read'),
  method: 'post',
  path: '/v1/recommendations:batch',
  tags: ['Recommend'],
  summary: 'The best items for many users, a JSON object a line',
  description:
    'A line for each user in the order that was given, as soon as it is made: `{user, version, items}`, with `reasons` where `explain` is true and `foldedIn` where the taste was made of what the user has done up to now, or `{user, problem, code}`. With `pipeline`, or an `experiment` that chooses it by each user, lines say which made them; with `rules`, items say what brought or allowed them, and `notes` what could not be asked. Nothing of it is noted as shown.',
  request: { body: body(batchAskedSchema) },
  responses: {
    200: { description: 'A line a user', content: { [ndjson]: { schema: z.string().meta({ example }) } } },
    ...problems(404, 413, 415, 422),
  },
});

export const similarUsers = createRoute({
  ...needs('read'),
  method: 'get',
  path: '/v1/users/{id}/similar',
  tags: ['Recommend'],
  summary: 'Users most like a user: by the cosine of their vectors, or of the sets of items that they chose',
  description:
    'By what she has done up to this moment as far as Neo4j answers: where that is not what the version was made with, or the version was made without her, her taste is made of it, and `foldedIn` says so.',
  request: { params: z.object({ id: userId }), query: z.strictObject({ limit }) },
  responses: { 200: json('Users, most similar first', similarUsersSchema), ...problems(404, 422) },
});

export function batchRoutes(app: OpenAPIHono<AppEnv>, deps: AppDependencies): void {
  const ruleTimeoutMs = deps.options.ruleTimeoutMs ?? option.ruleTimeoutMs.parse(undefined);

  app.openapi(batchRecommendations, async (c) => {
    const { users, rules: named = [], ...how } = c.req.valid('json');
    const asked = { ...how, rules: await ruleRequest(named, ruleTimeoutMs) };
    // What is wrong with the request itself is answered with its status, not line by line.
    await recommendFor(deps, users[0]!, { ...asked, explain: false, limit: 1 });
    return linesAnswer(c, answers(deps, users, asked), (cause) =>
      deps.log.warn({ problem: problemOf(cause) }, 'an answer of lines broke off'),
    );
  });

  app.openapi(similarUsers, async (c) =>
    c.json(await usersLike(deps, c.req.valid('param').id, c.req.valid('query')), 200),
  );
}

async function* answers(
  deps: AppDependencies,
  users: readonly string[],
  asked: Pick<AnswerOptions, 'limit' | 'explain' | 'filter' | 'rules' | 'pipeline' | 'experiment'>,
): AsyncGenerator<object, void, undefined> {
  for (const user of users) {
    try {
      const answer = await recommendFor(deps, user, asked);
      const { items, explanations, rules, notes, version, fallback, foldedIn } = answer;
      const { stale, pipeline, experiment, degraded } = answer;
      yield {
        user,
        version,
        ...(fallback && { fallback }),
        ...(foldedIn && { foldedIn }),
        ...(stale && { stale }),
        ...(pipeline !== undefined && { pipeline }),
        ...(experiment && { experiment }),
        ...(degraded && { degraded }),
        ...(notes && { notes }),
        items: items.map(({ id: item, title, score }, place) => {
          const reasons = explanations[place]?.reasons;
          return { item, title, score, ...(reasons && { reasons }), ...(rules && { rules: rules[place] }) };
        }),
      };
    } catch (cause) {
      if (!(cause instanceof TastegraphError)) throw cause;
      yield { user, problem: toldOf(cause), code: cause.code };
    }
  }
}

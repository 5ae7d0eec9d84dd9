/** What administrators ask of the graph, and the rules they register. */
import { z } from 'zod';
import { about, count } from './meta.ts';

export const adminOption = {
  param: z
    .array(z.string())
    .default([])
    .meta(
      about('A parameter as name=value; again for each further one', {
        reason: 'their names, types and ranges are listed with each query and rule',
        repeats: true,
      }),
    ),
  timeout: z
    .number()
    .gt(0)
    .max(3600)
    .default(30)
    .meta(about('Longest time for one query; the server ends it', { unit: 's' })),
  cypher: z.string().optional().meta(about('A file with Cypher that only reads; - reads standard input')),
  freeCypher: z
    .boolean()
    .default(false)
    .meta(
      about('Let administrators bring Cypher of their own in requests: queries that only read, and rules', {
        reason: 'off: whoever has an admin key could read all of the graph',
      }),
    ),
  freeCypherMemoryMb: count(32)
    .max(4096)
    .default(256)
    .meta(
      about('Memory of the thread that takes in what free Cypher answers', {
        unit: 'MiB',
        reason: 'one row may hold a list of any length',
      }),
    ),
  kind: z
    .enum(['source', 'filter', 'exclude'])
    .optional()
    .meta(about('What a rule does: brings candidates, says which may stay, or which must go')),
  user: z.string().optional().meta(about('Outside id of the user that a rule is tried with')),
  rule: z
    .array(z.string())
    .default([])
    .meta(
      about('A registered rule, as NAME or NAME:param=value,param=value; again for each further one', {
        repeats: true,
      }),
    ),
  maxTrainings: count(0)
    .max(64)
    .default(1)
    .meta(
      about('Most trainings at a time that administrators may have started by requests; with 0 they may start none', {
        unit: 'trainings',
        reason: 'each takes all cores and its own memory, beside the answers to requests',
      }),
    ),
  ruleTimeoutMs: count()
    .max(60_000)
    .default(1000)
    .meta(
      about('Longest time for one question to a rule', {
        unit: 'ms',
        reason: 'it lies in the way of a request; a filter that is late fails the request, a source is left out',
      }),
    ),
  maxRuleRows: count()
    .default(1_000_000)
    .meta(
      about("Most rows that Neo4j's planner may expect a rule to touch", {
        unit: 'rows',
        reason: 'a rule over it is not accepted: it would read the graph in every request',
      }),
    ),
};

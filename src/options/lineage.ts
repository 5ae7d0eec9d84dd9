/** What the graph remembers of published versions: their vectors' neighbours, and who was shown what. */
import { z } from 'zod';
import { about, count } from './meta.ts';

export const lineageOption = {
  from: z
    .enum(['version', 'neo4j'])
    .default('version')
    .meta(
      about("Where neighbours come from: the published version, exactly, or the graph's vector index", {
        reason: 'the index is approximate; it stands beside the exact answer, to see what it misses',
      }),
    ),
  remove: z
    .string()
    .optional()
    .meta(about('Remove the files of this version, which must not be current; the graph keeps what it was')),
  impressions: z
    .boolean()
    .default(true)
    .meta(
      about('Write who was shown what into the graph, where there is one', {
        reason:
          'on, because what was shown cannot be found out later, and without it nobody can tell what a click says',
      }),
    ),
  keepImpressions: count(0)
    .default(90)
    .meta(about('How long impressions are kept; 0 keeps them for ever', { unit: 'days' })),
  impressionJournalMb: count()
    .default(1024)
    .meta(
      about('Most impressions that wait on the disk while Neo4j is away; what comes after is dropped and counted', {
        unit: 'MiB',
        reason: 'some 30 million impressions',
      }),
    ),
};

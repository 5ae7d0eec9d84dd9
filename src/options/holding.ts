/** How a server holds load: processes, what they take on at once, and what they keep of their answers. */
import { about, count } from './meta.ts';

export const holdingOption = {
  workers: count(0)
    .max(64)
    .default(0)
    .meta(
      about('Processes that answer on the one port; 0 picks', {
        unit: 'processes',
        reason:
          'one for each core but one, which Neo4j and the rest of the machine need, at most eight; one is a single process without a supervisor',
      }),
    ),
  maxWorking: count()
    .default(64)
    .meta(
      about('Requests that a process works on at once', {
        unit: 'requests',
        reason: 'four for each of its connections to Neo4j; more at once are each slower, and no more are done',
      }),
    ),
  maxWaiting: count(0)
    .default(256)
    .meta(
      about('Requests that wait in a process for those at work; what comes beyond is refused with 503', {
        unit: 'requests',
        reason: 'a few tenths of a second of work: who waits longer has gone',
      }),
    ),
  maxStreams: count()
    .default(8)
    .meta(
      about('Uploads and answers of lines under way at once in a process; what comes beyond is refused with 503', {
        unit: 'streams',
        reason: 'half of its connections to Neo4j, so that lists have the others',
      }),
    ),
  drainDelaySeconds: count(0)
    .max(3600)
    .default(0)
    .meta(
      about('Time after SIGTERM for which requests are still taken, while `/health/ready` says 503 already', {
        unit: 's',
        reason:
          'none is needed without a load balancer; behind one, what it takes to notice, as a few seconds in Kubernetes',
      }),
    ),
  answerCacheMb: count(0)
    .default(64)
    .meta(
      about('Memory of each process for answers, and for what users did, that are kept; 0 keeps none', {
        unit: 'MiB',
        reason: 'lists of 10 for some 20,000 users',
      }),
    ),
  answerCacheSeconds: count()
    .default(60)
    .meta(
      about('Longest time for which an answer is kept', {
        unit: 's',
        reason:
          'what is written over the API, and by others with a mark, is seen long before; this bounds what plain Cypher changes',
      }),
    ),
};

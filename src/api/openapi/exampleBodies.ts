/** Whole answers, by the name of their operation, and bodies: 'getMetrics', 'runCypherBody'. */

const version = '20260501-120000-1a2b3c';
const digest = '9f2c4e7a1b3d5f60718293a4b5c6d7e8f90123456789abcdef0123456789abcd';
const rows = '{"columns":["item","chosen"]}\n{"row":["heat",940]}\n{"end":{"rows":1,"more":false}}\n';
const receipt = {
  receipt: {
    format: 'tastegraph-forget-1',
    operation: '0b6f3f0c-3c52-4d4b-8f5e-2f1d6a7c9e10',
    key: digest,
    known: true,
    startedAt: '2026-05-01T12:00:00.000Z',
    finishedAt: '2026-05-01T12:00:03.000Z',
    removed: {
      graph: { users: 1, interactions: 42 },
      snapshots: [],
      versions: [version],
      withdrawn: [],
      checkpoints: [],
      quarantineLines: 0,
    },
    blocked: false,
    influenced: [version],
    free: [],
    proof: { graph: { users: 0, interactions: 0 }, snapshots: 0, versions: 0, files: { scanned: 12, holding: [] } },
    beyond: ['Backups that were made before'],
    earlier: [],
  },
  signature: 'q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJCrze8SNA==',
  publicKey: 'MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=',
};

export const exampleBodies: Readonly<Record<string, unknown>> = {
  runQuery: rows,
  postQuery: rows,
  runCypher: rows,
  runCypherBody: {
    cypher:
      '// The most chosen items\nMATCH (i:Item)<-[r:INTERACTED]-() RETURN i.id AS item, count(r) AS chosen ORDER BY chosen DESC',
    parameters: {},
    limit: 10,
    timeout: 30,
  },
  getMetrics: 'tastegraph_graph_reached 1\n',
  followRun: 'event: point\nid: 1042\ndata: {"epoch":3,"loss":0.41,"seconds":12.5}\n\n',
  forgetUser: receipt,
  recommendForUsersBody: { users: ['ann', 'bob'], limit: 10, explain: false },
  recommendForGorseUser: ['heat', 'ronin'],
  recommendForGorseUserInCategory: ['heat', 'ronin'],
};

// Publishes the version that the environment describes into the graph, and kills itself as soon as it has come to `killAt`.
import { openGraph } from '../../dist/graph/driver.js';
import { writeVersion } from '../../dist/graph/versions.js';

const { connection, version, value, users, items, killAt } = JSON.parse(process.env.PUBLISHING);
const nodes = (ids) => ({
  count: ids.length,
  id: (n) => ids[n],
  has: (id) => ids.includes(id),
  vectors: new Float32Array(ids.length * version.dim).fill(value),
});
const graph = await openGraph(connection);
await writeVersion(graph, { ...version, vectors: { users: nodes(users), items: nodes(items) } }, ({ phase, done }) => {
  if (`${phase} ${done}`.startsWith(killAt)) process.kill(process.pid, 'SIGKILL');
});

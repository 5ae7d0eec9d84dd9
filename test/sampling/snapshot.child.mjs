// Takes snapshots of the graph that the environment names into the home argv[2], as fast as it can, until it is killed.
import { openGraph } from '../../dist/graph/driver.js';
import { currentSnapshot } from '../../dist/sampling/current.js';
import { writeSnapshot } from '../../dist/sampling/store.js';

const graph = await openGraph(JSON.parse(process.env.CONNECTION));
for (;;) {
  const { snapshot } = await currentSnapshot(graph, { home: process.argv[2], full: false });
  console.log('writing');
  writeSnapshot(process.argv[2], snapshot);
  console.log('written');
}

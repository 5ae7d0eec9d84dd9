// Forgets argv[2] in the home argv[3], with the graph that the environment names, and kills itself where it reports the phase argv[4]
// for the argv[5]-th time.
import { openGraph } from '../../dist/graph/driver.js';
import { forgetUser } from '../../dist/pipeline.js';

const [user, home, phase, time] = process.argv.slice(2);
const graph = await openGraph(JSON.parse(process.env.CONNECTION));
let times = 0;
const report = (progress) => {
  if (progress.phase === phase && ++times === Number(time)) process.kill(process.pid, 'SIGKILL');
};
const run = { report, signal: new AbortController().signal };
await forgetUser(user, { home, block: false, withId: false }, run, { graph });
await graph.close();

// Ingests argv[2] into the server that the environment names, printing how far it is, until it is done or killed.
import { openData } from '../../dist/data/open.js';
import { openGraph } from '../../dist/graph/driver.js';
import { ingest } from '../../dist/graph/ingest.js';
import { optionGroups } from '../../dist/options.js';

const graph = await openGraph(JSON.parse(process.env.CONNECTION));
const source = await openData(process.argv[2], optionGroups.files.parse({}));
const options = { home: process.argv[3], maxBadPercent: 1, restart: false };
await ingest(graph, source, options, ({ phase, done }) => console.log(phase === 'checking' ? -1 : done));
await graph.close();

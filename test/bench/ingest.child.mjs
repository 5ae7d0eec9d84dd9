// Takes generated interactions into an empty managed database, in a process of its own whose peak memory is told by itself.
// argv[2]: {home, rows, way: 'importer' | 'transactions', heapMb, pageCacheMb} as JSON. Prints one JSON line.
import { crowdOf, generateCrowd } from '../../dist/data/crowd.js';
import { openDatabase } from '../../dist/graph/database.js';
import { importSource } from '../../dist/graph/import.js';
import { ingest } from '../../dist/graph/ingest.js';

const { rows, way, ...server } = JSON.parse(process.argv[2]);
const options = { ...server, neo4jUsername: 'neo4j', neo4jDatabase: 'neo4j', maxBadPercent: 1, restart: false };
const source = generateCrowd(crowdOf(rows));
const phases = {};
let [phase, since] = ['', performance.now()];
const report = (progress) => {
  if (progress.phase === phase) return;
  const now = performance.now();
  if (phase) phases[phase] = (phases[phase] ?? 0) + (now - since) / 1000;
  [phase, since] = [progress.phase, now];
};
let summary;
if (way === 'importer') summary = await importSource(source, options, report);
else {
  const graph = await openDatabase(options);
  summary = await ingest(graph, source, options, report);
  await graph.close();
}
report({ phase: 'end' });
const { interactions, seconds } = summary;
const peakMiB = process.resourceUsage().maxRSS / 1024;
console.log(JSON.stringify({ created: interactions.created, seconds, peakMiB, phases }));

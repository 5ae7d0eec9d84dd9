/** The thread that takes in what free Cypher answers: see `apart.ts`. One statement, then it is ended from outside. */
import { once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import { problemOf, TastegraphError } from '../../errors.ts';
import { openGraph } from '../driver.ts';
import type { ApartMessage, ApartStart } from './apart.ts';
import { freeParameters } from './parameters.ts';
import { openRows, type Row } from './rows.ts';

/** Rows of a message to the main thread, which takes one before the next is made. */
const batch = 100;
/** How often memory outside the heap, where the driver holds what it has not read yet, is looked at, ms. */
const lookMs = 50;

const port = parentPort!;
const { connection, text, parameters, limits, purpose, memoryMb } = workerData as ApartStart;
const say = (message: ApartMessage) => port.postMessage(message);
const tell = (thrown: unknown) => {
  if (thrown instanceof TastegraphError) say({ code: thrown.code, details: thrown.details });
  else say({ code: 'internal', details: { problem: problemOf(thrown) } });
};

setInterval(() => {
  const { heapUsed, external } = process.memoryUsage();
  if (heapUsed + external <= memoryMb * 2 ** 20) return;
  tell(new TastegraphError('query/memory', { query: purpose }));
  process.exit(); // of this thread
}, lookMs).unref();

try {
  const graph = await openGraph(connection);
  const { columns, rows, more } = await openRows(graph, text, freeParameters(parameters), limits, purpose);
  say({ columns });
  let waiting: Row[] = [];
  const hand = async () => {
    const taken = once(port, 'message');
    say({ rows: waiting });
    waiting = [];
    await taken;
  };
  for await (const row of rows) if (waiting.push(row) === batch) await hand();
  if (waiting.length > 0) await hand();
  say({ more: more() });
  await graph.close();
} catch (thrown) {
  tell(thrown);
}
port.close();

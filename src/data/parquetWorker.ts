/** The thread that decodes row groups: see `parquetDecoder.ts`. It holds one group. */
import { parentPort, workerData } from 'node:worker_threads';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { problemOf } from '../errors.ts';
import type { ParquetRow, RowsAnswer, RowsRequest } from './parquetDecoder.ts';
import { openParquet } from './parquetFile.ts';

const port = parentPort!;
const { path, name } = workerData as { readonly path: string; readonly name: string };
const { buffer: file, metadata } = await openParquet(path, name);
let held: { readonly end: number; readonly rows: ParquetRow[] } | undefined;

async function answerTo({ first, end, from, to }: RowsRequest): Promise<RowsAnswer> {
  if (held?.end !== end) {
    held = undefined;
    const rows = await parquetReadObjects({ file, metadata, compressors, rowStart: first, rowEnd: end });
    if (rows.length !== end - first) return { problem: 'holds another number of rows than it says' };
    held = { end, rows: rows as ParquetRow[] };
  }
  const rows = held.rows.slice(from - first, to - first);
  const names = Object.keys(rows[0] ?? {});
  return { names, values: names.map((name) => rows.map((row) => row[name]!)) };
}

port.on('message', (request: RowsRequest) => {
  const say = (answer: RowsAnswer) => port.postMessage(answer);
  answerTo(request)
    .then(say)
    .catch((cause: unknown) => say({ problem: `cannot be read (${problemOf(cause).slice(0, 200)})` }));
});

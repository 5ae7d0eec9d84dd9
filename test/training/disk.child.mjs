// Trains a table on disk in the folder argv[2] and saves a checkpoint every other step, printing its number, until it is killed.
import { join } from 'node:path';
import { openKernels } from '../../dist/compute/open.js';
import { RandomStream } from '../../dist/random.js';
import { Checkpoints } from '../../dist/training/checkpoints.js';
import { EmbeddingStore } from '../../dist/training/store.js';

const folder = process.argv[2];
const kernels = openKernels({ threads: 1 });
const store = new EmbeddingStore(kernels, 3, {
  embeddings: 'disk',
  folder: join(folder, 'tables'),
  cacheBytes: 20 * 4096,
});
const table = store.table('t', { rows: 3000, dim: 6 }, { kind: 'normal', deviation: 0.1 });
const checkpoints = new Checkpoints(folder, {});
for (let step = 1; ; step++) {
  const stream = new RandomStream(step);
  const ids = Int32Array.from({ length: 100 }, () => stream.integer(3000));
  const rows = new Float32Array(ids.length * 6);
  table.gather(ids, rows);
  table.apply(
    ids,
    rows.map((value) => value + stream.normal()),
    { learningRate: 0.05, step },
  );
  if (step % 2 === 1) continue;
  store.flush();
  const state = { phase: 'search', epoch: step, best: undefined, curve: [], seconds: { fit: 0, evaluate: 0 } };
  checkpoints.save(state, store.state());
  store.settle();
  console.log(step);
}

/**
 * Whole training steps of a tabular and a sequential model, forward, backward and update, on the wasm backend, beside the same
 * models in PyTorch on the same threads.
 */
import { openKernels } from '../../src/compute/open.ts';
import { openWasm } from '../../src/compute/tensors/wasm.ts';
import { deepfmShape, deepfmStep } from './steps/deepfm.ts';
import { sasrecShape, sasrecStep } from './steps/sasrec.ts';
import type { Bench } from './table.ts';

const REPEATS = 15;

const bench: Bench = async ({ peer, runPeer, log }) => {
  const kernels = openKernels();
  const tensors = await openWasm(kernels);
  try {
    const steps = {
      deepfm: deepfmStep(tensors, kernels, 1),
      sasrec1: sasrecStep(tensors, kernels, 2, 1),
      sasrec2: sasrecStep(tensors, kernels, 3, 2),
    };
    const ours: Record<string, number> = {};
    for (const [name, step] of Object.entries(steps)) {
      log(`wasm: ${name}`);
      ours[name] = await medianSeconds(step);
    }
    if (peer) log(`PyTorch ${peer.torchVersion}`);
    const shapes = JSON.stringify({ deepfm: deepfmShape, sasrec: sasrecShape });
    const theirs = peer ? await runPeer('steps.py', [shapes, String(kernels.threads), String(REPEATS)]) : undefined;
    const { rows, fields, dim, hidden } = deepfmShape;
    const { batch, length, blocks } = sasrecShape;
    const sasrec = `SASRec, ${batch} × ${length} × ${sasrecShape.dim}, ${blocks} blocks`;
    const labels: Record<string, string> = {
      deepfm: `DeepFM, ${rows} rows, ${fields} fields × ${dim}, ${hidden.join('-')}`,
      sasrec1: `${sasrec}, 1 head`,
      sasrec2: `${sasrec}, 2 heads`,
    };
    const time = (seconds: number) => `${(1000 * seconds).toFixed(1)} ms`;
    return {
      title: 'A training step: forward, backward and Adam',
      columns: ['what', 'wasm', peer ? `PyTorch ${peer.torchVersion}` : 'PyTorch', 'wasm takes'],
      rows: Object.entries(ours).map(([name, seconds]) => {
        const other = theirs?.[name];
        if (other === undefined) return [labels[name]!, time(seconds), 'absent', ''];
        return [labels[name]!, time(seconds), time(Number(other)), `${(seconds / Number(other)).toFixed(2)} ×`];
      }),
      notes: [
        `${kernels.threads} threads, kernels ${kernels.variant}; medians of ${REPEATS} steps`,
        peer
          ? `Python ${peer.pythonVersion}, fused Adam over all parameters; ours updates the embedding rows that a batch names`
          : 'PyTorch is absent: no Python with torch was found (set TASTEGRAPH_PYTHON)',
      ],
      figures: ours,
    };
  } finally {
    tensors.close();
    await kernels.close();
  }
};

export default bench;

async function medianSeconds(step: () => Promise<number>): Promise<number> {
  for (let warm = 0; warm < 5; warm++) await step();
  const taken: number[] = [];
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    const started = performance.now();
    await step();
    taken.push((performance.now() - started) / 1000);
  }
  return taken.sort((a, b) => a - b)[REPEATS >> 1]!;
}

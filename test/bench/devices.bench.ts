/**
 * The training steps of `steps`, on every device that is on this machine, taking turns, beside PyTorch on the same threads. Software
 * adapters of WebGPU are left out.
 */
import * as tf from '@tensorflow/tfjs-core';
import { openKernels } from '../../src/compute/open.ts';
import type { Tensors } from '../../src/compute/tensors.ts';
import { type Contender, openContenders } from './contenders.ts';
import { deepfmShape, deepfmStep } from './steps/deepfm.ts';
import { sasrecShape, sasrecStep } from './steps/sasrec.ts';
import type { Bench } from './table.ts';

const REPEATS = 15;
const WARM = 3;

const bench: Bench = async ({ peer, runPeer, log }) => {
  const kernels = openKernels();
  const { contenders, absent } = await openContenders(kernels);
  try {
    const makers = {
      deepfm: (tensors: Tensors) => deepfmStep(tensors, kernels, 1),
      sasrec1: (tensors: Tensors) => sasrecStep(tensors, kernels, 2, 1),
      sasrec2: (tensors: Tensors) => sasrecStep(tensors, kernels, 3, 2),
    };
    const ours: Record<string, number> = {};
    for (const [name, make] of Object.entries(makers)) {
      log(`${name} on ${contenders.map(({ device }) => device).join(', ')}`);
      for (const [device, seconds] of Object.entries(await medians(contenders, make)))
        ours[`${name} ${device}`] = seconds;
    }
    if (peer) log(`PyTorch ${peer.torchVersion}`);
    const shapes = JSON.stringify({ deepfm: deepfmShape, sasrec: sasrecShape });
    const theirs = peer ? await runPeer('steps.py', [shapes, String(kernels.threads), String(REPEATS)]) : undefined;
    const labels: Record<keyof typeof makers, string> = {
      deepfm: `DeepFM, ${deepfmShape.rows} rows`,
      sasrec1: 'SASRec, 1 head',
      sasrec2: 'SASRec, 2 heads',
    };
    const time = (seconds: number) => `${(1000 * seconds).toFixed(1)} ms`;
    return {
      title: 'A training step on each device: forward, backward and Adam',
      columns: ['what', ...contenders.map(({ device }) => device), peer ? `PyTorch ${peer.torchVersion}` : 'PyTorch'],
      rows: Object.entries(labels).map(([name, label]) => [
        label,
        ...contenders.map(({ device }) => time(ours[`${name} ${device}`]!)),
        theirs ? time(Number(theirs[name])) : 'absent',
      ]),
      notes: [
        `${kernels.threads} threads; medians of ${REPEATS} steps, the devices taking turns`,
        ...contenders.map(({ device, tensors }) => `${device}: ${tensors.reason}`),
        ...absent,
      ],
      figures: ours,
    };
  } finally {
    for (const { tensors } of contenders) tensors.close();
    await kernels.close();
  }
};

export default bench;

/** Median seconds of a step on each device, one step here, one step there, so that all meet the same load. */
async function medians(
  contenders: readonly Contender[],
  make: (tensors: Tensors) => () => Promise<number>,
): Promise<Record<string, number>> {
  const runs: { readonly contender: Contender; readonly step: () => Promise<number>; readonly taken: number[] }[] = [];
  for (const contender of contenders) {
    await tf.setBackend(contender.backend);
    runs.push({ contender, step: make(contender.tensors), taken: [] });
  }
  for (let round = 0; round < WARM + REPEATS; round++) {
    for (const { contender, step, taken } of runs) {
      await tf.setBackend(contender.backend);
      const started = performance.now();
      await step();
      if (round >= WARM) taken.push((performance.now() - started) / 1000);
    }
  }
  return Object.fromEntries(
    runs.map(({ contender, taken }) => [contender.device, taken.sort((a, b) => a - b)[REPEATS >> 1]!]),
  );
}

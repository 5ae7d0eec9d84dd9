/**
 * What many training steps leave behind on every device that is on this machine: tensors, the kernels' memory, and the process's own.
 * `npm run bench -- memory [STEPS] [DEVICE…]`, 10,000 steps on all of them where not said otherwise.
 */
import * as tf from '@tensorflow/tfjs-core';
import { openKernels } from '../../src/compute/open.ts';
import type { Tensors } from '../../src/compute/tensors.ts';
import { openContenders } from './contenders.ts';
import { deepfmShape, deepfmStep } from './steps/deepfm.ts';
import { sasrecShape, sasrecStep } from './steps/sasrec.ts';
import type { Bench } from './table.ts';

// Small, for there are many steps; large enough for native TensorFlow to be given products.
const deepfm = { ...deepfmShape, rows: 512, fields: 8, hidden: [128, 128] };
const sasrec = { ...sasrecShape, batch: 16, blocks: 1, items: 2000 };

const bench: Bench = async ({ args, log }) => {
  const steps = args[0] === undefined ? 10_000 : Number(args[0]);
  if (!Number.isInteger(steps) || steps < 100)
    throw new Error(`steps must be a whole number from 100, not '${args[0]}'`);
  const marks = [100, 1000, 10_000, 100_000].filter((mark) => mark < steps).concat(steps);
  const kernels = openKernels();
  const { contenders, absent } = await openContenders(kernels);
  const wanted = contenders.filter(({ device }) => args.length < 2 || args.slice(1).includes(device));
  const makers = {
    [`DeepFM, ${deepfm.rows} rows`]: (tensors: Tensors) => deepfmStep(tensors, kernels, 1, deepfm),
    [`SASRec, ${sasrec.batch} × ${sasrec.length}`]: (tensors: Tensors) => sasrecStep(tensors, kernels, 2, 2, sasrec),
  };
  const rows: string[][] = [];
  const figures: Record<string, number> = {};
  try {
    for (const [name, make] of Object.entries(makers)) {
      for (const { device, tensors, backend } of wanted) {
        log(`${name} on ${device}: ${steps} steps`);
        await tf.setBackend(backend);
        const step = make(tensors);
        let taken = 0;
        for (const mark of marks) {
          for (; taken < mark; taken++) await step();
          const { tensors: count, kernels: used, resident } = inUse(kernels.used);
          rows.push([name, device, String(mark), String(count), used.toFixed(1), resident.toFixed(0)]);
          figures[`${name} ${device} ${mark} tensors`] = count;
          figures[`${name} ${device} ${mark} MiB`] = resident;
        }
      }
    }
    return {
      title: 'What training steps leave behind',
      columns: ['what', 'device', 'after steps', 'tensors', "kernels' memory, MiB", 'resident, MiB'],
      rows,
      notes: [
        'one process: the tensors and the memory of an earlier training are still there in the next one',
        ...wanted.map(({ device, tensors }) => `${device}: ${tensors.reason}`),
        ...absent,
      ],
      figures,
    };
  } finally {
    for (const { tensors } of contenders) tensors.close();
    await kernels.close();
  }
};

export default bench;

/** Tensors, and MiB of the kernels' memory in use and of the process. */
function inUse(used: number): { readonly tensors: number; readonly kernels: number; readonly resident: number } {
  const mebibytes = (bytes: number) => bytes / 2 ** 20;
  return { tensors: tf.memory().numTensors, kernels: mebibytes(used), resident: mebibytes(process.memoryUsage.rss()) };
}

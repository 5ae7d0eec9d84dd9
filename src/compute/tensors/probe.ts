/** Tries a build of TensorFlow in a process of its own, which a library that does not suit this machine may end. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { problemOf } from '../../errors.ts';
import { packageRoot } from '../../package.ts';
import { openKernels } from '../open.ts';
import { buildAt } from './builds.ts';
import { runProgram, whyFailed } from './setup/program.ts';
import { openTensorflow } from './tensorflow.ts';

/** What a build turned out to be. */
export interface Probe {
  readonly version: string;
  readonly device: string;
}

const script = join(packageRoot, 'dist', 'compute', 'tensors', 'probe.js');

/** Trains a step with the build in a package's folder. Takes about two seconds. */
export async function probeTensorflow(
  folder: string,
  gpu: boolean,
  signal?: AbortSignal,
): Promise<{ readonly ok: true; readonly found: Probe } | { readonly ok: false; readonly problem: string }> {
  const end = await runProgram(process.execPath, [script, folder, gpu ? 'gpu' : 'cpu'], { signal });
  if (!end) return { ok: false, problem: `${process.execPath} is gone` };
  if (end.code !== 0) return { ok: false, problem: whyFailed(end) };
  return { ok: true, found: JSON.parse(end.stdout.trim().split('\n').at(-1)!) as Probe };
}

/** Fits y = 3 a − 2 b by Adam; throws where the loss does not fall as it must. */
async function train(folder: string, gpu: boolean): Promise<Probe> {
  const build = buildAt(folder, { gpu, origin: 'built' });
  if (!build) throw new Error(`there is no addon in ${folder}`);
  const kernels = openKernels({ threads: 1 });
  // Each operation by TensorFlow, however small.
  const tensors = await openTensorflow(build, { kernels, tensorsIn: 'tensorflow' });
  const { tf, version, device } = tensors;
  const x = tf.tensor2d([0, 0, 0, 1, 1, 0, 1, 1], [4, 2]);
  const y = tf.tensor2d([0, -2, 3, 1], [4, 1]);
  const w = tf.variable(tf.zeros([2, 1]));
  const loss = () => tf.mean(tf.square(tf.sub(tf.matMul(x, w), y))) as import('@tensorflow/tfjs-core').Scalar;
  const before = (await loss().data())[0]!;
  const adam = tf.train.adam(0.1);
  for (let step = 0; step < 200; step++) adam.minimize(loss);
  const after = (await loss().data())[0]!;
  if (!(after < before / 1000))
    throw new Error(`a training that must succeed went from a loss of ${before} to ${after}`);
  tensors.close();
  await kernels.close();
  return { version, device };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  train(process.argv[2]!, process.argv[3] === 'gpu').then(
    (found) => console.log(JSON.stringify(found)),
    (thrown: unknown) => {
      console.error(`error: ${problemOf(thrown)}`);
      process.exitCode = 1;
    },
  );
}

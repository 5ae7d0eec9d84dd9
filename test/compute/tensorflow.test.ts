/** The contract on native TensorFlow, where one is on this machine: CI does not build it, for it is large. */
import type * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { openKernels } from '../../src/compute/open.ts';
import { tensorflowBuilds } from '../../src/compute/tensors/builds.ts';
import { dense } from '../../src/compute/tensors/operations.ts';
import { openTensorflow } from '../../src/compute/tensors/tensorflow.ts';
import { openWasm } from '../../src/compute/tensors/wasm.ts';
import { RandomStream } from '../../src/random.ts';
import { describeSparse } from '../contracts/sparse.ts';
import { describeTensors } from '../contracts/tensors.ts';

const build = tensorflowBuilds()[0];

async function open(tensorsIn: 'kernels' | 'tensorflow', threads = 2) {
  const kernels = openKernels({ threads });
  const tensors = await openTensorflow(build!, { kernels, tensorsIn });
  return {
    kernels,
    tensors,
    used: () => kernels.used,
    flushesSubnormals: tensorsIn === 'tensorflow',
    close: async () => {
      tensors.close();
      await kernels.close();
    },
  };
}

const openNative = () => open('kernels');

async function openOurs() {
  const kernels = openKernels({ threads: 2 });
  const tensors = await openWasm(kernels);
  return {
    tensors,
    close: async () => {
      tensors.close();
      await kernels.close();
    },
  };
}

describe('native TensorFlow', () => {
  it(
    build ? `is here: ${build.addon}` : "is not here, so nothing is checked on it: 'tastegraph setup tensorflow'",
    () => {
      expect(tensorflowBuilds().every(({ addon }) => addon.endsWith('tfjs_binding.node'))).toBe(true);
    },
  );
});

if (build) {
  describeTensors('TensorFlow, tensors in the memory of the kernels', () => open('kernels'));
  describeTensors('TensorFlow, tensors its own', () => open('tensorflow'));
  describeSparse('TensorFlow, tensors in the memory of the kernels', () => open('kernels'));
  describeSparse('TensorFlow, tensors its own', () => open('tensorflow'));

  describe('TensorFlow', () => {
    it('copies an array of the shared memory and gives it back at once where tensors are its own', async () => {
      const { kernels, tensors, close } = await open('tensorflow');
      const before = kernels.used;
      const values = kernels.floats(6);
      values.set([1, 2, 3, 4, 5, 6]);
      const tensor = tensors.adopt(values, [2, 3]);
      expect(kernels.used).toBe(before);
      values.fill(0);
      expect([...(await tensors.read(tensor))]).toEqual([1, 2, 3, 4, 5, 6]);
      tensor.dispose();
      await close();
    });

    it.each(['kernels', 'tensorflow'] as const)(
      'adopts empty arrays and integers, tensors in %s',
      async (tensorsIn) => {
        const { tensors, close } = await open(tensorsIn);
        const { tf } = tensors;
        const empty = tensors.adopt(new Float32Array(0), [0, 3]);
        expect([...(await tensors.read(tf.sum(empty, 0)))]).toEqual([0, 0, 0]);
        const ids = tensors.adopt(Int32Array.from([2, 0]), [2]);
        expect(ids.dtype).toBe('int32');
        expect([...(await tensors.read(tf.gather(tf.tensor1d([5, 6, 7]), ids)))]).toEqual([7, 5]);
        await close();
      },
    );

    it('computes large products, whichever side is transposed, with a bias and rectified, as our own kernels do', async () => {
      const found: Float32Array[][] = [];
      for (const open of [openNative, openOurs]) {
        const { tensors, close } = await open();
        const { tf } = tensors;
        const stream = new RandomStream(3, 'products');
        const draw = (...shape: number[]) =>
          tf.tensor(
            Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => stream.normal()),
            shape,
          );
        const [m, k, n] = [401, 259, 67]; // above what is left to our kernels, and no multiple of anything
        const results: tf.Tensor[] = [];
        for (const left of [false, true]) {
          for (const right of [false, true]) {
            const [a, b] = [left ? draw(k, m) : draw(m, k), right ? draw(n, k) : draw(k, n)];
            results.push(tf.matMul(a, b, left, right));
          }
        }
        results.push(dense(draw(7, 61, k), draw(k, n), draw(n), 'relu'), dense(draw(m, k), draw(k, n)));
        results.push(tf.matMul(draw(7, 61, k), draw(k, n)));
        for (const [left, right] of [
          [false, true],
          [true, false],
        ] as const)
          results.push(tf.matMul(draw(5, 16, 61, 61), draw(5, 16, 61, 61), left, right)); // many small ones
        results.push(tf.matMul(draw(1601, k), draw(k, 997)), tf.matMul(draw(150, 67, 67), draw(150, 67, 67))); // in parts
        found.push(results.map((result) => result.dataSync().slice() as Float32Array));
        await close();
      }
      for (const [i, values] of found[0]!.entries()) {
        const expected = found[1]![i]!;
        expect(values.length).toBe(expected.length);
        const most = values.reduce((worst, value, at) => Math.max(worst, Math.abs(value - expected[at]!)), 0);
        expect(most).toBeLessThan(1e-3); // of sums of 259 products
      }
    });
  });
}

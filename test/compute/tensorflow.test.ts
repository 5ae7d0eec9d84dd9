/** The contract on native TensorFlow, where one is on this machine: CI does not build it, for it is large. */
import { describe, expect, it } from 'vitest';
import { openKernels } from '../../src/compute/open.ts';
import { tensorflowBuilds } from '../../src/compute/tensors/builds.ts';
import { openTensorflow } from '../../src/compute/tensors/tensorflow.ts';
import { describeSparse } from '../contracts/sparse.ts';
import { describeTensors } from '../contracts/tensors.ts';

const build = tensorflowBuilds()[0];

async function open() {
  const kernels = openKernels({ threads: 2 });
  const tensors = await openTensorflow(build!, { kernels });
  return {
    kernels,
    tensors,
    used: () => kernels.used,
    flushesSubnormals: true,
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
  describeTensors('TensorFlow', open);
  describeSparse('TensorFlow', open);

  describe('TensorFlow', () => {
    it('copies an array of the shared memory and gives it back at once', async () => {
      const { kernels, tensors, close } = await open();
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

    it('adopts empty arrays and integers', async () => {
      const { tensors, close } = await open();
      const { tf } = tensors;
      const empty = tensors.adopt(new Float32Array(0), [0, 3]);
      expect([...(await tensors.read(tf.sum(empty, 0)))]).toEqual([0, 0, 0]);
      const ids = tensors.adopt(Int32Array.from([2, 0]), [2]);
      expect(ids.dtype).toBe('int32');
      expect([...(await tensors.read(tf.gather(tf.tensor1d([5, 6, 7]), ids)))]).toEqual([7, 5]);
      await close();
    });
  });
}

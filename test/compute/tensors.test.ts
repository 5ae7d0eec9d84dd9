import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { openKernels } from '../../src/compute/open.ts';
import { bestVariant, type KernelVariant } from '../../src/compute/pool.ts';
import { copying } from '../../src/compute/tensors/copying.ts';
import { layerNorm } from '../../src/compute/tensors/operations.ts';
import { openWasm } from '../../src/compute/tensors/wasm.ts';
import { RandomStream } from '../../src/random.ts';
import { describeSparse } from '../contracts/sparse.ts';
import { describeTensors } from '../contracts/tensors.ts';

const variants: KernelVariant[] = bestVariant() === 'relaxed' ? ['baseline', 'relaxed'] : ['baseline'];

async function open(variant: KernelVariant, threads: number) {
  const kernels = openKernels({ variant, threads });
  const tensors = await openWasm(kernels);
  return {
    kernels,
    tensors,
    used: () => kernels.used,
    close: async () => {
      tensors.close();
      await kernels.close();
    },
  };
}

for (const variant of variants) {
  for (const threads of [1, 2]) {
    const name = `wasm, ${variant} kernels, ${threads === 1 ? 'one thread' : `${threads} threads`}`;
    describeTensors(name, () => open(variant, threads));
    describeSparse(name, () => open(variant, threads));
  }
}

describeSparse('plain JavaScript, composed of other operations', async () => {
  const kernels = openKernels({ threads: 1 });
  const of = { tf, backend: 'wasm', device: 'wasm', reason: 'for a test', version: tf.version_core } as const;
  await tf.setBackend('cpu');
  return {
    tensors: { ...of, ...copying(kernels), close() {} },
    used: () => kernels.used,
    close: () => kernels.close(),
  };
});

describe('the wasm backend', () => {
  it('gives the same bits on one, two and three threads', async () => {
    for (const variant of variants) {
      const results: Float32Array[] = [];
      for (const threads of [1, 2, 3]) {
        const opened = await open(variant, threads);
        const stream = new RandomStream(11, 'threads');
        const draw = (...shape: number[]) =>
          tf.tensor(
            Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => stream.normal()),
            shape,
          );
        const [x, w, g, b] = [draw(700, 67), draw(67, 45), draw(45), draw(45)];
        const loss = (x: tf.Tensor, w: tf.Tensor, g: tf.Tensor, b: tf.Tensor) =>
          tf.sum(tf.square(tf.softmax(layerNorm(tf.matMul(x, w), g, b))));
        const gradients = tf.grads(loss as (...inputs: tf.Tensor[]) => tf.Tensor)([x!, w!, g!, b!]);
        results.push(Float32Array.from(gradients.flatMap((gradient) => [...gradient.dataSync()])));
        tf.dispose([x!, w!, g!, b!, ...gradients]);
        await opened.close();
      }
      expect(results[1]).toEqual(results[0]);
      expect(results[2]).toEqual(results[0]);
    }
  });

  it('keeps arrays of the shared memory in place, and frees them with their tensor', async () => {
    const { kernels, tensors, close } = await open('baseline', 1);
    const before = kernels.used;
    const values = kernels.floats(6);
    values.set([1, 2, 3, 4, 5, 6]);
    const tensor = tensors.adopt(values, [2, 3]);
    expect(await tensors.read(tensor)).toBe(values);
    const view = tf.reshape(tensor, [6]);
    tensor.dispose();
    expect([...view.dataSync()]).toEqual([1, 2, 3, 4, 5, 6]);
    expect(kernels.used).toBeGreaterThan(before);
    view.dispose();
    expect(kernels.used).toBe(before);
    await close();
  });

  it('borrows arrays of the shared memory, which stay in place and their owner’s', async () => {
    const { kernels, tensors, close } = await open('baseline', 1);
    const values = kernels.put(Float32Array.of(1, 2, 3, 4));
    const before = kernels.used;
    const tensor = tensors.borrow(values, [2, 2]);
    expect(await tensors.read(tensor)).toBe(values);
    tensor.dispose();
    expect(kernels.used).toBe(before);
    expect([...values]).toEqual([1, 2, 3, 4]);
    await close();
  });

  it('copies what tf.tensor is given of the shared memory, which stays its owner’s', async () => {
    const { kernels, close } = await open('baseline', 1);
    const values = kernels.floats(3);
    values.set([1, 2, 3]);
    const tensor = tf.tensor(values);
    values.set([7, 7, 7]);
    expect([...tensor.dataSync()]).toEqual([1, 2, 3]);
    tensor.dispose();
    expect([...values]).toEqual([7, 7, 7]);
    await close();
  });

  it('gives all of its memory back when closed', async () => {
    const kernels = openKernels({ threads: 1 });
    const used = kernels.used;
    const tensors = await openWasm(kernels);
    tf.add(tf.ones([10]), tf.ones([10]));
    tensors.close();
    expect(kernels.used).toBe(used);
    await kernels.close();
  });
});

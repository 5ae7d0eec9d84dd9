/**
 * The contract over WebGPU: on a GPU where one answers, else on SwiftShader, the software that Debian's chromium brings. That
 * needs the Vulkan loader too (libvulkan1), which .ci/run installs.
 */
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openKernels } from '../../src/compute/open.ts';
import * as operations from '../../src/compute/tensors/operations.ts';
import { limitFreeBuffers } from '../../src/compute/tensors/webgpu/buffers.ts';
import { askForGpu, openWebgpu } from '../../src/compute/tensors/webgpu.ts';
import { describeSparse } from '../contracts/sparse.ts';
import { describeTensors } from '../contracts/tensors.ts';

const swiftshader = '/usr/lib/chromium/vk_swiftshader_icd.json';
if (existsSync(swiftshader)) process.env.VK_DRIVER_FILES ??= swiftshader;
const answer = await askForGpu();

describe('WebGPU', () => {
  it(answer.ok ? `answers: ${answer.name}` : `is not here, so nothing is checked on it: ${answer.problem}`, () => {
    expect(answer.ok || answer.arePackagesHere).toBe(true);
  });
});

if (answer.ok) {
  const open = async () => {
    const kernels = openKernels({ threads: 1 });
    const tensors = await openWebgpu(kernels, answer);
    return {
      tensors,
      used: () => kernels.used,
      steps: answer.isSoftware ? 10 : 100,
      assumesFinite: true,
      clampsIndices: true,
      close: async () => {
        tensors.close();
        await kernels.close();
      },
    };
  };
  // SwiftShader takes about a second to compile each form of a product.
  describeTensors('WebGPU', open, answer.isSoftware ? /^product (1|5|13|67) / : undefined);
  describeSparse('WebGPU', open);

  describe('WebGPU', () => {
    it('adds up deep products in order', async () => {
      const { tensors, close } = await open();
      const { tf } = tensors;
      const draw = (columns: number) =>
        tf.tensor2d(
          Float32Array.from({ length: 2500 * columns }, (_, i) => Math.sin(i)),
          [2500, columns],
        );
      const [a, b] = [draw(9), draw(17)];
      const [found, again] = [await tf.matMul(a, b, true).data(), await tf.matMul(a, b, true).data()];
      expect(found).toEqual(again);
      const [x, y] = [await a.data(), await b.data()];
      let expected = 0;
      for (let r = 0; r < 2500; r++) expected += x[r * 9 + 8]! * y[r * 17 + 16]!;
      expect(Math.abs(found.at(-1)! - expected)).toBeLessThan(1e-2);
      const { pipelineCache } = tf.backend() as unknown as { pipelineCache: object };
      expect(Object.keys(pipelineCache).filter((key) => /splitk/i.test(key))).toEqual([]);
      await close();
    });

    it('keeps no buffer of every size that a step once had', async () => {
      const { tensors, close } = await open();
      const { tf } = tensors;
      limitFreeBuffers(tf.backend(), 100_000);
      for (let length = 10_000; length < 10_300; length++) {
        const sum = tf.tidy(() => tf.sum(tf.square(tf.fill([length], 2))));
        expect((await sum.data())[0]).toBe(4 * length);
        sum.dispose();
      }
      const { numBytesAllocatedInGPU: held } = tf.memory() as unknown as { numBytesAllocatedInGPU: number };
      expect(held).toBeLessThan(1_000_000); // of 24 MB
      await close();
    });

    it('takes more workgroups than one dimension holds', async () => {
      const { tensors, close } = await open();
      const { tf } = tensors;
      const count = 65_535 * 64 + 77; // one invocation each, 64 to a workgroup
      const x = Float32Array.from({ length: count }, (_, i) => (i % 1000) - 500);
      const input = tf.tensor1d(x);
      const kept = (await operations.dropout(input, 0.5, 3).data()) as Float32Array;
      expect(kept.length).toBe(count);
      expect(kept.findIndex((value, i) => value !== 0 && value !== 2 * x[i]!)).toBe(-1);
      expect(kept.filter((value) => value !== 0).length / count).toBeCloseTo(0.5, 2);

      // Rows of two, of which each invocation takes one.
      const rows = tf.tensor2d(
        Float32Array.from({ length: 2 * count }, (_, i) => i % 2),
        [count, 2],
      );
      const halves = (await tf.softmax(rows).data()) as Float32Array;
      const second = 1 / (1 + 1 / Math.E);
      expect(halves.length).toBe(2 * count);
      expect(halves.findIndex((value, i) => Math.abs(value - (i % 2 ? second : 1 - second)) > 1e-4)).toBe(-1);
      await close();
    });
  });
}

/**
 * The contract over WebGPU: on a GPU where one answers, else on SwiftShader, the software that Debian's chromium brings. That
 * needs the Vulkan loader too (libvulkan1), which .ci/run installs.
 */
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openKernels } from '../../src/compute/open.ts';
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
  describeTensors('WebGPU', open, answer.isSoftware ? /^product (1|5|13|67) |many rows/ : undefined);
  describeSparse('WebGPU', open);
}

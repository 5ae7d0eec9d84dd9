import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openKernels } from '../../src/compute/open.ts';
import { tensorflowBuilds } from '../../src/compute/tensors/builds.ts';
import { openTensors } from '../../src/compute/tensors/open.ts';
import { devices } from '../../src/compute/tensors.ts';
import { option } from '../../src/options.ts';

/** Runs `work` where no TensorFlow has been built and no GPU is to be found. */
async function withNothing(work: () => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tastegraph-devices-'));
  vi.stubEnv('XDG_CACHE_HOME', folder);
  vi.stubEnv('VK_DRIVER_FILES', join(folder, 'none.json'));
  vi.stubEnv('VK_ICD_FILENAMES', join(folder, 'none.json'));
  try {
    await work();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
afterEach(() => vi.unstubAllEnvs());

describe('the choice of a device', () => {
  it('is the same in the options and at the seam', () => {
    expect(option.device.unwrap().options).toEqual(devices);
  });

  it('takes WebAssembly where nothing better is here, and says what would be', async () => {
    await withNothing(async () => {
      expect(tensorflowBuilds().filter(({ origin }) => origin === 'built')).toEqual([]);
      if (tensorflowBuilds().length) return; // installed with npm: then that is what is taken
      const kernels = openKernels({ threads: 1 });
      const tensors = await openTensors({ device: 'auto', kernels });
      expect(tensors).toMatchObject({ backend: 'wasm', device: 'wasm' });
      expect(tensors.reason).toContain('tastegraph setup tensorflow');
      const sum = tensors.tf.sum(tensors.adopt(Float32Array.from([1, 2, 3]), [3]));
      expect([...(await tensors.read(sum))]).toEqual([6]);
      tensors.close();
      await kernels.close();
    });
  });

  it('refuses a device that is not here, with how to get it', async () => {
    await withNothing(async () => {
      if (tensorflowBuilds().length) return;
      const kernels = openKernels({ threads: 1 });
      const refused = { code: 'compute/device-absent', exitCode: 5 };
      const of = (device: 'cuda' | 'cpu' | 'webgpu') => openTensors({ device, kernels });
      await expect(of('cuda')).rejects.toMatchObject({
        ...refused,
        message: expect.stringContaining('setup tensorflow --gpu'),
      });
      await expect(of('cpu')).rejects.toMatchObject({
        ...refused,
        message: expect.stringContaining("'tastegraph setup tensorflow'"),
      });
      await expect(of('webgpu')).rejects.toMatchObject({
        ...refused,
        message: expect.stringContaining('no GPU answers'),
      });
      await kernels.close();
    });
  });

  it('takes what was asked for though something better may be here', async () => {
    const kernels = openKernels({ threads: 1 });
    const tensors = await openTensors({ device: 'wasm', kernels });
    expect(tensors.device).toBe('wasm');
    expect(tensors.reason).toMatch(/^asked for/);
    tensors.close();
    await kernels.close();
  });
});

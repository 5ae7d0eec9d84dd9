import * as tf from '@tensorflow/tfjs-core';

const flag = 'WEBGPU_MATMUL_PROGRAM_TYPE';
/** MatMulProgramType.MatMulSmallOutputSizeProgram of the backend. */
const SMALL_TILES = 2;
/** Depth from which the backend would cut a product into parts, where its result has no more tiles of 32 × 32 than this. */
const DEEP = 2000;
const TILES = 32;

/**
 * Has deep products of small results, which the gradients of weights are, computed in small tiles. The backend would cut their depth
 * into parts that are added up by atomic operations, in whatever order they end in: other bits at every run.
 */
export function multiplyInOrder(kernelName: 'BatchMatMul' | '_FusedMatMul'): void {
  const theirs = tf.getKernel(kernelName, 'webgpu');
  tf.unregisterKernel(kernelName, 'webgpu');
  tf.registerKernel({
    ...theirs,
    kernelFunc(call) {
      const env = tf.env();
      const chosen = env.getNumber(flag);
      if (chosen >= 0 || !isDeep(call)) return theirs.kernelFunc(call);
      env.set(flag, SMALL_TILES);
      try {
        return theirs.kernelFunc(call);
      } finally {
        env.set(flag, chosen);
      }
    },
  });
}

function isDeep({ inputs, attrs }: Parameters<tf.KernelFunc>[0]): boolean {
  const [a, b] = [inputs.a!.shape, inputs.b!.shape];
  const { transposeA, transposeB } = attrs as { readonly transposeA: boolean; readonly transposeB: boolean };
  const [rows, depth] = (transposeA ? [a.at(-1), a.at(-2)] : [a.at(-2), a.at(-1)]) as [number, number];
  const columns = b.at(transposeB ? -2 : -1)!;
  const tiles = Math.ceil(rows / 32) * Math.ceil(columns / 32);
  // Up to 128 numbers have a kernel of their own, which adds up in order.
  return depth >= DEEP && tiles <= TILES && rows * columns > 128;
}

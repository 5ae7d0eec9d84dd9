/** The contract on native TensorFlow, where one is on this machine: CI does not build it, for it is large. */
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { openKernels } from '../../src/compute/open.ts';
import { tensorflowBuilds } from '../../src/compute/tensors/builds.ts';
import { dense } from '../../src/compute/tensors/operations.ts';
import type { Binding } from '../../src/compute/tensors/tensorflow/binding.ts';
import { tensorflowProducts } from '../../src/compute/tensors/tensorflow/products.ts';
import { openTensorflow } from '../../src/compute/tensors/tensorflow.ts';
import { openSharedMemory, openWasm } from '../../src/compute/tensors/wasm.ts';
import type { Tensor, Tensors } from '../../src/compute/tensors.ts';
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

async function openOurs(): Promise<Opened> {
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
      const asked: string[] = [];
      expectAlike(await productsOf(openWatched(asked)), await productsOf(openOurs()));
      expect(new Set(asked)).toEqual(new Set(['_MklBatchMatMulV2', 'InplaceUpdate']));
    });

    it.each([
      ['oneDNN', ['_MklBatchMatMulV2']],
      ['a way to write to our memory', ['InplaceUpdate']],
      ['either', ['_MklBatchMatMulV2', 'InplaceUpdate']],
    ])('computes them without %s', async (_, absent) => {
      const asked: string[] = [];
      expectAlike(await productsOf(openWatched(asked, absent)), await productsOf(openOurs()));
      expect(asked).toContain(absent.includes('_MklBatchMatMulV2') ? 'BatchMatMulV2' : '_MklBatchMatMulV2');
    });

    it('leaves small products to our kernels, to the bit', async () => {
      const product = async (opening: Promise<Opened>) => {
        const { tensors, close } = await opening;
        const { tf } = tensors;
        const [x, w] = [drawer(tf)(70, 50), drawer(tf)(50, 30)];
        const values = tf.matMul(x, w).dataSync().slice();
        await close();
        return values;
      };
      const asked: string[] = [];
      expect(await product(openWatched(asked))).toEqual(await product(openOurs()));
      expect(asked.filter((operation) => operation.includes('MatMul')).length).toBe(1); // the one that tries it
    });
  });
}

interface Opened {
  readonly tensors: Pick<Tensors, 'tf'>;
  close(): Promise<void>;
}

/** Our kernels with the products of a library that does not know the operations of `absent`; notes what it is asked for. */
async function openWatched(asked: string[], absent: readonly string[] = []): Promise<Opened> {
  const { kernels, tensors } = await open('tensorflow'); // loads the library
  tensors.close();
  const binding = createRequire(import.meta.url)(build!.addon) as Binding;
  const executeOp: Binding['executeOp'] = (...call) => {
    if (absent.includes(call[0])) throw new Error(`there is no operation ${call[0]}`);
    asked.push(call[0]);
    return binding.executeOp(...call);
  };
  const watched = Object.create(binding, { executeOp: { value: executeOp } }) as Binding;
  const opened = await openSharedMemory(kernels, tensorflowProducts(watched, kernels));
  return {
    tensors,
    async close() {
      opened.close();
      await kernels.close();
    },
  };
}

function drawer(tf: Tensors['tf']) {
  const stream = new RandomStream(3, 'products');
  return (...shape: number[]) =>
    tf.tensor(
      Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => stream.normal()),
      shape,
    );
}

/** Products above what is left to our kernels, in all orientations; no size is a multiple of anything. */
async function productsOf(opening: Promise<Opened>): Promise<readonly Float32Array[]> {
  const { tensors, close } = await opening;
  const { tf } = tensors;
  const draw = drawer(tf);
  const [m, k, n] = [401, 259, 67];
  const results: Tensor[] = [];
  for (const left of [false, true]) {
    for (const right of [false, true]) {
      const [a, b] = [left ? draw(k, m) : draw(m, k), right ? draw(n, k) : draw(k, n)];
      results.push(tf.matMul(a, b, left, right));
    }
  }
  results.push(dense(draw(7, 61, k), draw(k, n), draw(n), 'relu'), dense(draw(m, k), draw(k, n)));
  results.push(tf.matMul(draw(7, 61, k), draw(k, n)));
  // Many small ones.
  results.push(tf.matMul(draw(5, 16, 61, 61), draw(5, 16, 61, 61), false, true));
  results.push(tf.matMul(draw(5, 16, 61, 61), draw(5, 16, 61, 61), true, false));
  // In parts.
  results.push(tf.matMul(draw(2203, k), draw(k, 997)), tf.matMul(draw(500, 67, 67), draw(500, 67, 67)));
  const values = results.map((result) => result.dataSync().slice() as Float32Array);
  await close();
  return values;
}

function expectAlike(found: readonly Float32Array[], expected: readonly Float32Array[]): void {
  for (const [i, values] of found.entries()) {
    const others = expected[i]!;
    expect(values.length).toBe(others.length);
    const most = values.reduce((worst, value, at) => Math.max(worst, Math.abs(value - others[at]!)), 0);
    expect(most).toBeLessThan(1e-3); // of sums of 259 products
  }
}

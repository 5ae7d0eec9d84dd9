import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';

/** Operations whose result, where an input is empty, is empty or zero: whatever the others hold. */
const kernels = [
  ...['Add', 'Sub', 'Multiply', 'RealDiv', 'Maximum', 'Minimum', 'SquaredDifference'],
  ...[
    'Neg',
    'Exp',
    'Log',
    'Sqrt',
    'Rsqrt',
    'Square',
    'Relu',
    'Sigmoid',
    'Tanh',
    'Softplus',
    'Step',
    'Cast',
    'Transpose',
  ],
  ...['BatchMatMul', 'Sum'],
];

/** What of the backend is called here. */
interface MakesTensors {
  makeTensorInfo(shape: number[], dtype: tf.DataType, values: tf.TypedArray): tf.TensorInfo;
}

let isDone = false;

/**
 * Makes the kernels of the 'webgpu' backend take empty tensors. As they come they ask for a buffer of no bytes, which fails, or
 * read one that was never written, which gives random numbers. Further calls do nothing.
 */
export function takeEmptyTensors(): void {
  if (isDone) return;
  isDone = true;
  for (const kernelName of kernels) {
    const onGpu = tf.getKernel(kernelName, 'webgpu');
    const onCpu = tf.getKernel(kernelName, 'cpu');
    const { kernelFunc } = onGpu;
    tf.unregisterKernel(kernelName, 'webgpu');
    tf.registerKernel({
      ...onGpu,
      kernelFunc: (parameters) =>
        hasEmpty(parameters.inputs) ? withoutGpu(onCpu, parameters) : kernelFunc(parameters),
    });
  }
}

const hasEmpty = (inputs: tf.NamedTensorInfoMap): boolean =>
  Object.values(inputs).some((input) => input !== undefined && tf.util.sizeFromShape(input.shape) === 0);

/** The plain kernel on zeros of the same shapes. */
function withoutGpu(
  { kernelFunc }: tf.KernelConfig,
  { inputs, attrs, backend }: Parameters<tf.KernelFunc>[0],
): tf.TensorInfo {
  const plain = tf.findBackend('cpu') as tf.KernelBackend & MakesTensors;
  const zeros = Object.entries(inputs).map(([name, input]) => {
    const { shape, dtype } = input!;
    const values = tf.util.makeZerosTypedArray(tf.util.sizeFromShape(shape), dtype as 'float32');
    return [name, plain.makeTensorInfo(shape, dtype, values)] as const;
  });
  const result = kernelFunc({
    inputs: Object.fromEntries(zeros),
    backend: plain,
    ...(attrs && { attrs }),
  }) as tf.TensorInfo;
  const values = plain.readSync(result.dataId) as tf.TypedArray;
  const made = (backend as MakesTensors).makeTensorInfo(result.shape, result.dtype, values);
  for (const [, { dataId }] of zeros) plain.disposeData(dataId, true);
  plain.disposeData(result.dataId, true);
  return made;
}

import type { Run } from './run.ts';

/** Builds native TensorFlow in the user's cache, where none that works is there. Errors: compute/setup-*. */
export async function setUpTensorflow(
  { gpu }: { readonly gpu: boolean },
  { report, signal }: Pick<Run, 'report' | 'signal'>,
) {
  const { setUpTensorflow: setUp } = await import('../compute/tensors/setup.ts');
  return await setUp({ gpu, report, signal });
}

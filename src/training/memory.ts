import { availableMemory } from 'node:process';
import type { Kernels } from '../compute/kernels.ts';
import { type DenseOptimizer, stateOf } from '../compute/optimizers.ts';
import { TastegraphError } from '../errors.ts';
import type { TableShape } from '../models/model.ts';
import { RowLayout } from './tables/layout.ts';

/** What a training will hold, in bytes. */
export interface MemoryPlan {
  /** Tables as the model will ask for them; with `cacheBytes` those in files. */
  readonly tables: readonly (TableShape & { readonly cacheBytes?: number })[];
  readonly dense?: readonly { readonly length: number; readonly optimizer?: DenseOptimizer }[];
  /** What one step needs beside tables: activations, gradients, batches in flight. */
  readonly batchBytes: number;
  /** What else lies in the kernels' memory: adjacency, features. */
  readonly kernelBytes?: number;
  /** The snapshot, where it lies outside the kernels' memory. */
  readonly snapshotBytes: number;
  /** Whether the tables of the best epoch are kept beside those at hand. */
  readonly keepsBest: boolean;
}

export interface MemoryNeed {
  readonly tables: number;
  readonly batch: number;
  readonly snapshot: number;
  /** The copy of the tables of the best epoch. */
  readonly copies: number;
  /** What of it lies in the kernels' memory, which ends at 4 GiB. */
  readonly inKernels: number;
  readonly total: number;
}

export interface MemoryLimits {
  /** Bytes that this process may still take. */
  readonly machine: number;
  /** Bytes left of the kernels' memory. */
  readonly kernels: number;
}

const FLOAT = 4;
/** What WebAssembly's 32-bit addresses reach. */
const KERNEL_BYTES = 2 ** 32;

export function memoryNeed(plan: MemoryPlan): MemoryNeed {
  const saved = plan.tables.map(({ rows, dim, optimizer = { kind: 'adam' }, cacheBytes }) => ({
    bytes: rows * new RowLayout(dim, optimizer).stride * FLOAT,
    cacheBytes,
  }));
  const inMemory = saved.filter(({ cacheBytes }) => cacheBytes === undefined);
  const dense = (plan.dense ?? []).map(
    ({ length, optimizer = { kind: 'adam' } }) => length * (1 + stateOf(optimizer).length) * FLOAT,
  );
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const copied = sum(inMemory.map(({ bytes }) => bytes)) + sum(dense);
  const tables = copied + sum(saved.map(({ bytes, cacheBytes }) => Math.min(bytes, cacheBytes ?? 0)));
  const copies = plan.keepsBest ? copied : 0;
  const inKernels = tables + plan.batchBytes + (plan.kernelBytes ?? 0);
  return {
    tables,
    batch: plan.batchBytes,
    snapshot: plan.snapshotBytes,
    copies,
    inKernels,
    total: inKernels + plan.snapshotBytes + copies,
  };
}

/** What is left on this machine, within the limits of its container. */
export function memoryLimits(kernels: Kernels): MemoryLimits {
  return { machine: availableMemory(), kernels: KERNEL_BYTES - kernels.used };
}

/** Refuses a training that memory will not hold, before it starts. Errors: training/too-little-memory. */
export function requireMemory(need: MemoryNeed, limits: MemoryLimits): void {
  const place = need.inKernels > limits.kernels ? 'kernels' : need.total > limits.machine ? 'machine' : undefined;
  if (!place) return;
  const mib = (bytes: number) => Math.ceil(bytes / 2 ** 20);
  const parts = `tables ${mib(need.tables)}, a step ${mib(need.batch)}, snapshot ${mib(need.snapshot)}, a copy of the best ${mib(need.copies)}`;
  throw new TastegraphError('training/too-little-memory', {
    needed: mib(place === 'kernels' ? need.inKernels : need.total),
    parts,
    left: mib(limits[place]),
    place: place === 'kernels' ? "of the kernels' 4,096 MiB" : 'on this machine',
    todo:
      need.tables > need.total / 3
        ? 'Use a smaller --dim, or --embeddings disk'
        : 'Use a smaller --batch-size, or a machine with more memory',
  });
}

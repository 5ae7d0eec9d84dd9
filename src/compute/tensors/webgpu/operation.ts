import type { CallOn, OperationOn } from '../operation.ts';
import type { GpuBackend } from './program.ts';

export type Call = CallOn<GpuBackend>;
export type Operation = OperationOn<GpuBackend>;

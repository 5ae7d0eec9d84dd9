/**
 * The sampling kernels over a memory of their own: threads that sample ahead share it, apart from the kernels that train. Each
 * thread makes its own instance of the module and gives the kernels tables of its own to write in.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TastegraphError } from '../errors.ts';
import { packageRoot } from '../package.ts';
import { CONTROL_BYTES, type KernelFunction } from './job.ts';
import { KernelMemory } from './memory.ts';
import { bestVariant } from './pool.ts';

/** What another thread needs to run the same kernels over the same memory; it can be posted. */
export interface SamplerShare {
  readonly memory: WebAssembly.Memory;
  readonly module: WebAssembly.Module;
}

/** The kernels of `kernels/neighbours.ts` and `kernels/walks.ts`, called with addresses as they are written down there. */
export interface SamplerKernels {
  readonly placeSeeds: KernelFunction;
  readonly sampleHop: KernelFunction;
  readonly clearPlaces: KernelFunction;
  readonly visitNeighbours: KernelFunction;
  readonly biasedWalks: KernelFunction;
}

const names = ['placeSeeds', 'sampleHop', 'clearPlaces', 'visitNeighbours', 'biasedWalks'] as const;

/** This thread's instance. */
export function instantiate({ memory, module }: SamplerShare): SamplerKernels {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return Object.fromEntries(names.map((name) => [name, exports[name] as KernelFunction])) as Record<
    (typeof names)[number],
    KernelFunction
  >;
}

const elements = { i32: Int32Array, f32: Float32Array, f64: Float64Array } as const;
type Elements = { readonly i32: Int32Array; readonly f32: Float32Array; readonly f64: Float64Array };

/** Memory of the sampling kernels. Only the thread that made it allocates. Errors of allocating: compute/memory. */
export class SamplerMemory {
  readonly share: SamplerShare;
  readonly #memory = new KernelMemory(CONTROL_BYTES);

  /** Errors: compute/not-built. */
  constructor(variant = bestVariant()) {
    const path = join(packageRoot, 'dist', 'kernels', `${variant}.wasm`);
    if (!existsSync(path)) throw new TastegraphError('compute/not-built', { path });
    this.share = { memory: this.#memory.memory, module: new WebAssembly.Module(readFileSync(path)) };
  }

  /** Bytes in use. */
  get used(): number {
    return this.#memory.used;
  }

  /** A zeroed array. */
  array<T extends keyof Elements>(type: T, length: number): Elements[T] {
    const { buffer, byteOffset } = this.#memory.allocate(length * elements[type].BYTES_PER_ELEMENT);
    // The constructors are one family, which the compiler cannot see through the lookup.
    const make = elements[type] as unknown as new (
      buffer: SharedArrayBuffer,
      at: number,
      length: number,
    ) => Elements[T];
    return new make(buffer, byteOffset, length);
  }

  /** The same numbers in this memory. */
  copy<A extends Int32Array | Float32Array | Float64Array>(array: A): A {
    const type = array instanceof Int32Array ? 'i32' : array instanceof Float32Array ? 'f32' : 'f64';
    const own = this.array(type, array.length);
    own.set(array);
    return own as Int32Array | Float32Array | Float64Array as A;
  }

  release(...arrays: (Int32Array | Float32Array | Float64Array | undefined)[]): void {
    for (const array of arrays) if (array) this.#memory.free(array.byteOffset);
  }
}

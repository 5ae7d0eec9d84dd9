import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../durable.ts';
import { TastegraphError } from '../errors.ts';
import type { Calibration } from './platt.ts';
import type { CurvePoint, Metrics } from './result.ts';

/** Where a run stands between two epochs, beside the numbers of its tables. */
export interface RunState {
  /** 'search': on the training part, watching validation; 'refit': on both, as long as was best. */
  readonly phase: 'search' | 'refit';
  /** Epochs done in this phase. */
  readonly epoch: number;
  readonly best:
    | { readonly epoch: number; readonly valid: Metrics; readonly calibration?: Calibration | undefined }
    | undefined;
  readonly curve: readonly CurvePoint[];
  readonly seconds: { readonly fit: number; readonly evaluate: number };
}

interface Manifest {
  readonly run: Readonly<Record<string, unknown>>;
  readonly state: RunState;
  readonly file: string;
  readonly sha256: string;
  readonly arrays: readonly { readonly name: string; readonly length: number }[];
}

/**
 * The checkpoint of one run: a folder with `manifest.json`, which names the file that holds the tables. The file is written
 * and synced before the manifest is replaced, so a crash at any moment leaves the checkpoint before it.
 */
export class Checkpoints {
  readonly folder: string;
  readonly #run: Readonly<Record<string, unknown>>;

  /** `run` says what the run is: a checkpoint of another run is never resumed. */
  constructor(folder: string, run: Readonly<Record<string, unknown>>) {
    this.folder = folder;
    this.#run = run;
  }

  get #manifest(): string {
    return join(this.folder, 'manifest.json');
  }

  save(state: RunState, arrays: ReadonlyMap<string, Float32Array>): void {
    mkdirSync(this.folder, { recursive: true });
    const file = `${state.phase}-${state.epoch}.f32`;
    const digest = writeArrays(join(this.folder, file), arrays.values());
    const manifest: Manifest = {
      run: this.#run,
      state,
      file,
      sha256: digest,
      arrays: [...arrays].map(([name, { length }]) => ({ name, length })),
    };
    replaceFile(this.#manifest, JSON.stringify(manifest));
    for (const name of readdirSync(this.folder))
      if (name.endsWith('.f32') && name !== file) rmSync(join(this.folder, name));
  }

  /**
   * Where the run stood, or undefined where there is nothing to resume. `restore` then reads the tables: at once, or when the
   * model exists. Errors: training/checkpoint-mismatch, training/checkpoint-corrupt.
   */
  load(): { readonly state: RunState; restore(arrays: ReadonlyMap<string, Float32Array>): void } | undefined {
    if (!existsSync(this.#manifest)) return undefined;
    const manifest = JSON.parse(readFileSync(this.#manifest, 'utf8')) as Manifest;
    for (const name of new Set([...Object.keys(this.#run), ...Object.keys(manifest.run)])) {
      const [now, then] = [JSON.stringify(this.#run[name]), JSON.stringify(manifest.run[name])];
      if (now !== then) {
        throw new TastegraphError('training/checkpoint-mismatch', {
          path: this.folder,
          difference: `${name} was ${then}, now ${now}`,
        });
      }
    }
    return { state: manifest.state, restore: (arrays) => this.#restore(manifest, arrays) };
  }

  #restore(manifest: Manifest, arrays: ReadonlyMap<string, Float32Array>): void {
    const path = join(this.folder, manifest.file);
    if (digestOf(path) !== manifest.sha256) throw new TastegraphError('training/checkpoint-corrupt', { path });
    const file = openSync(path, 'r');
    try {
      for (const { name, length } of manifest.arrays) {
        const array = arrays.get(name);
        if (array?.length !== length) throw new TastegraphError('training/checkpoint-corrupt', { path });
        for (const bytes of partsOf(array)) {
          for (let at = 0; at < bytes.length; ) at += readSync(file, bytes, at, bytes.length - at, null);
        }
      }
    } finally {
      closeSync(file);
    }
  }

  clear(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** What is written, read or hashed at once: tables are larger than a buffer, a read or a hash takes in one piece. */
const PART_BYTES = 1 << 26;

function* partsOf({ buffer, byteOffset, byteLength }: Float32Array): Iterable<Uint8Array> {
  for (let at = 0; at < byteLength; at += PART_BYTES)
    yield new Uint8Array(buffer, byteOffset + at, Math.min(PART_BYTES, byteLength - at));
}

/** Writes arrays one after another, without a copy, waits until they lie on the disk, and returns their SHA-256. */
function writeArrays(path: string, arrays: Iterable<Float32Array>): string {
  const hash = createHash('sha256');
  const file = openSync(path, 'w');
  try {
    for (const array of arrays) {
      for (const bytes of partsOf(array)) {
        hash.update(bytes);
        for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
      }
    }
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return hash.digest('hex');
}

function digestOf(path: string): string {
  const hash = createHash('sha256');
  const part = new Uint8Array(PART_BYTES);
  const file = openSync(path, 'r');
  try {
    for (let got = readSync(file, part); got > 0; got = readSync(file, part)) hash.update(part.subarray(0, got));
  } finally {
    closeSync(file);
  }
  return hash.digest('hex');
}

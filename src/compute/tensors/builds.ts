/** Where a native TensorFlow lies on this machine: installed by npm, or built by `tastegraph setup tensorflow`. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { cacheFolder } from '../../cache.ts';
import { packageRoot } from '../../package.ts';

/** What set-up fetches; see infra/tensorflow/wheels.json. */
export interface Wheels {
  /** Version of TensorFlow. */
  readonly tensorflow: string;
  /** Python whose wheels are taken. Which Python fetches them does not matter: nothing of theirs is run. */
  readonly python: string;
  /** By 'cpu-x64', 'cpu-arm64', 'gpu-x64'. */
  readonly platforms: Readonly<Record<string, readonly Wheel[]>>;
}
export interface Wheel {
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
}

/** The folder of the recipe: it travels with the package. */
export const recipe = join(packageRoot, 'infra', 'tensorflow');

export const wheels = (): Wheels => JSON.parse(readFileSync(join(recipe, 'wheels.json'), 'utf8')) as Wheels;

/** A folder of tfjs-node with its addon in place. */
export interface TensorflowBuild {
  /** Folder of the package: holds `dist/`, `lib/`, `deps/`. */
  readonly folder: string;
  readonly addon: string;
  /** Whether it was built for CUDA; a GPU must be there too. */
  readonly gpu: boolean;
  readonly origin: 'npm' | 'built';
}

/** Where set-up puts its build. */
export function builtFolder(gpu: boolean): string {
  return join(cacheFolder(), `tensorflow-${wheels().tensorflow}-${gpu ? 'gpu' : 'cpu'}`);
}

/** The package's folder within a folder that npm installed into. */
export const packageIn = (folder: string): string => join(folder, 'node_modules', '@tensorflow', 'tfjs-node');

/** The build in a package's folder; undefined where its addon is not there. */
export function buildAt(folder: string, about: Pick<TensorflowBuild, 'gpu' | 'origin'>): TensorflowBuild | undefined {
  try {
    // One folder for each version of N-API that was built for: 'napi-v8'. The newest suits any newer Node.
    const names = readdirSync(join(folder, 'lib')).filter((name) => /^napi-v\d+$/.test(name));
    const newest = names.sort((a, b) => Number(b.slice(6)) - Number(a.slice(6)))[0];
    const addon = newest && join(folder, 'lib', newest, 'tfjs_binding.node');
    return addon && existsSync(addon) ? { folder, addon, ...about } : undefined;
  } catch {
    return undefined;
  }
}

/** Every build that is here, best first: for a GPU before for none, installed by the user before built by set-up. */
export function tensorflowBuilds(): readonly TensorflowBuild[] {
  const found = [true, false].flatMap((gpu) => [
    installed(gpu),
    buildAt(packageIn(builtFolder(gpu)), { gpu, origin: 'built' }),
  ]);
  return found.filter((build) => build !== undefined);
}

/** `@tensorflow/tfjs-node` or `-gpu` as the project in the working directory has it, or whoever installed this package. */
function installed(gpu: boolean): TensorflowBuild | undefined {
  for (const root of [process.cwd(), packageRoot]) {
    try {
      const manifest = createRequire(join(root, 'package.json')).resolve(
        `@tensorflow/tfjs-node${gpu ? '-gpu' : ''}/package.json`,
      );
      const build = buildAt(dirname(manifest), { gpu, origin: 'npm' });
      if (build) return build;
    } catch {
      // Not installed there.
    }
  }
  return undefined;
}

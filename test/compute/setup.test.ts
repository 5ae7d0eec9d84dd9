/** TensorFlow's set-up on a machine that lacks something. The whole of it fetches 270 MB: see the README's table of commands. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { wheels } from '../../src/compute/tensors/builds.ts';
import { tastegraph } from '../cli/tastegraph.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tastegraph-setup-'));
  path = join(folder, 'bin');
  mkdirSync(path);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A program of this name on the path, in the words of a shell script. */
function program(name: string, body: string): void {
  writeFileSync(join(path, name), `#!/bin/sh\n${body}\n`);
  chmodSync(join(path, name), 0o755);
}
const setUp = (...more: string[]) =>
  tastegraph(['setup', 'tensorflow', '--json', ...more], {
    cwd: folder,
    env: { PATH: path, XDG_CACHE_HOME: folder, CXX: '' },
  });
const left = () => readdirSync(join(folder, 'tastegraph')).filter((name) => !name.endsWith('.wheels'));

describe('the set-up of TensorFlow', () => {
  it('removes what a set-up that was killed left half made', async () => {
    mkdirSync(join(folder, 'tastegraph', `tensorflow-${wheels().tensorflow}-cpu.build-killed`), { recursive: true });
    await setUp();
    expect(left()).toEqual([]);
  });

  it('says that Python is missing', async () => {
    const { code, json } = await setUp();
    expect(code).toBe(5);
    expect(json().error).toMatchObject({
      code: 'compute/setup-needs',
      message: expect.stringContaining('apt-get install python3-pip'),
    });
    expect(left()).toEqual([]);
  });

  it('says that a compiler is missing', async () => {
    program('python3', 'echo "pip 23.0 from /somewhere (python 3.11)"');
    const { json } = await setUp();
    expect(json().error).toMatchObject({
      code: 'compute/setup-needs',
      message: expect.stringContaining('apt-get install g++'),
    });
    expect(left()).toEqual([]);
  });

  it('says why nothing could be fetched, and leaves nothing half made', async () => {
    program(
      'python3',
      '[ "$3" = --version ] && echo "pip 23.0 from /somewhere (python 3.11)" || { echo "ERROR: no route to the index" >&2; exit 1; }',
    );
    program('g++', 'echo 12.2');
    const { code, json } = await setUp();
    expect(code).toBe(5);
    expect(json().error).toMatchObject({
      code: 'compute/setup-failed',
      message: expect.stringContaining('no route to the index'),
    });
    expect(left()).toEqual([]);
  });

  it('takes no wheel whose checksum is another', async () => {
    // pip checks it too; here is one that does not.
    program(
      'python3',
      'case "$*" in *--version*) echo "pip 23.0 from /somewhere (python 3.11)";; *) while [ "$1" != -d ]; do shift; done; echo wrong > "$2/other.whl";; esac',
    );
    program('g++', 'echo 12.2');
    const { json } = await setUp();
    expect(json().error).toMatchObject({ code: 'compute/setup-failed' });
    const kept = join(folder, 'tastegraph', `tensorflow-${wheels().tensorflow}-cpu.wheels`);
    expect(existsSync(kept) ? readdirSync(kept) : []).toEqual([]);
    expect(left()).toEqual([]);
  });

  it('knows nothing else to set up', async () => {
    const { code, json } = await tastegraph(['setup', 'tensorflw', '--json'], { cwd: folder });
    expect(code).toBe(2);
    expect(json().error).toMatchObject({
      code: 'options/unknown',
      message: expect.stringContaining("Did you mean 'tensorflow'"),
    });
  });
});

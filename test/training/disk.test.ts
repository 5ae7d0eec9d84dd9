/** What is left of a table on disk when its process is killed, or when its file is damaged. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { openKernels } from '../../src/compute/open.ts';
import type { Table } from '../../src/models/model.ts';
import { optionGroups } from '../../src/options.ts';
import { RandomStream } from '../../src/random.ts';
import { Checkpoints } from '../../src/training/checkpoints.ts';
import { EmbeddingStore, type StorePlace, storePlace } from '../../src/training/store.ts';

const home = mkdtempSync(join(tmpdir(), 'tastegraph-disk-'));
const kernels = openKernels({ threads: 2 });
afterAll(async () => {
  rmSync(home, { recursive: true, force: true });
  await kernels.close();
});

const [ROWS, DIM] = [3000, 6];
const onDisk = (folder: string): StorePlace => ({ embeddings: 'disk', folder, cacheBytes: 20 * 4096 });

function open(place: StorePlace) {
  const store = new EmbeddingStore(kernels, 3, place);
  return { store, table: store.table('t', { rows: ROWS, dim: DIM }, { kind: 'normal', deviation: 0.1 }) };
}

/** The steps of disk.child.mjs. */
function train(table: Table, from: number, to: number): void {
  for (let step = from; step <= to; step++) {
    const stream = new RandomStream(step);
    const ids = Int32Array.from({ length: 100 }, () => stream.integer(ROWS));
    const rows = new Float32Array(ids.length * DIM);
    table.gather(ids, rows);
    table.apply(
      ids,
      rows.map((value) => value + stream.normal()),
      { learningRate: 0.05, step },
    );
  }
}

function everyRow(table: Table): Float32Array {
  const out = new Float32Array(ROWS * DIM);
  table.gather(
    Int32Array.from({ length: ROWS }, (_, row) => row),
    out,
  );
  return out;
}

describe('a table on disk', () => {
  it.each([1, 3, 6])('is as its last checkpoint says when its process is killed after %i of them', async (saves) => {
    const folder = join(home, `killed-${saves}`);
    const child = spawn(process.execPath, [fileURLToPath(new URL('disk.child.mjs', import.meta.url)), folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let lines = 0;
    await new Promise<void>((resolve) => {
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        lines += text.split('\n').length - 1;
        if (lines >= saves) child.kill('SIGKILL');
      });
      child.on('close', () => resolve());
    });

    const { store, table } = open(onDisk(join(folder, 'tables')));
    const found = new Checkpoints(folder, {}).load()!;
    expect(found.state.epoch).toBeGreaterThanOrEqual(2 * saves);
    found.restore(store.state());
    store.restored();
    const plain = open({ embeddings: 'memory' });
    train(plain.table, 1, found.state.epoch);
    expect(everyRow(table)).toEqual(everyRow(plain.table));
    train(table, found.state.epoch + 1, found.state.epoch + 5);
    train(plain.table, found.state.epoch + 1, found.state.epoch + 5);
    expect(everyRow(table)).toEqual(everyRow(plain.table));
    store.dispose();
    plain.store.dispose();
  });

  const saved = (folder: string) => {
    const { store, table } = open(onDisk(folder));
    train(table, 1, 4);
    store.flush();
    store.settle();
    const state = new Map([...store.state()].map(([name, array]) => [name, array.slice()]));
    store.dispose();
    return state;
  };
  const reopen = (folder: string, state: ReadonlyMap<string, Float32Array>) => {
    const { store, table } = open(onDisk(folder));
    for (const [name, array] of store.state()) array.set(state.get(name)!);
    store.restored();
    return { store, table };
  };
  const pathOf = (folder: string, end: RegExp) => join(folder, readdirSync(folder).find((name) => end.test(name))!);
  const corrupt = expect.objectContaining({ code: 'training/checkpoint-corrupt' });

  it.each([/\.rows$/, /\.map$/])('says so when a bit of its %s has changed, or the end is gone', (end) => {
    const folder = join(home, `damaged${end.source.length}`);
    const state = saved(folder);
    const path = pathOf(folder, end);
    const content = readFileSync(path);
    const damaged = Uint8Array.from(content);
    for (let at = 100; at < damaged.length; at += 4096) damaged[at]! ^= 4;
    for (const damage of [() => writeFileSync(path, damaged), () => truncateSync(path, statSync(path).size / 2)]) {
      damage();
      let thrown: unknown;
      try {
        const { table } = reopen(folder, state);
        everyRow(table);
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toEqual(corrupt);
      writeFileSync(path, content);
    }
    const { store, table } = reopen(folder, state);
    expect(everyRow(table).length).toBe(ROWS * DIM);
    store.dispose();
  });

  it('begins anew where nothing is resumed, whatever lies there, and takes no more room than it needs', () => {
    const folder = join(home, 'anew');
    saved(folder);
    const { store, table } = open(onDisk(folder));
    const plain = open({ embeddings: 'memory' });
    expect(everyRow(table)).toEqual(everyRow(plain.table));
    const sizes: number[] = [];
    for (let round = 0; round < 12; round++) {
      train(table, 5 * round + 1, 5 * round + 5);
      train(plain.table, 5 * round + 1, 5 * round + 5);
      store.flush();
      store.settle();
      sizes.push(statSync(pathOf(folder, /\.rows$/)).size);
      expect(readdirSync(folder).filter((name) => name.endsWith('.map')).length).toBe(1);
    }
    expect(everyRow(table)).toEqual(everyRow(plain.table));
    // A place for what the checkpoint means and one for what changed since: never more than two a block.
    const blocks = Math.ceil(ROWS / Math.floor(1024 / (3 * DIM)));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(2 * blocks * 4096);
    store.dispose();
    plain.store.dispose();
  });

  it('is refused to a model that changes all of it at each step', () => {
    const options = optionGroups.training.parse({ embeddings: 'disk', cacheMb: 1 });
    const store = new EmbeddingStore(kernels, 3, storePlace(options, join(home, 'whole')));
    expect(() => store.whole('nodes', { rows: 4, dim: 8 }, { kind: 'zeros' })).toThrow(
      "all of its table 'nodes', which must therefore lie in memory. Train with --embeddings memory",
    );
    const table = store.table('t', { rows: 4, dim: 8 }, { kind: 'zeros' });
    expect([...store.state().keys()]).toEqual(['t.generation']);
    expect(table.unique(Int32Array.of(3, 3)).rows).toEqual(Int32Array.of(3));
    store.dispose();
    const inMemory = new EmbeddingStore(kernels, 3, storePlace(optionGroups.training.parse({}), home));
    inMemory.whole('nodes', { rows: 4, dim: 8 }, { kind: 'zeros' });
    expect([...inMemory.state().keys()]).toEqual(['nodes.parameters', 'nodes.first', 'nodes.second']);
    inMemory.dispose();
  });

  it('says what to do where its folder cannot be written', () => {
    const file = join(home, 'a-file');
    writeFileSync(file, '');
    const { store, table } = open(onDisk(join(file, 'folder')));
    const work = () => {
      train(table, 1, 1);
      store.flush();
    };
    expect(work).toThrow(/cannot be used: .* choose another --home, or train with --embeddings memory/);
    store.dispose();
  });
});

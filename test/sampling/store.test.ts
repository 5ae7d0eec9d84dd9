import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SharedAllocator } from '../../src/compute/csr.ts';
import { snapshotFromRecords } from '../../src/sampling/fromFiles.ts';
import type { Snapshot } from '../../src/sampling/snapshot.ts';
import { findSnapshot, listSnapshots, loadSnapshot, snapshotsFolder, writeSnapshot } from '../../src/sampling/store.ts';
import { checkerboardSnapshot, oddities } from '../planted.ts';

let home: string;
let snapshot: Snapshot;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'tastegraph-store-'));
  snapshot = checkerboardSnapshot({ users: 8, items: 8 });
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** Changes one bit in the middle of a file. */
function flip(path: string): void {
  const bytes = readFileSync(path);
  bytes[bytes.length >> 1]! ^= 1;
  writeFileSync(path, bytes);
}

describe('snapshots on disk', () => {
  it('come back array for array', () => {
    const folder = writeSnapshot(home, snapshot);
    const loaded = loadSnapshot(folder);
    expect(loaded.digest).toBe(snapshot.digest);
    expect([loaded.asOf, loaded.source]).toEqual([snapshot.asOf, snapshot.source]);
    expect(loaded.arrays).toEqual(snapshot.arrays);
    expect(readdirSync(snapshotsFolder(home))).toEqual([snapshot.digest]);
  });

  it('are read into the memory that is given, at aligned places', () => {
    const memory = new SharedArrayBuffer(1 << 20);
    let end = 0;
    const allocator: SharedAllocator = {
      allocate(bytes) {
        const byteOffset = end;
        end += Math.ceil(bytes / 64) * 64;
        return { buffer: memory, byteOffset };
      },
    };
    const loaded = loadSnapshot(writeSnapshot(home, snapshot), allocator);
    for (const { values } of loaded.arrays) expect(values.buffer).toBe(memory);
    expect(loaded.interactions).toEqual(snapshot.interactions);
    expect(loaded.items.title(3)).toBe('Item 3');
  });

  it('are listed newest first, and found by the beginning of their digest', () => {
    const other = snapshotFromRecords(oddities(), 'generated');
    writeSnapshot(home, { ...snapshot, asOf: 2 });
    writeSnapshot(home, { ...other, asOf: 1 });
    expect(listSnapshots(home).map(({ digest, asOf }) => [digest, asOf])).toEqual([
      [snapshot.digest, 2],
      [other.digest, 1],
    ]);
    // Taken again, the same content is the newest.
    writeSnapshot(home, { ...other, asOf: 3 });
    expect(findSnapshot(home)).toMatchObject({ digest: other.digest, asOf: 3, counts: { users: other.users.count } });
    expect(findSnapshot(home, snapshot.digest.slice(0, 8)).digest).toBe(snapshot.digest);
    expect(() => findSnapshot(home, 'none')).toThrow(expect.objectContaining({ code: 'snapshot/not-found' }));
    expect(() => findSnapshot(join(home, 'nowhere'))).toThrow(expect.objectContaining({ code: 'snapshot/not-found' }));
  });

  it('are refused, file by file, once a bit has changed or an end is missing, and mended by writing them again', () => {
    const folder = writeSnapshot(home, snapshot);
    const files = readdirSync(folder).filter(
      (name) => name !== 'manifest.json' && readFileSync(join(folder, name)).length > 0,
    );
    expect(files.length).toBeGreaterThan(20);
    for (const damage of [
      flip,
      (path: string) => truncateSync(path, readFileSync(path).length - 1),
      (path: string) => rmSync(path),
    ]) {
      for (const name of files) {
        const path = join(folder, name);
        const kept = join(home, 'kept');
        copyFileSync(path, kept);
        damage(path);
        expect(() => loadSnapshot(folder)).toThrow(
          expect.objectContaining({ code: 'snapshot/corrupt', details: { path } }),
        );
        copyFileSync(kept, path);
      }
    }
    flip(join(folder, files[0]!));
    writeSnapshot(home, snapshot);
    expect(loadSnapshot(folder).digest).toBe(snapshot.digest);
  });

  it('are refused with a manifest that is cut off, changed, or of another format', () => {
    const folder = writeSnapshot(home, snapshot);
    const path = join(folder, 'manifest.json');
    const text = readFileSync(path, 'utf8');
    const read = (content: string) => {
      writeFileSync(path, content);
      return () => loadSnapshot(folder);
    };
    const corrupt = expect.objectContaining({ code: 'snapshot/corrupt', details: { path } }) as Error;
    expect(read(text.slice(0, -100))).toThrow(corrupt);
    expect(read(text.replace('"interactions.at"', '"../../escape"'))).toThrow(corrupt);
    expect(read(text.replace(/"sha256": "./, '"sha256": "x'))).toThrow(corrupt);
    expect(read(text.replace(/"length": \d/, '"length": 9'))).toThrow(corrupt);
    expect(read(text.replace('"version": 1', '"version": 2'))).toThrow(
      expect.objectContaining({ code: 'snapshot/format' }),
    );
    expect(listSnapshots(home)).toEqual([]);
    expect(() => loadSnapshot(join(home, 'nowhere'))).toThrow(expect.objectContaining({ code: 'snapshot/not-found' }));
  });

  it('leave nothing behind of writers that died', () => {
    const all = snapshotsFolder(home);
    const dead = join(all, `.${'0'.repeat(64)}.999999999.0badc0de`);
    const alive = join(all, `.${'0'.repeat(64)}.${process.ppid}.0badc0de`);
    for (const folder of [dead, alive]) mkdirSync(folder, { recursive: true });
    writeSnapshot(home, snapshot);
    expect(readdirSync(all).filter((name) => name.startsWith('.'))).toEqual([alive.slice(all.length + 1)]);
  });
});

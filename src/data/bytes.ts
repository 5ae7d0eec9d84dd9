/** The bytes of a file in order, unpacked where it is gzip, which its content says whatever its name. */
import { type FileHandle, open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { TastegraphError } from '../errors.ts';

/** Reads on from a place; each read begins where the one before ended. */
export interface Bytes {
  /** Fills `target` from `from` on, with `length` bytes at most; 0 at the end. Throws what is wrong with the file. */
  read(target: Buffer, from: number, length: number): Promise<number>;
  /** Bytes of the packed file that were read so far; undefined where it is not packed. */
  readonly packed: number | undefined;
  close(): Promise<void>;
}

const gzipMagic = [0x1f, 0x8b];

/** Opens a file after `offset` bytes of its unpacked content; of a packed one, what comes before is unpacked again. Errors: data/not-found. */
export async function openBytes(path: string, offset: number): Promise<Bytes> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'r');
  } catch (cause) {
    throw new TastegraphError('data/not-found', { path }, cause);
  }
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0);
  if (bytesRead === 2 && gzipMagic.every((byte, at) => buffer[at] === byte)) return unpacked(handle, offset);
  return {
    async read(target, from, length) {
      const { bytesRead } = await handle.read(target, from, length, offset);
      offset += bytesRead;
      return bytesRead;
    },
    packed: undefined,
    close: () => handle.close(),
  };
}

function unpacked(handle: FileHandle, offset: number): Bytes {
  const packed = handle.createReadStream({ start: 0, autoClose: false });
  const gunzip = createGunzip();
  packed.on('error', (cause) => gunzip.destroy(cause));
  const chunks = packed.pipe(gunzip)[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>;
  let rest: Buffer = Buffer.alloc(0);
  /** Whether anything is left; what lies before the offset is dropped. */
  const fill = async (): Promise<boolean> => {
    while (rest.length === 0) {
      const { value, done } = await chunks.next();
      if (done === true) return false;
      rest = value.subarray(Math.min(offset, value.length));
      offset -= value.length - rest.length;
    }
    return true;
  };
  return {
    async read(target, from, length) {
      if (!(await fill())) return 0;
      const taken = rest.copy(target, from, 0, length);
      rest = rest.subarray(taken);
      return taken;
    },
    get packed() {
      return gunzip.bytesWritten;
    },
    async close() {
      packed.destroy();
      gunzip.destroy();
      await handle.close();
    },
  };
}

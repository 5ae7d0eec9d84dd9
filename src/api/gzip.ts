/** Bodies that come in gzip, inflated as they arrive. */
import { Readable } from 'node:stream';
import type { ReadableStream as WebStream } from 'node:stream/web';
import { createGunzip } from 'node:zlib';
import { problemOf, TastegraphError } from '../errors.ts';

/**
 * What a body inflates to, no faster than it is read: whoever reads bounds that. Of the body itself `most` bytes are taken, since what
 * inflates to nothing has no end otherwise. Rejects with RangeError after these. Errors: api/not-gzip; those of the body.
 */
export async function* inflated(
  body: ReadableStream<Uint8Array>,
  most: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let total = 0;
  const given = Readable.fromWeb(body as WebStream<Uint8Array>);
  const gunzip = createGunzip();
  given.on('data', (bytes: Uint8Array) => {
    total += bytes.length;
    if (total > most) gunzip.destroy(new RangeError(`more than ${most} bytes`));
  });
  given.on('error', (cause) => gunzip.destroy(cause));
  given.pipe(gunzip);
  try {
    for await (const bytes of gunzip) yield bytes as Uint8Array;
  } catch (cause) {
    const isOfGzip = String((cause as NodeJS.ErrnoException).code).startsWith('Z_');
    throw isOfGzip ? new TastegraphError('api/not-gzip', { problem: problemOf(cause) }, cause) : cause;
  } finally {
    given.destroy();
  }
}

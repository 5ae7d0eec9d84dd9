/** JSON Lines in and out, a line at a time. */
import { problemOf } from '../errors.ts';
import type { AppContext } from './context.ts';

export const ndjson = 'application/x-ndjson';

/** A line of a body, from 1: what it holds and its length in bytes, or what is wrong with it. */
export type JsonLine =
  | { readonly line: number; readonly value: unknown; readonly bytes: number; readonly problem?: never }
  | { readonly line: number; readonly problem: string };

const lineFeed = 0x0a;

/**
 * The lines of a body, as they arrive: at most one line is held. Empty lines are passed over; one that is longer than `longest`
 * bytes, or holds no JSON, is told. Rejects with RangeError after `most` bytes.
 */
export async function* jsonLines(
  body: AsyncIterable<Uint8Array>,
  { longest, most }: { readonly longest: number; readonly most: number },
): AsyncGenerator<JsonLine, void, undefined> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let parts: Uint8Array[] = [];
  let length = 0;
  let line = 0;
  let total = 0;
  const take = (): JsonLine | undefined => {
    line++;
    const [bytes, tooLong] = [Buffer.concat(parts), length > longest];
    parts = [];
    length = 0;
    if (tooLong) return { line, problem: `is longer than ${longest} bytes` };
    try {
      const text = decoder.decode(bytes).trim();
      return text === '' ? undefined : { line, value: JSON.parse(text) as unknown, bytes: bytes.length };
    } catch (cause) {
      return { line, problem: cause instanceof SyntaxError ? 'is not JSON' : `is not UTF-8: ${problemOf(cause)}` };
    }
  };
  for await (const chunk of body) {
    total += chunk.length;
    if (total > most) throw new RangeError(`more than ${most} bytes`);
    for (let start = 0; start < chunk.length; ) {
      const found = chunk.indexOf(lineFeed, start);
      const end = found < 0 ? chunk.length : found;
      length += end - start;
      // The rest of a line that is too long is not kept.
      if (length <= longest) parts.push(chunk.subarray(start, end));
      else parts = [];
      start = end + 1;
      if (found < 0) continue;
      const taken = take();
      if (taken) yield taken;
    }
  }
  if (length === 0) return;
  const last = take();
  if (last) yield last;
}

/** Values of which the first is made already: where that fails it is a problem like any other, and no answer has begun. */
export async function begun<T>(
  values: AsyncGenerator<T, void, undefined>,
): Promise<AsyncGenerator<T, void, undefined>> {
  const first = await values.next();
  async function* all() {
    if (first.done) return;
    yield first.value;
    yield* values;
  }
  return all();
}

/** Longest time for which nobody reads on before the connection is broken off, ms: a stream that is not read has a place that others want. */
const longestUnread = 300_000;

/**
 * Values as an answer, a line each, made as fast as they are read and no faster; ends with an error where making one fails. `onGone`
 * is told when nobody reads any more, also while one is made.
 * `never`, since the types of routes know of answers in JSON and text alone.
 */
export function linesAnswer(
  c: AppContext,
  values: AsyncGenerator<unknown, void, undefined>,
  onFailure: (cause: unknown) => void,
  onGone?: () => void,
): never {
  const headers = { 'content-type': ndjson };
  // Whoever asks for the headers alone, or was told that it took too long, reads nothing.
  if (c.req.method === 'HEAD' || c.get('late')) {
    onGone?.();
    void values.return();
    return c.body(null, 200, headers) as never;
  }
  const { freeStream } = c.var;
  c.set('freeStream', undefined);
  const encoder = new TextEncoder();
  let isMaking = false;
  let unread: NodeJS.Timeout | undefined;
  const end = () => {
    clearTimeout(unread);
    freeStream?.();
  };
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        unread = setTimeout(() => {
          if (isMaking) return void unread?.refresh();
          const cause = new Error('nobody reads on');
          onFailure(cause);
          controller.error(cause);
          end();
          onGone?.();
          void values.return();
        }, longestUnread).unref();
      },
      async pull(controller) {
        isMaking = true;
        try {
          const { value, done } = await values.next();
          if (done) {
            end();
            controller.close();
          } else controller.enqueue(encoder.encode(`${JSON.stringify(value)}\n`));
        } catch (cause) {
          end();
          onFailure(cause);
          controller.error(cause); // The connection breaks off, so that nobody takes a part for the whole.
        }
        isMaking = false;
        unread?.refresh();
      },
      async cancel() {
        onGone?.();
        try {
          await values.return();
        } finally {
          end();
        }
      },
    },
    { highWaterMark: 1 },
  );
  return c.body(body, 200, headers) as never;
}

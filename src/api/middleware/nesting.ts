/** Reads a body, and refuses JSON that is not UTF-8, or nested deeper than anything that a route takes, before anybody walks it on the stack. */
import { createMiddleware } from 'hono/factory';
import { TastegraphError } from '../../errors.ts';
import type { AppEnv } from '../context.ts';

const mostNested = 32;

/** Errors: api/invalid. */
export function nesting() {
  return createMiddleware<AppEnv>(async (c, next) => {
    const type = c.req.header('content-type') ?? '';
    // Whatever it is, it is read to its end here; the bytes are kept, and whoever reads the body later gets it from there.
    const bytes = await c.req.arrayBuffer();
    c.set('arriving', false);
    if (/^application\/([\w.-]+\+)?json\b/i.test(type) && isDeeper(textOf(bytes), mostNested)) {
      throw new TastegraphError('api/invalid', { problem: `The body is nested deeper than ${mostNested} levels` });
    }
    await next();
  });
}

/** Other bytes would become the same letter for all, and two ids one. Errors: api/invalid. */
function textOf(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new TastegraphError('api/invalid', { problem: 'The body is not UTF-8, which JSON is written in' }, cause);
  }
}

/** Whether brackets outside of strings ever stand in each other more than `most` deep; of text that is no JSON, as far as it goes. */
export function isDeeper(json: string, most: number): boolean {
  let depth = 0;
  let isText = false;
  for (let at = 0; at < json.length; at++) {
    const letter = json.charCodeAt(at);
    if (isText) {
      if (letter === 0x5c)
        at++; // \ takes the next letter with it
      else if (letter === 0x22) isText = false;
    } else if (letter === 0x22) isText = true;
    else if (letter === 0x5b || letter === 0x7b) {
      if (++depth > most) return true;
    } else if (letter === 0x5d || letter === 0x7d) depth--;
  }
  return false;
}

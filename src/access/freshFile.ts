/** A file that others replace while it is being used. */
import { readFileSync, statSync } from 'node:fs';

/**
 * What `parse` makes of the file, parsed again when another file lies there: looked at in each call (3 µs), so that what was
 * taken back is gone at once. Undefined where there is no file. Errors: those of `parse`, in each call until it is mended.
 */
export function freshFile<T>(path: string, parse: (text: string) => T): () => T | undefined {
  let seen = '';
  let content: T | undefined;
  return () => {
    const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
    if (!stat) {
      seen = '';
      return undefined;
    }
    const now = `${stat.ino} ${stat.mtimeNs} ${stat.size}`;
    if (now !== seen) {
      content = parse(readFileSync(path, 'utf8'));
      seen = now;
    }
    return content;
  };
}

/** The target of a request as it came, before anything makes a URL of it: what could be read in two ways is refused. */

/** What is wrong with a target; undefined where nothing is. */
export function problemOfTarget(target: string): string | undefined {
  if (!/[%\\#]|\/\.|[^\x21-\x7e]/.test(target)) return undefined; // nearly all
  if (/[\\#]|[^\x21-\x7e]/.test(target)) return 'it holds a character that has to be percent-encoded';
  const [path, query] = target.split(/\?(.*)/s, 2);
  if (decoded(query ?? '') === undefined) return 'its query is percent-encoded, but not as UTF-8';
  for (const part of path!.split('/')) {
    const text = decoded(part);
    if (text === undefined) return 'its path is percent-encoded, but not as UTF-8';
    if (text === '.' || text === '..') return `a part of its path is '${text}'`;
  }
  return undefined;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

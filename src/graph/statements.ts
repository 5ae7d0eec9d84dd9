import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../package.ts';

const cache = new Map<string, string>();

/** Text of a statement in `cypher/`, by its path without ending: 'write/interactions'. */
export function statement(name: string): string {
  let text = cache.get(name);
  if (text === undefined) {
    text = readFileSync(join(packageRoot, 'cypher', `${name}.cypher`), 'utf8');
    cache.set(name, text);
  }
  return text;
}

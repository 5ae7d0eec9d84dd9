/**
 * The language of filters: `genre:Action AND year>=1990 AND NOT (available:false OR "age rating" IN (16, 18))`.
 *
 *   any        = all { OR all }
 *   all        = one { AND one }
 *   one        = NOT one | '(' any ')' | field operator value | field IN '(' value { ',' value } ')'
 *   operator   = ':' | '=' | '!=' | '<' | '<=' | '>' | '>='          ':' and '=' say the same
 *   field      = word | quoted          value = word | quoted
 *   word       = letters, digits, '_', '.', '+', '-'                 quoted = '"' … '"', with \" and \\
 *
 * Words in capitals (AND, OR, NOT, IN) are names only between quotes. What a value means is told by the field: see `fields.ts`.
 */
import { TastegraphError } from '../../errors.ts';

export type Operator = ':' | '!=' | '<' | '<=' | '>' | '>=';

export interface Comparison {
  readonly kind: 'compare';
  readonly field: string;
  readonly operator: Operator;
  readonly value: string;
}
export type Filter =
  | { readonly kind: 'or' | 'and'; readonly of: readonly Filter[] } // two or more
  | { readonly kind: 'not'; readonly of: Filter }
  | { readonly kind: 'in'; readonly field: string; readonly values: readonly string[] } // one or more
  | Comparison;

/** Deepest nesting of brackets and NOTs. */
const deepest = 50;

const keywords = new Set(['AND', 'OR', 'NOT', 'IN']);
const word = /^[\p{L}\p{N}_.+-]+$/u;
const token = /\s*(?:(?<quoted>"(?:[^"\\]|\\["\\])*")|(?<word>[\p{L}\p{N}_.+-]+)|(?<sign>!=|<=|>=|[<>=:(),]))/uy;

interface Token {
  readonly kind: 'quoted' | 'word' | 'sign' | 'end';
  readonly text: string;
  /** From 1, in UTF-16 code units. */
  readonly position: number;
}

/** What is wrong with a filter, and where. */
export function refuse(position: number, problem: string): never {
  throw new TastegraphError('filter/invalid', { position, problem });
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  token.lastIndex = 0;
  for (let at = 0; at < end; at = token.lastIndex) {
    token.lastIndex = at;
    const groups = token.exec(text)?.groups;
    if (!groups) {
      const position = at + /^\s*/.exec(text.slice(at))![0].length + 1;
      refuse(position, text[position - 1] === '"' ? 'a quote is not closed' : 'this is no part of a filter');
    }
    const kind = groups.quoted !== undefined ? 'quoted' : groups.word !== undefined ? 'word' : 'sign';
    const raw = groups[kind]!;
    const position = token.lastIndex - raw.length + 1;
    tokens.push({ kind, text: kind === 'quoted' ? raw.slice(1, -1).replace(/\\(.)/g, '$1') : raw, position });
  }
  tokens.push({ kind: 'end', text: '', position: end + 1 });
  return tokens;
}

/** Errors: filter/invalid, with the position. */
export function parseFilter(text: string): Filter {
  const tokens = tokensOf(text);
  let at = 0;
  const next = (): Token => tokens[at]!;
  const isKeyword = (name: string): boolean => next().kind === 'word' && next().text === name;
  const isSign = (sign: string): boolean => next().kind === 'sign' && next().text === sign;
  const found = ({ kind, text: given }: Token): string => (kind === 'end' ? 'the filter ends' : `'${given}' was found`);
  const expect = (sign: string): void => {
    if (!isSign(sign)) refuse(next().position, `'${sign}' was expected, ${found(next())}`);
    at++;
  };
  const name = (what: string): string => {
    const { kind, text: given, position } = next();
    const isName = kind === 'quoted' || (kind === 'word' && !keywords.has(given));
    if (!isName) refuse(position, `a ${what} was expected, ${found(next())}`);
    at++;
    return given;
  };

  function several(kind: 'or' | 'and', keyword: string, part: (depth: number) => Filter, depth: number): Filter {
    const of = [part(depth)];
    while (isKeyword(keyword)) {
      at++;
      of.push(part(depth));
    }
    return of.length === 1 ? of[0]! : { kind, of };
  }
  const any = (depth: number): Filter => several('or', 'OR', all, depth);
  const all = (depth: number): Filter => several('and', 'AND', one, depth);
  function one(depth: number): Filter {
    if (depth > deepest) refuse(next().position, `more than ${deepest} brackets and NOTs stand in each other`);
    if (isKeyword('NOT')) {
      at++;
      return { kind: 'not', of: one(depth + 1) };
    }
    if (isSign('(')) {
      at++;
      const inner = any(depth + 1);
      expect(')');
      return inner;
    }
    const field = name('field');
    if (isKeyword('IN')) {
      at++;
      expect('(');
      const values = [name('value')];
      while (isSign(',')) {
        at++;
        values.push(name('value'));
      }
      expect(')');
      return { kind: 'in', field, values };
    }
    const { kind, text: sign, position } = next();
    if (kind !== 'sign' || '(),'.includes(sign))
      refuse(position, `one of : = != < <= > >= or IN was expected, ${found(next())}`);
    at++;
    return { kind: 'compare', field, operator: sign === '=' ? ':' : (sign as Operator), value: name('value') };
  }

  const filter = any(0);
  if (next().kind !== 'end') refuse(next().position, `AND, OR or the end was expected, ${found(next())}`);
  return filter;
}

const quotedIfNeeded = (name: string): string =>
  word.test(name) && !keywords.has(name) ? name : `"${name.replace(/["\\]/g, '\\$&')}"`;

/** A filter as text, which `parseFilter` makes the same filter of: equal filters are equal texts. */
export function printFilter(filter: Filter): string {
  const inner = (part: Filter): string =>
    part.kind === 'or' || part.kind === 'and' ? `(${printFilter(part)})` : printFilter(part);
  switch (filter.kind) {
    case 'or':
    case 'and':
      return filter.of.map(inner).join(filter.kind === 'or' ? ' OR ' : ' AND ');
    case 'not':
      return `NOT ${inner(filter.of)}`;
    case 'in':
      return `${quotedIfNeeded(filter.field)} IN (${filter.values.map(quotedIfNeeded).join(', ')})`;
    case 'compare':
      return `${quotedIfNeeded(filter.field)}${filter.operator}${quotedIfNeeded(filter.value)}`;
  }
}

/** Every comparison in a filter, IN as one for each value. */
export function* comparisonsOf(filter: Filter): Generator<Comparison> {
  if (filter.kind === 'compare') yield filter;
  else if (filter.kind === 'not') yield* comparisonsOf(filter.of);
  else if (filter.kind !== 'in') for (const part of filter.of) yield* comparisonsOf(part);
  else for (const value of filter.values) yield { kind: 'compare', field: filter.field, operator: ':', value };
}

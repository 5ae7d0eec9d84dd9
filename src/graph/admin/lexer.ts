/** Cypher cut into tokens: enough to see which words and calls a text has, and never to take one for part of a string or a comment. */

export interface Token {
  /** `quoted`: a name in backticks, which is never a keyword. */
  readonly kind: 'word' | 'quoted' | 'string' | 'number' | 'parameter' | 'sign';
  /** A word as it stands; a quoted name without its quotes; a parameter without its dollar. */
  readonly text: string;
}

/** One token, a comment or blanks at a place. A comment that has no end, or a quote that has none, matches nothing. */
const pieces =
  /(?<blank>[ \t\r\n]+|\/\/[^\r\n]*|\/\*[\s\S]*?\*\/)|(?<string>'(?:[^'\\]|\\[\s\S])*'|"(?:[^"\\]|\\[\s\S])*")|`(?<quoted>(?:[^`]|``)*)`|\$(?<parameter>[\p{L}\p{Nd}_]+|`(?:[^`]|``)*`)|(?<number>\d[\p{L}\p{Nd}_]*)|(?<word>[\p{L}\p{Pc}\p{Sc}][\p{L}\p{Nd}\p{Mn}\p{Mc}\p{Pc}\p{Sc}]*)|(?<sign>[!-/:-@[-^{-~])/uy;

/**
 * The tokens of a text. Throws SyntaxError for what could be read in two ways: escapes that Cypher 5 resolves before it reads
 * anything (`\u0041`), characters outside strings that are no letters, digits or signs, quotes and comments without an end.
 */
export function tokensOf(text: string): readonly Token[] {
  if (/\\u/i.test(text))
    throw new SyntaxError('it holds a unicode escape (\\u…): write the character itself, or use a parameter');
  const tokens: Token[] = [];
  pieces.lastIndex = 0;
  while (pieces.lastIndex < text.length) {
    const at = pieces.lastIndex;
    const groups = pieces.exec(text)?.groups;
    if (!groups)
      throw new SyntaxError(
        `the character ${at + 1} begins nothing that Cypher knows, or a quote or comment has no end`,
      );
    const { string, quoted, parameter, number, word, sign } = groups;
    if (string !== undefined) tokens.push({ kind: 'string', text: string });
    else if (quoted !== undefined) tokens.push({ kind: 'quoted', text: quoted.replaceAll('``', '`') });
    else if (parameter !== undefined) tokens.push({ kind: 'parameter', text: parameter.replace(/^`|`$/g, '') });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word });
    else if (sign !== undefined) tokens.push({ kind: 'sign', text: sign });
  }
  return tokens;
}

/** Names that are followed by an opening bracket, their parts joined by dots: functions, procedures, and keywords before brackets. */
export function callsOf(tokens: readonly Token[]): readonly string[] {
  const calls: string[] = [];
  const isName = (token: Token | undefined) => token?.kind === 'word' || token?.kind === 'quoted';
  const isSign = (token: Token | undefined, sign: string) => token?.kind === 'sign' && token.text === sign;
  for (const [at, token] of tokens.entries()) {
    if (!isSign(token, '(') || !isName(tokens[at - 1])) continue;
    let from = at - 1;
    while (isSign(tokens[from - 1], '.') && isName(tokens[from - 2])) from -= 2;
    calls.push(
      tokens
        .slice(from, at)
        .filter((part) => part.kind !== 'sign')
        .map((part) => part.text)
        .join('.'),
    );
  }
  return calls;
}

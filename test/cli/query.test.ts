import { describe, expect, it } from 'vitest';
import { prepare } from '../../src/cli/command.ts';
import { commands } from '../../src/cli/commands.ts';
import { assignments, cellOf } from '../../src/cli/values.ts';
import { parseHeader } from '../../src/graph/admin/header.ts';
import { callsOf, tokensOf } from '../../src/graph/admin/lexer.ts';
import { parseRuleUse } from '../../src/graph/rules/ask.ts';

async function preparedQuery(...args: string[]) {
  const command = (await commands.query.load()).default;
  return await prepare(command, commands.query.words, args, {});
}

describe('the command line of questions', () => {
  it('an optional word may be left out', async () => {
    expect((await preparedQuery()).words).toEqual([]);
    expect((await preparedQuery('orphans')).words).toEqual(['orphans']);
    await expect(preparedQuery('orphans', 'more')).rejects.toMatchObject({ code: 'options/unknown' });
  });

  it('--param repeats, and its values hold commas', async () => {
    const { options } = await preparedQuery('x', '--param', 'a=1,2', '--param=b=c=d');
    expect(assignments(options.param as string[], '--param')).toEqual({ a: '1,2', b: 'c=d' });
    expect(() => assignments(['a'], '--param')).toThrow(/expected name=value/);
  });

  it('shows values on one line', () => {
    expect([null, 1, 0.123456, 'a\nb', ['x'], { y: 1 }, 'z'.repeat(99)].map(cellOf)).toEqual([
      '–',
      '1',
      '0.1235',
      'a b',
      '["x"]',
      '{"y":1}',
      `${'z'.repeat(59)}…`,
    ]);
  });
});

describe('rules as requests name them', () => {
  it.each([
    ['near', { name: 'near', parameters: {} }],
    ['near:km=20,from=a%2Cb=c', { name: 'near', parameters: { km: '20', from: 'a,b=c' } }],
    ['near:from=', { name: 'near', parameters: { from: '' } }],
  ])('%s', (text, use) => expect(parseRuleUse(text)).toEqual(use));
  it.each(['near:', 'near:km', 'near:=1', 'near:km=%'])('%s is none', (text) => {
    expect(() => parseRuleUse(text)).toThrow(/expected NAME/);
  });
});

describe('a header', () => {
  it('is purpose, parameters and cost, each over as many lines as it takes', () => {
    const text = `// What it is for,\n// and more.\n// $a: INTEGER = -5 (-10 to 10). One\n// thing.\n// $b: STRING = 'x' ('x' or 'y z'). Another.
// $c: LIST<STRING>. A third.\n// $d: FLOAT = null. A fourth.\n// Cost: heavy. All\n// of it.\n// :param {a: -5}\nRETURN 1 // $e: no\n// $f: no`;
    expect(parseHeader(text)).toEqual({
      purpose: 'What it is for, and more.',
      parameters: [
        { name: 'a', type: 'INTEGER', defaultValue: -5, range: { least: -10, most: 10 }, about: 'One thing.' },
        { name: 'b', type: 'STRING', defaultValue: 'x', choices: ['x', 'y z'], about: 'Another.' },
        { name: 'c', type: 'LIST<STRING>', about: 'A third.' },
        { name: 'd', type: 'FLOAT', defaultValue: null, about: 'A fourth.' },
      ],
      cost: { class: 'heavy', about: 'All of it.' },
      hint: ':param {a: -5}',
    });
  });
  it.each(['// $a', '// $a: INT = 1. x', '// $a: INTEGER = 1 (some). x', '// $a: INTEGER = 1'])(
    '%s is none',
    (line) => {
      expect(() => parseHeader(`// P.\n${line}\nRETURN 1`)).toThrow(SyntaxError);
    },
  );
});

describe('tokens', () => {
  it('know strings, comments and quoted names from words', () => {
    const kinds = tokensOf("RETURN 'a // b' /* c */ + `d``e` // f\n, $g.h, 1.5e3").map(
      ({ kind, text }) => `${kind} ${text}`,
    );
    expect(kinds).toEqual([
      'word RETURN',
      "string 'a // b'",
      'sign +',
      'quoted d`e',
      'sign ,',
      'parameter g',
      'sign .',
      'word h',
      'sign ,',
      'number 1',
      'sign .',
      'number 5e3',
    ]);
  });
  it('find calls through blanks, comments and backticks', () => {
    expect(callsOf(tokensOf('RETURN a . `b`/* x */. c (1), size(d), (e), "f(g)"'))).toEqual(['a.b.c', 'size']);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Numbering, wellFormed } from '../../src/sampling/columns.ts';
import { ownMemory } from '../../src/sampling/memory.ts';
import { encodeStrings, StringTable } from '../../src/sampling/strings.ts';

// Around the places where UTF-8 and UTF-16 order differ, and where UTF-8 grows by a byte.
const edgy = fc.constantFrom(
  'a',
  '\x7f',
  '\x80',
  '\u07ff',
  '\u0800',
  '\ud7ff',
  '\ue000',
  '\uffff',
  '\u{10000}',
  '\u{10ffff}',
);
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.array(edgy, { maxLength: 4 }).map((parts) => parts.join('')),
);

describe('StringTable', () => {
  it('gives back every string, and finds it in code-unit order', () => {
    fc.assert(
      fc.property(fc.uniqueArray(text, { maxLength: 40 }), text, (strings, other) => {
        const sorted = strings.toSorted();
        const table = new StringTable(encodeStrings(sorted, ownMemory));
        expect(table.all()).toEqual(sorted);
        expect(sorted.map((string) => table.search(string))).toEqual(sorted.map((_, index) => index));
        const at = sorted.indexOf(other);
        expect(table.search(other)).toBe(at < 0 ? undefined : at);
      }),
      { numRuns: 300 },
    );
  });

  it('refuses an index outside', () => {
    const table = new StringTable(encodeStrings(['a'], ownMemory));
    for (const index of [-1, 1, 0.5 + 1, Number.NaN]) expect(() => table.at(index)).toThrow(RangeError);
  });
});

describe('Numbering', () => {
  it('numbers what UTF-8 cannot tell apart alike', () => {
    const numbering = new Numbering();
    expect([
      numbering.number('x\ud800'),
      numbering.number('x\ufffd'),
      numbering.number('x\udc00'),
      numbering.number('y'),
    ]).toEqual([0, 0, 0, 1]);
    expect(wellFormed('😀')).toBe('😀');
  });

  it('sorts by code unit and keeps track of the numbers', () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 40 }), (strings) => {
        const numbering = new Numbering();
        const numbers = strings.map((string) => numbering.number(string));
        const { names, places } = numbering.sorted();
        expect(names).toEqual([...new Set(strings.map(wellFormed))].sort());
        expect(numbers.map((number) => names[places[number]!])).toEqual(strings.map(wellFormed));
      }),
    );
  });
});

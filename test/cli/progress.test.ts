import { describe, expect, it } from 'vitest';
import { progressView } from '../../src/cli/progress.ts';
import { formatBytes, formatSeconds, formatTable, paintFor, shown, widthOf } from '../../src/cli/terminal.ts';

function screen(isTTY: boolean) {
  const written: string[] = [];
  return { isTTY, columns: 80, written, write: (text: string) => written.push(text) };
}

describe('progress', () => {
  it('is a line every few seconds where nobody watches, with rate and time left', () => {
    const out = screen(false);
    let time = 0;
    const view = progressView(out, false, () => time);
    for (let done = 0; done <= 900; done += 100, time += 1000)
      view.report({ phase: 'reading', done, total: 1000, unit: 'lines' });
    view.report({ phase: 'writing', done: 0, unit: 'bytes' });
    view.report({ phase: 'writing', done: 1 << 20, unit: 'bytes', note: '2 bad' });
    view.finish();
    expect(out.written[0]).toBe('reading  50 %  500/1,000 lines  100/s  5.0 s left\n');
    expect(out.written).toHaveLength(3);
    expect(out.written[1]).toMatch(/^reading {2}90 %/);
    expect(out.written[2]).toMatch(/^writing {2}1\.0 MiB.*2 bad\n$/);
  });

  it('takes the rate from where a resumed phase began', () => {
    const out = screen(false);
    let time = 0;
    const view = progressView(out, false, () => time);
    view.report({ phase: 'reading', done: 900, total: 2000, unit: 'lines' });
    time = 10_000;
    view.report({ phase: 'reading', done: 1000, total: 2000, unit: 'lines' });
    expect(out.written[0]).toContain('10/s  1 min 40 s left');
  });

  it('is a bar that fits the terminal and leaves whole lines behind', () => {
    const out = screen(true);
    let time = 0;
    const view = progressView(out, false, () => time);
    for (let done = 0; done <= 10; done++, time += 200) {
      view.report({ phase: `training, epoch ${done}`, done, total: 10, unit: 'steps', note: 'n'.repeat(90) });
    }
    view.finish();
    for (const text of out.written) expect(widthOf(text.replace('\r', '').replace('\u001b[K', ''))).toBeLessThan(80);
    expect(out.written.at(-1)).toBe('\n');
    expect(out.written.filter((text) => text === '\n')).toHaveLength(1); // one step, however its words change
  });

  it('is silent where asked', () => {
    const out = screen(true);
    const view = progressView(out, true);
    view.report({ phase: 'reading', done: 1, unit: 'lines' });
    view.finish();
    expect(out.written).toEqual([]);
  });
});

describe('tables', () => {
  const plain = paintFor({ isTTY: false });
  it('align words to the left and numbers to the right, whatever the letters', () => {
    const text = formatTable(
      ['item', 'score'],
      [
        ['Amélie', '10.5'],
        ['千と千尋', '9'],
        ['x', '–'],
      ],
      plain,
    );
    expect(text).toBe(['item      score', 'Amélie     10.5', '千と千尋      9', 'x             –'].join('\n'));
  });
  it('paint only on a terminal, and not against NO_COLOR', () => {
    expect(plain.bold('a')).toBe('a');
    expect(paintFor({ isTTY: true }, { NO_COLOR: '1' }).bold('a')).toBe('a');
    expect(paintFor({ isTTY: true }, {}).bold('a')).not.toBe('a');
  });
  it('says amounts as people do', () => {
    expect([
      formatBytes(512),
      formatBytes(3_565_158),
      formatSeconds(0.84),
      formatSeconds(185),
      formatSeconds(7800),
    ]).toEqual(['512 B', '3.4 MiB', '0.8 s', '3 min 5 s', '2 h 10 min']);
  });
});

it('what others sent moves nothing on the terminal', () => {
  expect(shown('a\u001b]0;title\u0007b\rc\u009b2Jd')).toBe('a\ufffd]0;title\ufffdb\ufffdc\ufffd2Jd');
  expect(shown('\u001b[31mred\u001b[39m\n\tin')).toBe('\u001b[31mred\u001b[39m\n\tin');
});

import { describe, expect, it } from 'vitest';
import { prepare } from '../../src/cli/command.ts';
import { commands } from '../../src/cli/commands.ts';
import { estimateLines, reportLines } from '../../src/cli/experimentLines.ts';
import { paintFor } from '../../src/cli/terminal.ts';
import { reportOf } from '../../src/serving/experiments/report.ts';

const plain = paintFor({ isTTY: false }, {});
const prepared = async (name: 'experiments' | 'recommend', ...args: string[]) =>
  await prepare((await commands[name].load()).default, commands[name].words, args, {});
const about = { window: '7d', types: ['click'], since: 0, until: Date.UTC(2026, 0, 2) };

describe('experiments on the command line', () => {
  it('are declared, named and reckoned by flags', async () => {
    const declared =
      '{"r": {"arms": {"a": {"pipeline": "default", "share": 0.3}, "b": {"pipeline": "m", "share": 0.7}}}}';
    const { options, words } = await prepared(
      'experiments',
      'report',
      'r',
      '--experiments',
      declared,
      '--types',
      'click,buy',
    );
    expect(words).toEqual(['report', 'r']);
    expect(options).toMatchObject({
      experiments: { r: { arms: { b: { share: 0.7 } } } },
      window: '7d',
      types: ['click', 'buy'],
    });
    expect((await prepared('recommend', 'ann', '--experiment', 'r', '--arm', 'b')).options).toMatchObject({ arm: 'b' });
    await expect(prepared('experiments', 'report', 'r', '--window', '7')).rejects.toMatchObject({
      code: 'options/invalid',
    });
    await expect(prepared('experiments', '--experiments', declared.replace('0.7', '0.6'))).rejects.toMatchObject({
      message: expect.stringContaining('0.9 together'),
    });
  });

  it('show arms as bars on one scale, and what is beside the control', async () => {
    const arms = [
      { name: 'a', pipeline: 'default', share: 0.5 },
      { name: 'b', pipeline: 'mixed', share: 0.5 },
    ];
    const rows = ['a', 'b'].flatMap((arm, n) =>
      Array.from({ length: 100 }, (_, user) => ({
        user: `${arm}${user}`,
        arm,
        answers: 1,
        impressions: 10,
        taken: user % (3 - n) === 0 ? 2 : 0,
      })),
    );
    const report = await reportOf({ name: 'r', salt: 'r', control: 'a', arms }, rows, { resamples: 100, seed: 1 });
    const lines = reportLines({ ...report, ...about }, plain);
    expect(lines).toMatch(/^Experiment r, shown until 2026-01-02 00:00 \(UTC\), taken within 7d by click\n/);
    expect(lines).toMatch(/a\s+default\s+100\s+1,000\s+68\s+6\.80 %\s+·+├─+●─+┤·+\s+control/);
    expect(lines).toMatch(/b\s+users who took\s+\+16\.00 % \(\+2\.\d+ % … \+28\.\d+ %\)\s+\+47\.1 % .*0\.0\d+/);
    expect(lines).toContain('Users are split as the shares say (χ² 0.00, p 1.0000)');
  });

  it('show an estimate and what it rests on', () => {
    const one = { value: 0.2, low: 0.1, high: 0.4 };
    const estimate = {
      ...{ pipeline: 'mixed', version: 'v', ...about, lists: 2000, users: 900, places: 1 },
      ...{ logged: one, replay: { ...one, matched: 120.5 }, snips: one, doublyRobust: one, gain: one },
      weights: { effectiveLists: 312.4, support: 0.98, clipped: 0, biasAtMost: 0 },
      leftOut: { certain: 3, short: 0 },
      caveats: ['Beware.'],
    };
    const lines = estimateLines(estimate, plain);
    expect(lines).toMatch(/SNIPS\s+0\.2000\s+0\.1000 … 0\.4000\s+·+├─+●─+┤/);
    expect(lines).toContain('tell as much as 312.4 of its own; 120.5 match; mean weight 0.98; left out 3');
    expect(lines.endsWith('Beware.')).toBe(true);
  });
});

import { expect, it } from 'vitest';
import { percentsOf } from '../../src/graph/server/adminTool.ts';

it('the percents of an import’s stages are told as those of the whole, however the output is cut', () => {
  const dots = (percent: number) => `.......... .......... ${percent}% ∆9s 551ms [9s 551ms]\n`;
  const output = `Import starting\n(1/4) Node import\n${dots(50)}${dots(100)}(2/4) Relationship import\n${dots(100)}(4/4) Post\n${dots(100)}`;
  for (const length of [1, 7, output.length]) {
    const told: number[] = [];
    const tell = percentsOf((percent) => told.push(percent));
    for (let start = 0; start < output.length; start += length) tell(output.slice(start, start + length));
    expect(told).toEqual([12.5, 25, 50, 100]);
  }
});

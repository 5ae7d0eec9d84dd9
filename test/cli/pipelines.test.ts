import { describe, expect, it } from 'vitest';
import { prepare } from '../../src/cli/command.ts';
import { commands } from '../../src/cli/commands.ts';
import { traceLines, whyNotLines } from '../../src/cli/pipelineLines.ts';
import { paintFor } from '../../src/cli/terminal.ts';

const plain = paintFor({ isTTY: false }, {});

async function prepared(name: 'recommend' | 'explain' | 'pipelines', ...args: string[]) {
  return await prepare((await commands[name].load()).default, commands[name].words, args, {});
}

describe('pipelines on the command line', () => {
  it('are named, traced and declared by flags', async () => {
    const declared = '{"mixed": {"sources": [{"kind": "popular"}]}}';
    const { options } = await prepared('recommend', 'ann', '--pipeline', 'mixed', '--trace', '--pipelines', declared);
    expect(options).toMatchObject({ pipeline: 'mixed', trace: true, pipelines: { mixed: { fuse: { k: 60 } } } });
    expect((await prepared('recommend', 'ann')).options).toMatchObject({ pipeline: 'default', trace: false });
    expect((await prepared('explain', 'ann', 'd3', '--why-not')).options).toMatchObject({ whyNot: true, limit: 10 });
    expect((await prepared('pipelines', 'fit', 'mixed')).words).toEqual(['fit', 'mixed']);
  });

  it('say where a declaration is wrong', async () => {
    const wrong = '{"mixed": {"sources": [{"kind": "popular", "quota": 0}]}}';
    await expect(prepared('recommend', 'ann', '--pipelines', wrong)).rejects.toMatchObject({
      code: 'options/invalid',
      message: expect.stringContaining('mixed.sources.0.quota: '),
    });
  });

  it('show a trace and a lost item as tables', () => {
    const lines = traceLines(
      {
        stages: [{ stage: 'source popular', ms: 1.25, in: 0, out: 1200, note: 'a note' }],
        items: [{ item: 'd3', score: 1, from: [{ source: 'popular', place: 3, score: 2 }] }],
      },
      plain,
    );
    expect(lines).toMatch(/source popular\s+1\.3\s+0\s+1,200\s+a note/);
    expect(lines).toMatch(/1\s+d3\s+popular 3/);
    const about = { user: 'ann', item: 'd3', version: 'v', pipeline: 'default', title: 'Film d3' };
    const sources = [{ source: 'popular', place: 101, quota: 100 }];
    expect(whyNotLines({ ...about, lost: 'below-quota', because: 'It is far.', sources }, plain)).toMatch(
      /^Film d3 for user ann, pipeline default: It is far\.\n\n.*source\s+place\s+may bring\n(.*\n)*.*popular\s+101\s+100/,
    );
  });
});

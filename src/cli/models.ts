import { commandOf, listFigures } from '../models/figures.ts';
import { findModel, listModels } from '../models/registry.ts';
import { describeOptions, writtenDefault } from '../options/describe.ts';
import { command } from './command.ts';
import { formatTable } from './terminal.ts';

export default command('models', async (_options, { print, paint }) => {
  const models = listModels().map(({ name }) => {
    const { family, paper, summary, needs, options } = findModel(name);
    const figures = listFigures().filter(({ model }) => model === name);
    return { name, family, paper, summary, needs, options: describeOptions(options), figures };
  });
  for (const { name, family, paper, summary, needs, options, figures } of models) {
    const needed = needs.length > 0 ? `; needs ${needs.join(', ')}` : '';
    print(`${paint.bold(name)} (${family}${needed}): ${summary}\n  ${paint.dim(paper)}\n`);
    const rows = options.map((each) => [
      paint.cyan(`--${each.flag}`),
      writtenDefault(each),
      each.unit ?? '',
      each.description,
    ]);
    print(`${formatTable(['option', 'default', 'unit', ''], rows, paint, 2)}\n`);
    if (figures.length === 0) continue;
    const measured = figures.map((figure) => [figure.data, metricsLine(figure.test), commandOf(figure)]);
    print(`${formatTable(['measured on', 'test part', ''], measured, paint, 2)}\n`);
  }
  return {
    models: models.map(({ options, ...model }) => ({
      ...model,
      options: options.map(({ key, defaultValue, choices, description, unit }) => ({
        key,
        default: defaultValue,
        choices,
        description,
        unit,
      })),
    })),
  };
});

const metricsLine = (test: Readonly<Record<string, number>>): string =>
  Object.entries(test)
    .filter(([name]) => /^(recall|ndcg)@/.test(name))
    .map(([name, value]) => `${name} ${value.toFixed(4)}`)
    .join('  ');

import { findModel, listModels } from '../models/registry.ts';
import { command } from './command.ts';
import { describeOptions, writtenDefault } from './describe.ts';
import { formatTable } from './terminal.ts';

export default command('models', async (_options, { print, paint }) => {
  const models = listModels().map(({ name }) => {
    const { family, paper, summary, needs, options } = findModel(name);
    return { name, family, paper, summary, needs, options: describeOptions(options) };
  });
  for (const { name, family, paper, summary, options } of models) {
    print(`${paint.bold(name)} (${family}): ${summary}\n  ${paint.dim(paper)}\n`);
    const rows = options.map((each) => [
      paint.cyan(`--${each.flag}`),
      writtenDefault(each),
      each.unit ?? '',
      each.description,
    ]);
    print(`${formatTable(['option', 'default', 'unit', ''], rows, paint, 2)}\n`);
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

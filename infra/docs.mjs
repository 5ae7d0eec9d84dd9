/**
 * Writes what documents say of options, commands and models from where it is defined, between markers in README.md.
 * With --check nothing is written, and the exit code says whether they are current.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const built = (path) => import(pathToFileURL(join(root, 'dist', path)).href);
const { commandOptions, option } = await built('options.js');
const { commands } = await built('cli/commands.js');
const { usageOf } = await built('cli/words.js');
const { describeOption, writtenDefault } = await built('options/describe.js');
const { listModels } = await built('models/registry.js');
const { listFigures, published } = await built('models/figures.js');

const cell = (text) => String(text).replaceAll('|', '\\|');
const table = (heads, rows) =>
  [heads, heads.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n');

function commandTable() {
  return table(
    ['Command', 'What it does'],
    Object.entries(commands).map(([name, { summary, words }]) => [
      `\`tastegraph ${[name, ...words.map(usageOf)].join(' ')}\``,
      summary,
    ]),
  );
}

function modelTable() {
  return table(
    ['Model', 'Family', 'Paper', 'Options'],
    listModels().map(({ name, family, paper, options }) => [
      `\`${name}\``,
      family,
      paper,
      Object.entries(options.shape)
        .map(([key, schema]) => {
          const [own, usual] = [schema, option[key]].map((of) => writtenDefault(describeOption(key, of)));
          return own === usual ? `\`${key}\`` : `\`${key}\` (${own})`;
        })
        .join(' '),
    ]),
  );
}

function optionTable() {
  const users = (key) => {
    const names = Object.keys(commandOptions).filter((name) => key in commandOptions[name].shape);
    const models = listModels().filter(({ options }) => key in options.shape);
    if (names.length === Object.keys(commandOptions).length) return 'all';
    return [...names, ...models.map(({ name }) => `train ${name}`)].join(', ');
  };
  const rows = Object.entries(option).map(([key, schema]) => {
    const about = describeOption(key, schema);
    const flag = about.secret
      ? 'none: a secret'
      : `\`--${about.kind === 'boolean' && about.defaultValue ? 'no-' : ''}${about.flag}\``;
    const unit = about.unit ? ` ${about.unit}` : '';
    const fallback = about.defaultValue === undefined ? '' : `\`${writtenDefault(about)}\`${unit}`;
    const choices = about.choices.length ? `: ${about.choices.map((choice) => `\`${choice}\``).join(', ')}` : '';
    const reason = about.reason ? ` (${about.reason})` : '';
    return [`\`${key}\``, flag, `\`${about.env}\``, fallback, `${about.description}${choices}${reason}`, users(key)];
  });
  return table(['Key', 'Flag', 'Environment', 'Default', 'Meaning', 'Used by'], rows);
}

/** The example of a model, as it is tested. */
function exampleModel() {
  const text = readFileSync(join(root, 'test', 'models', 'bprMf.ts'), 'utf8');
  return `\`\`\`ts\n${text.replaceAll("'../../src/models/", "'../").replaceAll("'../../src/", "'../../").trim()}\n\`\`\``;
}

/** Models by data sets, as they were measured. */
function accuracyTable() {
  const sets = [
    ['gowalla', 'recall@20', 'Gowalla Recall@20'],
    ['ml-100k', 'recall@20', 'MovieLens 100K Recall@20'],
    ['ml-latest-small', 'recall@20', 'MovieLens small Recall@20'],
    ['beauty', 'recall@20', 'Beauty Recall@20'],
    ['lastfm-social', 'recall@10', 'LastFM Recall@10'],
  ];
  const figures = listFigures();
  const figureOf = (model, data) => figures.find((figure) => figure.model === model && figure.data === data);
  const names = listModels()
    .map(({ name }) => name)
    .filter((name) => figures.some(({ model }) => model === name));
  const rows = names.map((name) => [
    `\`${name}\``,
    ...sets.map(([data, metric]) => {
      const theirs = published[data]?.[name]?.[metric];
      const beside = theirs ? ` (${theirs.toFixed(4)} published)` : '';
      const figure = figureOf(name, data);
      return figure ? `${figure.test[metric].toFixed(4)}${beside}` : '';
    }),
    written(figureOf(name, 'gowalla')),
  ]);
  const popular = sets.map(
    ([data, metric]) => figures.find((figure) => figure.data === data)?.popularity[metric].toFixed(4) ?? '',
  );
  return table(['Model', ...sets.map(([, , title]) => title), 'on Gowalla'], [...rows, ['popularity', ...popular, '']]);

  function written(figure) {
    if (!figure) return '';
    const seconds = figure.seconds.fit + figure.seconds.evaluate;
    return `${seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`}, ${figure.peakMb} MiB`;
  }
}

const parts = {
  commands: commandTable,
  accuracy: accuracyTable,
  models: modelTable,
  example: exampleModel,
  options: optionTable,
};

/** The text with every part between its markers made anew. */
function renew(text) {
  return Object.entries(parts).reduce((whole, [name, render]) => {
    const begin = `<!-- ${name}: made by npm run docs -->`;
    const end = `<!-- end of ${name} -->`;
    const from = whole.indexOf(begin);
    const to = whole.indexOf(end);
    if (from < 0 || to < from) throw new Error(`README.md lacks the markers ${begin} … ${end}`);
    return `${whole.slice(0, from + begin.length)}\n${render()}\n${whole.slice(to)}`;
  }, text);
}

const path = join(root, 'README.md');
const now = readFileSync(path, 'utf8');
const fresh = renew(now);
if (process.argv.includes('--check')) {
  if (fresh !== now) {
    console.error("README.md is stale. Renew it with 'npm run docs'");
    process.exitCode = 1;
  }
} else if (fresh !== now) {
  writeFileSync(path, fresh);
  console.error('README.md renewed');
} else console.error('README.md is current');

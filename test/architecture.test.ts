/** What the architecture page promises and no compiler checks: the direction of imports, options and errors written once. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { errorTable } from '../src/errors.ts';
import { commandOptions, option } from '../src/options.ts';
import { packageRoot } from '../src/package.ts';

/** From the top to the bottom; a file imports from its own layer's folder or from layers below. */
const layers: readonly (readonly string[])[] = [
  ['cli', 'api', 'jobs', 'client'],
  ['pipeline'],
  ['serving', 'explain', 'training', 'access'],
  ['models'],
  ['sampling'],
  ['graph'],
  ['data', 'compute'],
  [
    'options',
    'errors',
    'progress',
    'durable',
    'package',
    'random',
    'address',
    'processes',
    'lock',
    'cache',
    'lazily',
    'atMost',
  ],
];
/** Within one layer nothing leans on its neighbour, except for these. */
const neighbours = new Set([
  'client → api', // the client's types are those of the routes
  'api → client', // the console asks through the client
  'cli → api', // `tastegraph serve` starts the API's server
  'explain → serving', // a reason speaks of the version that is served
  'serving → training', // a version holds what training found
  'explain → training',
  'options → errors',
  'durable → errors',
  'lock → processes', // a lock names the process that holds it
]);

const source = join(packageRoot, 'src');
const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file) && !file.startsWith(join('compute', 'kernels')))
  .sort();

/** 'src/graph/driver.ts' → 'graph', 'src/options.ts' → 'options'. */
const partOf = (file: string): string => file.split(/[\\/]/)[0]!.replace(/\.ts$/, '');
const layerOf = (part: string): number => layers.findIndex((layer) => layer.includes(part));

function importsOf(file: string): string[] {
  const text = readFileSync(join(source, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  const found = text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*['"](\.[^'"]+)['"]/g);
  return [...found].map((match) => relative(source, join(source, dirname(file), match[1]!)));
}

describe('architecture', () => {
  it('knows every folder of src', () => {
    expect([...new Set(files.map(partOf))].filter((part) => layerOf(part) < 0)).toEqual([]);
  });

  it('imports point one way', () => {
    const upward: string[] = [];
    for (const file of files) {
      for (const imported of importsOf(file)) {
        const [from, to] = [partOf(file), partOf(imported)];
        if (from === to || neighbours.has(`${from} → ${to}`)) continue;
        if (layerOf(to) <= layerOf(from)) upward.push(`${file} imports ${imported}`);
      }
    }
    expect(upward).toEqual([]);
  });

  it('the database and the models do not know each other', () => {
    const mixed = files.filter((file) => {
      const parts = new Set(importsOf(file).map(partOf));
      if (['models', 'compute', 'training'].includes(partOf(file))) return parts.has('graph');
      return partOf(file) === 'graph' && (parts.has('models') || parts.has('compute') || parts.has('training'));
    });
    expect(mixed).toEqual([]);
    const drivers = files.filter((file) => /from 'neo4j-driver'/.test(readFileSync(join(source, file), 'utf8')));
    expect([...new Set(drivers.map(partOf))].filter((part) => part !== 'graph')).toEqual([]);
  });

  it('an import that is a file ends in .ts, or in what else the file is', () => {
    expect(
      files.flatMap((file) =>
        importsOf(file)
          .filter((path) => !/\.(tsx?|css(\?inline)?)$/.test(path))
          .map((path) => `${file}: ${path}`),
      ),
    ).toEqual([]);
  });

  it('files stay small', () => {
    // Written by a benchmark: figures, not code.
    const code = files.filter((file) => file !== join('models', 'measured.ts'));
    const long = code.filter((file) => readFileSync(join(source, file), 'utf8').split('\n').length > 330);
    expect(long).toEqual([]);
  });

  it('no option is defined twice', () => {
    const own = new Set<unknown>(Object.values(option));
    for (const [name, schema] of Object.entries(commandOptions)) {
      for (const [key, value] of Object.entries(schema.shape)) {
        expect(own.has(value), `--${key} of ${name} is not the one in options.ts`).toBe(true);
        expect(option[key as keyof typeof option], `${key} of ${name} goes by another name`).toBe(value);
      }
    }
  });

  it('every error is thrown somewhere, and none that the table does not have', () => {
    const text = files
      .filter((file) => file !== 'errors.ts')
      .map((file) => readFileSync(join(source, file), 'utf8'))
      .join('\n');
    const unused = Object.keys(errorTable).filter((code) => !text.includes(`'${code}'`));
    expect(unused).toEqual([]);
  });

  it('every statement says what it answers, and takes parameters only', () => {
    const folder = join(packageRoot, 'cypher');
    const statements = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.cypher'),
    );
    expect(statements.filter((file) => !readFileSync(join(folder, file), 'utf8').startsWith('//'))).toEqual([]);
    // Cypher in code would be text that no one can read beside the others, and an open door for injection.
    const inCode = files.filter((file) =>
      /['"`]\s*(MATCH|MERGE|UNWIND|CREATE|CALL db)\b/.test(readFileSync(join(source, file), 'utf8')),
    );
    expect(inCode).toEqual([]);
  });
});

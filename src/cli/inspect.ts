import { existsSync, readFileSync } from 'node:fs';
import { replaceFile } from '../durable.ts';
import { problemOf, TastegraphError } from '../errors.ts';
import type { Mapping } from '../options.ts';
import { type InspectedGraph, inspectDatabase } from '../pipeline.ts';
import { command } from './command.ts';
import { formatCount, formatTable, type Paint } from './terminal.ts';

export default command('inspect', async (options, { run, print, paint }) => {
  const { inspection, mapping, isProposed, parts, notes } = await inspectDatabase(options, run);
  print(seenLines(inspection, paint));
  const rows = parts.map(({ field, what, count, samples }) => [field, what, formatCount(count), samples.join(', ')]);
  print(
    `\n${paint.bold(isProposed ? 'Proposed mapping' : 'Mapping')}\n\n${formatTable(['', '', 'count', 'samples'], rows, paint, 2)}`,
  );
  for (const note of notes) print(`\n  ${note}`);
  if (options.write === undefined) {
    if (isProposed) print(`\n${JSON.stringify({ mapping }, null, 2)}`);
  } else {
    writeMapping(options.write, mapping);
    print(`\nWritten into ${paint.cyan(options.write)}. Look it through, then: tastegraph snapshot`);
  }
  return { ...inspection, mapping, proposed: isProposed, parts, notes, ...(options.write && { file: options.write }) };
});

function seenLines({ labels, types, leftOut }: InspectedGraph['inspection'], paint: Paint): string {
  const kinds = (properties: (typeof labels)[number]['properties']): string =>
    properties
      .map(({ name, types: of, values }) => `${name} ${of.join('|')} ${paint.dim(values.join(', '))}`)
      .join('; ');
  const nodes = labels.map(({ label, count, properties }) => [`(:${label})`, formatCount(count), kinds(properties)]);
  const edges = types.map(({ type, count, ends, properties }) => {
    const [first] = ends;
    const ways = first ? `(:${first.from.join(':')})-[:${type}]->(:${first.to.join(':')})` : type;
    return [ways + (ends.length > 1 ? ` and ${ends.length - 1} more` : ''), formatCount(count), kinds(properties)];
  });
  const more = leftOut.length > 0 ? `\n\n  Not looked at: ${leftOut.join(', ')}` : '';
  return formatTable(['', 'count', 'properties'], [...nodes, ...edges], paint, 2) + more;
}

/** Puts the mapping into a config file beside what is there. Errors: options/config-file. */
function writeMapping(path: string, mapping: Mapping): void {
  let content: Record<string, unknown> = {};
  try {
    if (existsSync(path)) content = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
    replaceFile(path, `${JSON.stringify({ ...content, mapping }, null, 2)}\n`);
  } catch (cause) {
    throw new TastegraphError('options/config-file', { path, problem: problemOf(cause) }, cause);
  }
}

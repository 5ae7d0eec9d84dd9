/** A mapping held against the live database before anything goes by it: does it name what is there, and can that be used as it says? */
import { TastegraphError } from '../errors.ts';
import type { Mapping, TimeProperty } from '../options/mapping.ts';
import { type Report, silent } from '../progress.ts';
import type { Graph } from './driver.ts';
import {
  lookAtLabel,
  lookAtType,
  readIndexes,
  readNames,
  rows,
  type SeenLabel,
  type SeenProperty,
  type SeenType,
} from './inspect.ts';
import { mappedSchema } from './mappedSchema.ts';
import type { GraphSchema, KeyType } from './schema.ts';

export interface CheckedMapping {
  readonly schema: GraphSchema;
  /** What each part of the mapping finds. */
  readonly parts: readonly MappedPart[];
  /** What will work, but not well. */
  readonly notes: readonly string[];
}

export interface MappedPart {
  /** As in the config file: 'users', 'interactions.0'. */
  readonly field: string;
  /** Labels and types, as a person reads them. */
  readonly what: string;
  /** From the store's counters. */
  readonly count: number;
  /** A few values. */
  readonly samples: readonly string[];
}

/** Nodes and relationships that are looked at in each check. */
const sample = 1000;
/** Nodes whose keys are compared where no constraint keeps them unique. */
const keySample = 100_000;

/**
 * Errors: mapping/unknown (a label, type or property that is not there; names those that are), mapping/unfit (it is there, and
 * cannot be what it is said to be), neo4j/*.
 */
export async function checkMapping(
  graph: Graph,
  mapping: Mapping,
  report: Report = silent,
  signal?: AbortSignal,
): Promise<CheckedMapping> {
  const { users, items, interactions, features, social } = mapping;
  const total = 2 + interactions.length + features.length + social.length;
  let done = 0;
  const step = (): void => {
    signal?.throwIfAborted();
    report({ phase: 'checking the mapping', done: done++, total, unit: 'parts' });
  };
  const names = await readNames(graph);
  const labelOf = async (label: string, field: string): Promise<SeenLabel> => {
    if (!names.labels.includes(label)) throw unknown(field, 'label', label, names.labels);
    const seen = await lookAtLabel(graph, label);
    if (seen.count === 0) throw unfit(field, `no node has the label '${label}'`, 'Name a label that has nodes');
    return seen;
  };
  const typeOf = async (type: string, field: string): Promise<SeenType> => {
    if (!names.types.includes(type)) throw unknown(field, 'relationship type', type, names.types);
    return await lookAtType(graph, type);
  };

  const parts: MappedPart[] = [];
  const notes: string[] = [];
  const keyType = async (of: 'users' | 'items'): Promise<KeyType> => {
    step();
    const { label, key } = mapping[of];
    const seen = await labelOf(label, `${of}.label`);
    const property = propertyOf(seen.properties, key, `${of}.key`, label);
    if (of === 'items') checkItem(items, seen);
    for (const [at, name] of mapping[of].properties.entries())
      propertyOf(seen.properties, name, `${of}.properties.${at}`, label);
    parts.push({ field: of, what: `(:${label} {${key}})`, count: seen.count, samples: property.values });
    return keyTypeOf(property, `${of}.key`, label);
  };
  const keys = { users: await keyType('users'), items: await keyType('items') };
  const schema = mappedSchema(mapping, keys);
  await checkKeys(graph, mapping, schema, notes);
  if (users.label === items.label && new Set(interactions.map(({ direction }) => direction)).size > 1)
    throw unfit(
      'interactions',
      `users and items are both '${users.label}', so all must have one direction`,
      'Leave out one',
    );

  for (const [at, interaction] of interactions.entries()) {
    step();
    const { relationship, direction, value, time, type } = interaction;
    const field = `interactions.${at}`;
    if (interactions.findIndex((other) => other.relationship === relationship) < at)
      throw unfit(`${field}.relationship`, `'${relationship}' stands twice`, "Tell kinds of it apart with 'type'");
    const seen = await typeOf(relationship, `${field}.relationship`);
    for (const [name, property] of Object.entries({ value, type, 'time.property': time?.property }))
      if (property !== undefined) propertyOf(seen.properties, property, `${field}.${name}`, relationship);
    const numbers = value === undefined ? undefined : seen.properties.find(({ name }) => name === value);
    if (numbers) mustBe(numbers, ['INTEGER', 'FLOAT'], `${field}.value`);
    if (time) checkUnit(time, seen.properties, `${field}.time`);
    const what = arrow(users.label, relationship, direction, items.label);
    const [found] = await rows<Sampled>(graph, 'admin/mapping-interactions', schema.interactions[at], { sample });
    if (!found?.looked) throw unfit(`${field}.relationship`, `nothing is ${what}`, leads(seen));
    if (time) checkSpan(time, found, `${field}.time`);
    const span = found.earliest !== null && found.latest !== null ? [dayOf(found.earliest), dayOf(found.latest)] : [];
    const samples = [
      `values ${found.lowest} to ${found.highest}`,
      ...(span.length ? [`from ${span.join(' to ')}`] : []),
    ];
    parts.push({ field, what, count: seen.count, samples });
  }
  for (const [at, { of, relationship, direction, label, value, weight }] of features.entries()) {
    step();
    const field = `features.${at}`;
    const node = await labelOf(label, `${field}.label`);
    propertyOf(node.properties, value, `${field}.value`, label);
    const seen = await typeOf(relationship, `${field}.relationship`);
    checkWeight(seen, weight, `${field}.weight`, relationship);
    const what = arrow(mapping[of].label, relationship, direction, label);
    const { schema: own } = schema.features[at]!;
    const [found] = await rows<{ looked: number; named: number; values: string[] }>(
      graph,
      `admin/mapping-features-of-${of}`,
      own,
      { sample },
    );
    if (!found?.looked) throw unfit(`${field}.relationship`, `nothing is ${what}`, leads(seen));
    if (found.named === 0)
      throw unfit(`${field}.value`, `no ${label} at its ends has '${value}'`, known(node.properties));
    parts.push({ field, what, count: seen.count, samples: found.values });
  }
  for (const [at, { relationship, direction, weight }] of social.entries()) {
    step();
    const field = `social.${at}`;
    const seen = await typeOf(relationship, `${field}.relationship`);
    checkWeight(seen, weight, `${field}.weight`, relationship);
    const what = arrow(users.label, relationship, direction, users.label);
    if (!seen.ends.some(({ from, to }) => from.includes(users.label) && to.includes(users.label)))
      throw unfit(`${field}.relationship`, `nothing is ${what}`, leads(seen));
    parts.push({ field, what, count: seen.count, samples: [] });
  }
  report({ phase: 'checking the mapping', done: total, total, unit: 'parts' });
  return { schema, parts, notes };
}

interface Sampled {
  readonly looked: number;
  readonly earliest: number | null;
  readonly latest: number | null;
  readonly lowest: number | null;
  readonly highest: number | null;
}

function checkItem({ title, time, available }: Mapping['items'], { label, properties }: SeenLabel): void {
  if (title !== undefined) propertyOf(properties, title, 'items.title', label);
  if (available !== undefined)
    mustBe(propertyOf(properties, available, 'items.available', label), ['BOOLEAN'], 'items.available');
  if (!time) return;
  propertyOf(properties, time.property, 'items.time.property', label);
  checkUnit(time, properties, 'items.time');
}

/** Keys must tell nodes apart; without an index each look-up goes through all nodes of the label. */
async function checkKeys(graph: Graph, mapping: Mapping, schema: GraphSchema, notes: string[]): Promise<void> {
  const indexes = await readIndexes(graph);
  for (const of of ['users', 'items'] as const) {
    const { label, key } = mapping[of];
    const own = indexes.filter(({ labels, properties }) => labels.includes(label) && properties[0] === key);
    if (own.length === 0)
      notes.push(
        `There is no index on ${label}.${key}: each answer looks through all ${label} nodes. Have one made: CREATE INDEX FOR (n:${label}) ON (n.${key})`,
      );
    if (own.some(({ isUnique, properties }) => isUnique && properties.length === 1)) continue;
    const names = of === 'users' ? schema : { ...schema, names: { ...schema.names!, User: schema.names!.Item } };
    const [found] = await rows<{ looked: number; present: number; distinct: number }>(
      graph,
      'admin/mapping-keys',
      names,
      {
        sample: keySample,
      },
    );
    const { looked, present, distinct } = found!;
    if (distinct < present)
      throw unfit(
        `${of}.key`,
        `of ${present} ${label} nodes that were looked at ${present - distinct} have the ${key} of another`,
        'Name a property that tells them apart',
      );
    if (present < looked)
      notes.push(`${looked - present} of ${looked} ${label} nodes have no ${key} and are passed over`);
  }
}

function propertyOf(seen: readonly SeenProperty[], name: string, field: string, of: string): SeenProperty {
  const found = seen.find((property) => property.name === name);
  if (found) return found;
  throw unknown(
    field,
    `property on what was looked at of '${of}',`,
    name,
    seen.map((property) => property.name),
  );
}

function checkWeight(seen: SeenType, weight: string | undefined, field: string, relationship: string): void {
  if (weight !== undefined)
    mustBe(propertyOf(seen.properties, weight, field, relationship), ['INTEGER', 'FLOAT'], field);
}

function mustBe({ name, types, values }: SeenProperty, wanted: readonly string[], field: string): void {
  if (types.every((type) => wanted.includes(type))) return;
  const problem = `'${name}' is ${types.join(' or ')} (${values.join(', ')}), expected ${wanted.join(' or ')}`;
  throw unfit(field, problem, 'Name another property');
}

function keyTypeOf(property: SeenProperty, field: string, label: string): KeyType {
  if (property.types.length === 1 && property.types[0] === 'INTEGER') return 'integer';
  if (property.types.length === 1 && property.types[0] === 'STRING') return 'text';
  const problem = `'${property.name}' of ${label} is ${property.types.join(' or ')}, expected STRING or INTEGER, one for all`;
  throw unfit(field, problem, 'Name another property');
}

const unitTypes: Readonly<Record<TimeProperty['unit'], readonly string[]>> = {
  ms: ['INTEGER', 'FLOAT'],
  s: ['INTEGER', 'FLOAT'],
  year: ['INTEGER'],
  date: ['DATE', 'ZONED DATETIME', 'LOCAL DATETIME'],
  text: ['STRING'],
};

function checkUnit({ property, unit }: TimeProperty, seen: readonly SeenProperty[], field: string): void {
  const { types = [], values = [] } = seen.find(({ name }) => name === property) ?? {};
  if (types.every((type) => unitTypes[unit].includes(type))) return;
  const fitting = Object.entries(unitTypes).filter(([, fit]) => types.every((type) => fit.includes(type)));
  throw unfit(
    `${field}.unit`,
    `'${property}' is ${types.join(' or ')} (${values.join(', ')}), which is no '${unit}'`,
    fitting.length > 0 ? `Say ${fitting.map(([name]) => `'${name}'`).join(' or ')}` : 'Name another property',
  );
}

/** Seconds read as milliseconds are all of January 1970, and milliseconds read as seconds of no year that has been. */
function checkSpan({ property, unit }: TimeProperty, { earliest, latest }: Sampled, field: string): void {
  if (earliest === null || latest === null) return;
  if (unit === 'ms' && earliest > 0 && latest < 1e10)
    throw unfit(
      `${field}.unit`,
      `'${property}' in ms is of ${dayOf(earliest)} to ${dayOf(latest)}`,
      "It looks like 's'",
    );
  if (unit === 's' && earliest > 1e14)
    throw unfit(`${field}.unit`, `'${property}' in s is over a thousand years ahead`, "It looks like 'ms'");
}

const dayOf = (ms: number): string => (Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString().slice(0, 10) : `${ms} ms`);

const arrow = (from: string, type: string, direction: string, to: string): string =>
  `(:${from})${direction === 'in' ? '<' : ''}-[:${type}]-${direction === 'out' ? '>' : ''}(:${to})`;

/** Where relationships of a type do lead. */
function leads({ type, ends }: SeenType): string {
  const seen = ends.slice(0, 3).map(({ from, to }) => arrow(from.join(':'), type, 'out', to.join(':')));
  return seen.length > 0 ? `There is ${seen.join(', ')}` : `There are no relationships of type '${type}'`;
}

const known = (properties: readonly SeenProperty[]): string => listed(properties.map(({ name }) => name));
const listed = (names: readonly string[]): string =>
  names.length > 0 ? `There are: ${names.slice(0, 40).join(', ')}` : 'There are none';

const unknown = (field: string, what: string, given: string, names: readonly string[]): TastegraphError =>
  new TastegraphError('mapping/unknown', { field, what, given, known: listed(names) });
const unfit = (field: string, problem: string, todo: string): TastegraphError =>
  new TastegraphError('mapping/unfit', { field, problem, todo });

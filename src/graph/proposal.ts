/** A mapping that suits what was seen of a database: by what relationships lead to, what they carry, and what they are called. */
import { TastegraphError } from '../errors.ts';
import { type Mapping, mappingSchema, type TimeProperty } from '../options/mapping.ts';
import type { Inspection, SeenIndex, SeenLabel, SeenProperty, SeenType } from './inspect.ts';

export interface Proposal {
  readonly mapping: Mapping;
  /** What was chosen among others, and what to look at again. */
  readonly notes: readonly string[];
}

const people =
  /^(app)?(user|customer|person|people|member|account|reviewer|visitor|client|consumer|reader|listener|viewer|shopper)s?$/i;
const deeds =
  /(rate|review|buy|bought|purchase|order|view|watch|see|seen|like|love|listen|play|click|interact|visit|read|favou?rite|add|cart|wish|download|follow|check|save|bookmark|share|use|rent|dislike|skip|hate|block)/i;
const titles = /^(title|name|label|caption|headline|displayname)$/i;
const values = /^(rating|score|stars|value|rate|weight|count|quantity|plays|amount|grade)$/i;
const times = /(time|date|^at$|_at$|At$|^on$|when|since|created|year|released?)/;
const availability = /^(is)?_?(available|active|in_?stock|enabled|published)$/i;
const describing =
  /^(language|languages|country|countries|category|categories|brand|color|colour|type|tags?|genres?|gender|occupation|city|region|age_?group|style|size)$/i;

const isNumber = ({ types }: SeenProperty) => types.length > 0 && types.every((type) => /^(INTEGER|FLOAT)$/.test(type));
const is = (property: SeenProperty, ...types: readonly string[]) =>
  property.types.every((type) => types.includes(type));

/** Errors: mapping/none, where nothing looks like users who did something with items. */
export function proposeMapping({ labels, types, indexes }: Inspection): Proposal {
  const notes: string[] = [];
  const byLabel = new Map(labels.map((label) => [label.label, label]));
  const edges = types.flatMap((type) => {
    const ends = endsOf(type, byLabel);
    return ends ? [{ ...type, ...ends }] : [];
  });

  const best = edges
    .filter(({ from, to }) => from !== to)
    .flatMap((edge) => [
      { edge, user: edge.from, item: edge.to, score: likeness(edge, edge.from, edge.to) },
      { edge, user: edge.to, item: edge.from, score: likeness(edge, edge.to, edge.from) - 1 },
    ])
    .filter(({ score }) => score > 0)
    .toSorted((a, b) => b.score - a.score || b.edge.count - a.edge.count)[0];
  if (!best) {
    const problem = `no relationship looks like something that users did with items${types.length === 0 ? ': the database holds none' : ''}`;
    throw new TastegraphError('mapping/none', { problem, todo: "Write 'mapping' into the config file: see README.md" });
  }
  const { user, item } = best;
  const between = edges.filter(({ from, to }) => (from === user && to === item) || (from === item && to === user));
  const named = between.filter((edge) => edge.type === best.edge.type || likeness(edge, user, item) > 0);
  const [userLabel, itemLabel] = [byLabel.get(user)!, byLabel.get(item)!];
  const time = itemLabel.properties.map(timeOf).find((found) => found !== undefined);
  const title = itemLabel.properties.find(({ name }) => titles.test(name))?.name;
  const available = itemLabel.properties.find((one) => availability.test(one.name) && is(one, 'BOOLEAN'))?.name;
  const given = {
    users: { label: user, key: keyOf(userLabel, indexes, notes, 'users'), properties: describingOf(userLabel) },
    items: {
      label: item,
      key: keyOf(itemLabel, indexes, notes, 'items'),
      ...(title !== undefined && { title }),
      ...(time && { time }),
      ...(available !== undefined && { available }),
      properties: describingOf(itemLabel),
    },
    interactions: named.map((edge) => interactionOf(edge, user)),
    features: edges.flatMap((edge) => featureOf(edge, { user, item, byLabel, all: edges })),
    social: edges
      .filter(({ from, to, type }) => from === user && to === user && type !== best.edge.type)
      .map(({ type }) => ({ relationship: type, direction: 'out' })),
  };
  for (const { relationship } of given.interactions)
    if (/dislike|hate|skip|block/i.test(relationship))
      notes.push(
        `${relationship} reads like a refusal: say so with "interactions": {"${relationship}": {"negative": true}}`,
      );
  for (const { type } of between)
    if (!named.some((edge) => edge.type === type))
      notes.push(`${type} also leads between ${user} and ${item}; it was left out`);
  return { mapping: mappingSchema.parse(given), notes };
}

type Ends = { readonly from: string; readonly to: string };
type Edge = SeenType & Ends;

/** The label with the fewest nodes that all ends on a side have; undefined where there is none. */
function endsOf({ ends }: SeenType, byLabel: ReadonlyMap<string, SeenLabel>): Ends | undefined {
  const common = (sides: readonly (readonly string[])[]): string | undefined =>
    sides[0]
      ?.filter((label) => byLabel.has(label) && sides.every((side) => side.includes(label)))
      .toSorted((a, b) => byLabel.get(a)!.count - byLabel.get(b)!.count)[0];
  const from = common(ends.map((end) => end.from));
  const to = common(ends.map((end) => end.to));
  return from !== undefined && to !== undefined ? { from, to } : undefined;
}

/** How much a relationship looks like something that users did with items. */
function likeness({ type, properties }: Edge, user: string, item: string): number {
  const hasTime = properties.some((property) => timeOf(property) !== undefined);
  const hasValue = properties.some((property) => values.test(property.name) && isNumber(property));
  return (
    (people.test(user) ? 3 : 0) +
    (people.test(item) ? -3 : 0) +
    (deeds.test(type) ? 2 : 0) +
    (hasTime ? 2 : 0) +
    (hasValue ? 2 : 0) -
    2
  );
}

function interactionOf({ type, properties, from }: Edge, user: string) {
  const value = properties.find((property) => values.test(property.name) && isNumber(property))?.name;
  const time = properties.map(timeOf).find((found) => found !== undefined);
  return {
    relationship: type,
    direction: from === user ? 'out' : 'in',
    ...(value !== undefined && { value }),
    ...(time && { time }),
  };
}

/** The time that a property holds by its name and values; undefined where it does not look like one. */
function timeOf(property: SeenProperty): TimeProperty | undefined {
  const { name, values: seen } = property;
  if (property.types.length === 0) return undefined;
  if (is(property, 'DATE', 'ZONED DATETIME', 'LOCAL DATETIME')) return { property: name, unit: 'date' };
  if (!times.test(name)) return undefined;
  if (is(property, 'STRING'))
    return seen.every((value) => /^\d{4}-\d\d-\d\d([T ]|$)/.test(value)) ? { property: name, unit: 'text' } : undefined;
  if (!isNumber(property)) return undefined;
  const numbers = seen.map(Number);
  const within = (low: number, high: number) => numbers.every((value) => value >= low && value <= high);
  if (within(1000, 2999)) return { property: name, unit: 'year' };
  if (within(1e8, 1e10)) return { property: name, unit: 's' };
  return within(1e11, 1e13) ? { property: name, unit: 'ms' } : undefined;
}

/** The property that tells nodes of a label apart: one that the database keeps unique, else one that is so in the sample. */
function keyOf({ label, properties }: SeenLabel, indexes: readonly SeenIndex[], notes: string[], of: string): string {
  const alone = indexes.filter((index) => index.labels.includes(label) && index.properties.length === 1);
  const kept = alone.find((index) => index.isUnique)?.properties[0];
  const fits = properties.filter(
    (one) =>
      one.present === one.looked &&
      one.distinct === one.present &&
      is(one, 'INTEGER', 'STRING') &&
      one.types.length === 1,
  );
  const rank = ({ name }: SeenProperty) =>
    (name === kept ? 8 : 0) +
    (/^id$|Id$|_id$|^uuid$|key$/i.test(name) ? 4 : 0) +
    (name.toLowerCase().startsWith(label.toLowerCase()) ? 2 : 0) +
    (alone.some((index) => index.properties[0] === name) ? 1 : 0);
  const [best] = fits.toSorted((a, b) => rank(b) - rank(a));
  if (!best) {
    const problem = `no property tells the ${label} nodes apart`;
    throw new TastegraphError('mapping/none', { problem, todo: `Give each ${label} a key of its own` });
  }
  if (best.name !== kept)
    notes.push(`${of}.key: ${label}.${best.name} is unique among ${best.looked} nodes; no constraint keeps it so`);
  return best.name;
}

const describingOf = ({ properties }: SeenLabel): string[] =>
  properties
    .filter(({ name, types }) => describing.test(name) && types.every((type) => !type.startsWith('POINT')))
    .map(({ name }) => name);

interface Chosen {
  readonly user: string;
  readonly item: string;
  readonly byLabel: ReadonlyMap<string, SeenLabel>;
  readonly all: readonly Edge[];
}

/** An edge between items or users and anything else that has a name. */
function featureOf({ type, from, to }: Edge, { user, item, byLabel, all }: Chosen) {
  const owner = [item, user].find((label) => label === from || label === to);
  const other = owner === from ? to : from;
  if (owner === undefined || other === user || other === item) return [];
  const properties = (byLabel.get(other)?.properties ?? []).filter(({ present, looked }) => present === looked);
  const texts = properties.filter((one) => is(one, 'STRING', 'INTEGER') && one.types.length === 1);
  const value = (texts.find(({ name }) => titles.test(name)) ?? texts.find((one) => one.distinct === one.present))
    ?.name;
  if (value === undefined) return [];
  const isShared = all.filter((edge) => (edge.from === other || edge.to === other) && edge.type !== type).length > 0;
  const kind = (isShared ? type : other).toLowerCase().replaceAll(':', ' ');
  const direction = owner === from ? 'out' : 'in';
  return [{ of: owner === item ? 'items' : 'users', relationship: type, direction, label: other, value, kind }];
}

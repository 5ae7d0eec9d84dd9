/** The names of a graph that somebody else modelled, as its mapping says them: quoted, and properties as expressions in Cypher. */
import neo4j, { type Integer } from 'neo4j-driver';
import type { Mapping, TimeProperty } from '../options/mapping.ts';
import {
  type Expression,
  type GraphSchema,
  type KeyType,
  type NamedEdge,
  type NamedNode,
  type Names,
  type NodeName,
  ownSchema,
  type PropertyFeature,
} from './schema.ts';

/** Between backticks. Names come through `options/mapping.ts`, which takes none that could end them; nor does this. */
export function quoted(name: string): string {
  if (name === '' || /[\\\p{Cc}]/u.test(name)) throw new RangeError('no name of a label, type or property');
  return `\`${name.replaceAll('`', '``')}\``;
}

/** As a literal of text. */
export function literal(text: string): string {
  if (/[\\\p{Cc}]/u.test(text)) throw new RangeError('no text for a statement');
  return `'${text.replaceAll("'", "\\'")}'`;
}

/** ms since 1970, or null where there is none. */
function timeOf({ property, unit }: TimeProperty): Expression {
  return (variable) => {
    const given = `${variable}.${quoted(property)}`;
    switch (unit) {
      case 'ms':
        return given;
      case 's':
        return `(${given} * 1000)`;
      case 'year':
        return `(CASE WHEN ${given} IS NULL THEN null ELSE datetime({year: toInteger(${given})}).epochMillis END)`;
      case 'text':
        return `(CASE WHEN ${given} IS NULL THEN null ELSE datetime(replace(${given}, ' ', 'T')).epochMillis END)`;
      case 'date':
        return `(CASE WHEN ${given} IS NULL THEN null WHEN ${given} IS :: DATE THEN datetime({date: ${given}}).epochMillis ELSE datetime({datetime: ${given}}).epochMillis END)`;
    }
  };
}

const nothing: Expression = () => 'null';
const propertyOf =
  (property: string | undefined): Expression =>
  (variable) =>
    property === undefined ? 'null' : `${variable}.${quoted(property)}`;
const textOf =
  (property: string | undefined): Expression =>
  (variable) =>
    property === undefined ? 'null' : `toString(${variable}.${quoted(property)})`;
const weightOf = ({ weight }: { readonly weight?: string | undefined }): Properties => ({
  weight: (variable) => (weight === undefined ? '1.0' : `toFloat(${variable}.${quoted(weight)})`),
});

const own =
  (property: string): Expression =>
  (variable) =>
    `${variable}.${property}`;
/** What a version writes with `--write-back`, by names of ours. */
const written = { vectorA: own('vectorA'), vectorB: own('vectorB') };

const unionOf = (names: readonly string[]): string => [...new Set(names)].map(quoted).join('|');

/** What all have in common; 'both' where they differ. */
const directionOf = (edges: readonly Edge[]): NamedEdge['direction'] =>
  edges.every(({ direction }) => direction === edges[0]?.direction) ? (edges[0]?.direction ?? 'both') : 'both';

type Interaction = Mapping['interactions'][number];

/** The properties of one type of interaction. */
function interactionProperties({ relationship, value, time, type }: Interaction): Properties {
  const named = literal(relationship);
  return {
    type: (variable: string) => (type === undefined ? named : `coalesce(${textOf(type)(variable)}, ${named})`),
    at: time === undefined ? nothing : timeOf(time),
    value: (variable: string) =>
      value === undefined ? '1.0' : `coalesce(toFloat(${propertyOf(value)(variable)}), 1.0)`,
    part: nothing,
    context: nothing,
  };
}

type Edge = { readonly relationship: string; readonly direction: NamedEdge['direction'] };
type Properties = Readonly<Record<string, Expression>>;

const edgeOf = ({ relationship, direction }: Edge, properties: Properties = {}): NamedEdge => ({
  types: quoted(relationship),
  direction,
  properties,
});

/** Several types of relationship as one: each property is that of the relationship's own type. */
function edgesOf<E extends Edge>(edges: readonly E[], propertiesOf: (edge: E) => Properties = () => ({})): NamedEdge {
  const [first, ...others] = edges;
  if (first && others.length === 0) return edgeOf(first, propertiesOf(first));
  const each = edges.map((edge) => ({ type: literal(edge.relationship), properties: propertiesOf(edge) }));
  const byType =
    (property: string): Expression =>
    (variable) => {
      const cases = each.map(({ type, properties }) => `WHEN ${type} THEN ${properties[property]!(variable)}`);
      return `(CASE type(${variable}) ${cases.join(' ')} END)`;
    };
  return {
    types: unionOf(edges.map(({ relationship }) => relationship)),
    direction: directionOf(edges),
    properties: Object.fromEntries(Object.keys(each[0]?.properties ?? {}).map((key) => [key, byType(key)])),
  };
}

/** Where the mapping has no such edge, a statement that speaks of one is not to be run. */
const noEdge: NamedEdge = { types: quoted('-'), direction: 'out', properties: { weight: nothing } };
const noNode: NamedNode = {
  label: quoted('-'),
  key: quoted('-'),
  properties: { key: nothing, kind: nothing, value: nothing },
};

/** What is no whole number of 64 bits, or not as one is written, stays text, which equals no number. */
const keyIn =
  (type: KeyType) =>
  (id: string): string | Integer =>
    type === 'integer' && /^(0|-?[1-9]\d{0,18})$/.test(id) && BigInt.asIntN(64, BigInt(id)) === BigInt(id)
      ? neo4j.int(id)
      : id;

/** The names of a mapped graph; `keys` say how the database holds the keys of users and items. */
export function mappedSchema(
  { users, items, interactions, features, social }: Mapping,
  keys: { readonly users: KeyType; readonly items: KeyType },
): GraphSchema {
  const node = (label: string, key: string, properties: NamedNode['properties']): NamedNode => ({
    label: quoted(label),
    key: quoted(key),
    properties: { id: textOf(key), ...properties, ...written },
  });
  const names: Names = {
    User: node(users.label, users.key, {}),
    Item: node(items.label, items.key, {
      title: textOf(items.title),
      at: items.time === undefined ? nothing : timeOf(items.time),
      available: propertyOf(items.available),
    }),
    Feature: noNode,
    INTERACTED: edgesOf(interactions, interactionProperties),
    HAS: noEdge,
    TRUSTS: social.length === 0 ? noEdge : edgesOf(social, weightOf),
  };
  const base: GraphSchema = {
    names,
    interactions: [],
    features: [],
    properties: [],
    featuresOf: { users: undefined, items: undefined },
    isSocial: social.length > 0,
    userKey: keyIn(keys.users),
    itemKey: keyIn(keys.items),
  };
  const renamed = (more: Partial<Names>): GraphSchema => ({ ...base, names: { ...names, ...more } });
  const featureOf = (feature: Mapping['features'][number]): GraphSchema => {
    const { label, value, kind } = feature;
    return renamed({
      Feature: {
        label: quoted(label),
        key: quoted(value),
        properties: {
          kind: () => literal(kind),
          value: textOf(value),
          key: (variable) => `(${literal(`${kind}:`)} + ${textOf(value)(variable)})`,
        },
      },
      HAS: edgeOf(feature, weightOf(feature)),
    });
  };
  const allOf = (of: 'users' | 'items'): GraphSchema | undefined => {
    const edges = features.filter((feature) => feature.of === of);
    if (edges.length === 0) return undefined;
    return renamed({
      Feature: { ...noNode, label: unionOf(edges.map(({ label }) => label)) },
      HAS: edgesOf(edges),
    });
  };
  const propertyFeature = (of: 'users' | 'items', property: string): PropertyFeature => {
    const name: NodeName = of === 'users' ? 'User' : 'Item';
    const properties = { ...names[name].properties, property: propertyOf(property) };
    return { of, kind: property, schema: renamed({ [name]: { ...names[name], properties } }) };
  };
  return {
    ...base,
    interactions: interactions.map((one) => renamed({ INTERACTED: edgeOf(one, interactionProperties(one)) })),
    features: features.map((feature) => ({ of: feature.of, schema: featureOf(feature) })),
    properties: [
      ...users.properties.map((property) => propertyFeature('users', property)),
      ...items.properties.map((property) => propertyFeature('items', property)),
    ],
    featuresOf: { users: allOf('users'), items: allOf('items') },
  };
}

/** For statements that look at one label, which stands for `User`, or at one type of relationship, which stands for INTERACTED. */
export function lookingAt(name: { readonly label?: string; readonly type?: string }): GraphSchema {
  const { label = '-', type = '-' } = name;
  const names: Names = {
    User: { ...noNode, label: quoted(label) },
    Item: noNode,
    Feature: noNode,
    INTERACTED: edgeOf({ relationship: type, direction: 'out' }),
    HAS: noEdge,
    TRUSTS: noEdge,
  };
  return { ...ownSchema, names };
}

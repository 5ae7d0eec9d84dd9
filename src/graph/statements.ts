/**
 * The statements in `cypher/`, each a file that runs as it is. For a graph that somebody else modelled, the names in them are
 * replaced as whole tokens, outside comments and text: labels and relationship types, whose direction may differ (`endNode` follows it); the key in a
 * pattern; and the properties of variables whose kind the file tells, by a pattern that names them (`(u:User)`, `[r:INTERACTED]`)
 * or by a line `// Kinds: v:Item, d:INTERACTED`. A node that the line names and whose pattern has no label gets one: the
 * relationships of others may lead anywhere.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../package.ts';
import {
  type EdgeName,
  edgeNames,
  type GraphSchema,
  type Names,
  type NodeName,
  nodeNames,
  ownSchema,
} from './schema.ts';

const texts = new Map<string, string>();
const renamed = new WeakMap<GraphSchema, Map<string, string>>();

/** Text of a statement in `cypher/`, by its path without ending: 'write/interactions'; in the names of `schema`. */
export function statement(name: string, schema: GraphSchema = ownSchema): string {
  let text = texts.get(name);
  if (text === undefined) {
    text = readFileSync(join(packageRoot, 'cypher', `${name}.cypher`), 'utf8');
    texts.set(name, text);
  }
  if (!schema.names) return text;
  const known = renamed.get(schema) ?? new Map<string, string>();
  renamed.set(schema, known);
  let own = known.get(name);
  if (own === undefined) {
    own = rename(text, schema.names);
    known.set(name, own);
  }
  return own;
}

/**
 * The parameter `$given` of statements that requests wait for. Of a list that is a parameter itself Neo4j makes a plan for each order
 * of magnitude of its length; of one in a map it makes one.
 */
export const given = <T extends Readonly<Record<string, readonly unknown[]>>>(lists: T) => ({ given: lists });

const node = nodeNames.join('|');
const edge = edgeNames.join('|');
/** What is passed over: comments, text, names between backticks. */
const opaque = String.raw`\/\/[^\n]*|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\`[^\`]*\``;
const tokens = new RegExp(
  [
    `(?<opaque>${opaque})`,
    String.raw`(?<left><?-)\[(?<edgeVariable>\w*):(?<edge>${edge})\](?<right>->?)`,
    String.raw`:(?<node>${node})\b(?<map>\s*\{\s*id\s*:)?`,
    String.raw`\bendNode\((?<ending>\w+)\)`,
    String.raw`(?<=[->])\((?<bare>\w+)\)`,
    String.raw`(?<!\$)\b(?<variable>[A-Za-z_]\w*)(?<index>\[[^\]]*\])?\.(?<property>\w+)\b`,
  ].join('|'),
  'g',
);
const leftover = new RegExp(String.raw`(?<opaque>${opaque})|(?<![\w.$])(?<name>${node}|${edge})\b`, 'g');

/** A statement in other names. Throws RangeError where it speaks of what no graph but our own has. */
export function rename(text: string, names: Names): string {
  const declared = declaredKinds(text);
  const kinds = new Map([...patternKinds(text), ...declared]);
  const result = text.replace(tokens, (...match) => {
    const whole = match[0] as string;
    const found = match.at(-1) as Readonly<Record<string, string | undefined>>;
    if (found.opaque !== undefined) return whole;
    if (found.edge !== undefined) {
      const { types, direction } = names[found.edge as EdgeName];
      const pattern = `[${found.edgeVariable}:${types}]`;
      const isOut = found.right === '->';
      if (direction === 'both' || (!isOut && found.left === '-')) return `-${pattern}-`;
      return isOut === (direction === 'out') ? `-${pattern}->` : `<-${pattern}-`;
    }
    if (found.node !== undefined) {
      const { label, key } = names[found.node as NodeName];
      return found.map === undefined ? `:${label}` : `:${label} {${key}:`;
    }
    if (found.ending !== undefined) {
      const kind = kinds.get(found.ending);
      if (kind === undefined || isNode(kind) || names[kind].direction === 'out') return whole;
      if (names[kind].direction === 'in') return `startNode(${found.ending})`;
      throw new RangeError(`a statement speaks of the end of ${kind}, which has no one direction`);
    }
    if (found.bare !== undefined) {
      const kind = declared.get(found.bare);
      return kind !== undefined && isNode(kind) ? `(${found.bare}:${names[kind].label})` : whole;
    }
    const kind = kinds.get(found.variable!);
    if (kind === undefined) return whole;
    const expression = names[kind].properties[found.property!];
    if (!expression) throw new RangeError(`a statement speaks of ${kind}.${found.property}, which no mapping has`);
    return expression(`${found.variable}${found.index ?? ''}`);
  });
  for (const { groups } of result.matchAll(leftover))
    if (groups?.name !== undefined)
      throw new RangeError(`a statement speaks of ${groups.name} where no name can be put`);
  return result;
}

const isNode = (kind: NodeName | EdgeName): kind is NodeName => (nodeNames as readonly string[]).includes(kind);

function patternKinds(text: string): Map<string, NodeName | EdgeName> {
  const code = text.replace(new RegExp(opaque, 'g'), '');
  const named = code.matchAll(new RegExp(String.raw`\b(\w+):(${node}|${edge})\b`, 'g'));
  return new Map(Array.from(named, ([, variable, kind]) => [variable!, kind as NodeName | EdgeName]));
}

function declaredKinds(text: string): Map<string, NodeName | EdgeName> {
  const line = /^\/\/ Kinds: (.*)$/m.exec(text)?.[1] ?? '';
  const named = line.matchAll(new RegExp(String.raw`\b(\w+):(${node}|${edge})\b`, 'g'));
  return new Map(Array.from(named, ([, variable, kind]) => [variable!, kind as NodeName | EdgeName]));
}

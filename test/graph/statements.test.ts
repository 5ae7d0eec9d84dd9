import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { literal, mappedSchema, quoted } from '../../src/graph/mappedSchema.ts';
import { type GraphSchema, ownSchema } from '../../src/graph/schema.ts';
import { statement } from '../../src/graph/statements.ts';
import { mappingSchema } from '../../src/options/mapping.ts';
import { packageRoot } from '../../src/package.ts';
import { attacks, moviesMapping } from './movies.ts';

const folder = join(packageRoot, 'cypher');
const files = (under: string) =>
  readdirSync(join(folder, under)).map((file) => `${under}/${file.slice(0, -'.cypher'.length)}`);
const shop = mappedSchema(
  mappingSchema.parse({
    users: { label: 'Customer', key: 'email' },
    items: { label: 'Product', key: 'sku', available: 'inStock' },
    interactions: [
      { relationship: 'VIEWED', time: { property: 'at', unit: 'date' } },
      { relationship: 'BOUGHT', direction: 'in', value: 'quantity', time: { property: 'when', unit: 'ms' } },
    ],
    social: [{ relationship: 'FRIEND_OF', direction: 'both' }],
  }),
  { users: 'text', items: 'text' },
);
const code = (text: string): string =>
  text
    .replace(/^\/\/.*$/gm, '')
    .replace(/\s+/g, ' ')
    .trim();

describe('statements in the names of another graph', () => {
  it('are the files themselves for our own', () => {
    expect(statement('read/users')).toContain('MATCH (u:User)');
    expect(statement('read/users', ownSchema)).toBe(statement('read/users'));
  });

  it('have its labels, types, properties and directions', () => {
    const schema = mappedSchema(moviesMapping, { users: 'integer', items: 'integer' });
    expect(code(statement('read/interacted-items', schema))).toBe(
      "MATCH (:`User` {`userId`: $user})-[done:`RATED`]->(item:`Movie`) WHERE coalesce((done.`timestamp` * 1000) >= $countsFrom['RATED'], true) WITH DISTINCT item LIMIT 100000 RETURN collect(toString(item.`movieId`)) AS items;",
    );
    const [genre, actor] = schema.features;
    expect(statement('read/item-features', genre!.schema)).toContain('(i)-[h:`IN_GENRE`]->(f:`Genre`)');
    expect(statement('read/item-features', actor!.schema)).toContain('(i)<-[h:`ACTED_IN`]-(f:`Actor`)');
    expect(statement('read/features', actor!.schema)).toContain("'actor' AS kind, toString(f.`name`) AS value");
    // Relationships of others may lead anywhere, so that the end's label is looked at.
    expect(statement('read/neighbours-user-item', schema)).toContain('(u)-[:`RATED`]->(v:`Movie`)');
    expect(statement('read/neighbours-user-item', schema)).toContain('RETURN DISTINCT id(v)');
  });

  it('have each property of several types, and no direction where those differ', () => {
    const text = statement('read/neighbours-user-item-until', shop);
    expect(text).toContain('(u)-[r:`VIEWED`|`BOUGHT`]-(v:`Product`)');
    expect(text).toMatch(
      /CASE type\(r\) WHEN 'VIEWED' THEN \(CASE WHEN r\.`at` IS NULL .* WHEN 'BOUGHT' THEN r\.`when` END\)/,
    );
    expect(statement('read/neighbours-user-user', shop)).toContain('(u)-[:`FRIEND_OF`]-(v:`Customer`)');
    expect(statement('read/interactions', shop.interactions[1])).toContain('[(u)<-[r:`BOUGHT`]-() | r]');
    expect(statement('read/interactions', shop.interactions[1])).toContain('id(startNode(r))');
    expect(statement('read/interactions', shop.interactions[0])).toContain('id(endNode(r))');
  });

  it('speak of nothing that only our own graph has', () => {
    const [every] = mappedSchema(moviesMapping, { users: 'text', items: 'text' }).features;
    for (const name of [...files('read'), ...files('explain')]) {
      // Counters, marks, rules, lineage, impressions and indexes of our own, and properties that stand for names of a mapping.
      const own = /counts|slots|-property$|property-of-item|change|removed|rule|lineage|impressions|items-near|search-/;
      if (own.test(name)) continue;
      const text = code(statement(name, every!.schema));
      expect(text, name).not.toMatch(/:(User|Item|Feature|INTERACTED|HAS|TRUSTS)\b/);
      expect(text, name).not.toMatch(/(?<!`)\b(INTERACTED|HAS|TRUSTS)\b/);
      expect(text, name).not.toMatch(/\.(id|title|at|available|part|context)\b/);
    }
  });

  it('refuse what no name can be put for', () => {
    const schema = mappedSchema(moviesMapping, { users: 'text', items: 'text' });
    expect(() => statement('read/item-property', schema)).toThrow(RangeError); // needs the property it is about
  });
});

describe('names that try to break out', () => {
  it('stay one name between backticks', () => {
    for (const name of attacks) {
      const inner = quoted(name).slice(1, -1);
      expect(inner.replaceAll('``', '')).not.toContain('`');
      expect(inner.replaceAll('``', '`')).toBe(name);
    }
  });

  it('are put in as they are, whatever they hold', () => {
    const named = (label: string): GraphSchema =>
      mappedSchema(
        mappingSchema.parse({
          users: { label, key: label },
          items: { label, key: label, title: label },
          interactions: [{ relationship: label, value: label }],
        }),
        { users: 'text', items: 'text' },
      );
    for (const name of attacks) {
      const text = code(statement('read/interacted-items', named(name)));
      const q = quoted(name).replace(/\s+/g, ' ');
      expect(text).toBe(
        `MATCH (:${q} {${q}: $user})-[done:${q}]->(item:${q}) WHERE coalesce(null >= $countsFrom[${literal(name)}], true) WITH DISTINCT item LIMIT 100000 RETURN collect(toString(item.${q})) AS items;`,
      );
    }
  });

  it('are refused where Cypher would read them as something else before it looks at backticks', () => {
    for (const name of ['a\\u0060b', '\\', 'line\nbreak', 'nul\0', '']) {
      expect(() => quoted(name)).toThrow(RangeError);
      expect(mappingSchema.safeParse({ ...moviesMapping, users: { label: name, key: 'id' } }).success).toBe(false);
    }
    expect(literal("it's")).toBe("'it\\'s'");
    expect(() => literal("\\' RETURN 1")).toThrow(RangeError);
  });

  it('no whole number is made of an id that is none', () => {
    const { userKey } = mappedSchema(moviesMapping, { users: 'integer', items: 'integer' });
    expect(String(userKey('9007199254740993'))).toBe('9007199254740993');
    expect(userKey('-12')).not.toBeTypeOf('string');
    for (const id of ['007', '1.5', '1e3', ' 1', '', '9223372036854775808', 'abc']) expect(userKey(id)).toBe(id);
  });
});

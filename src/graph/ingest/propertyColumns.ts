/** Properties of users and items, whatever they are called, as columns of the importer's tables. */
import { attributeKinds } from '../../data/records.ts';
import { arraySeparator, type Cell } from './csv.ts';
import type { NodeProperties } from './partition.ts';

/** Names that a column of the importer can have. */
export const columnName = /^[\p{L}\p{N}_.-]+$/u;

/** Columns of the properties that some nodes have beside title, time and availability, and a node's cells of them. */
export function propertyColumns(names: ReadonlySet<string>) {
  const types = { float: 'double', text: 'string', floats: 'double[]' };
  const own = [...names].filter((name) => name !== 'available');
  const header = own.map(
    (name) => `,${name}:${types[attributeKinds.find(({ prefix }) => name.startsWith(prefix))!.type]}`,
  );
  const cells = (node: { readonly properties: NodeProperties } | undefined): Cell[] =>
    own.map((name) => {
      const value = node?.properties[name];
      return Array.isArray(value) ? value.join(arraySeparator) : ((value as Cell | undefined) ?? null);
    });
  return { header: header.join(''), cells };
}

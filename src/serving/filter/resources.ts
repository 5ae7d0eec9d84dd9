/** Filters over users and items as the graph has them, one by one: for lists. */
import type { AttributeValue } from '../../data/records.ts';
import type { NodeKind, NodeResource } from '../../graph/resources/nodes.ts';
import { fulfils, fulfilsAny, itemFields, userFields } from './fields.ts';
import type { Comparison, Filter } from './language.ts';

/** Whether a user or item passes a filter that was checked. Features and attributes that are numbers are compared as such. */
export function passes(filter: Filter, kind: NodeKind, node: NodeResource): boolean {
  switch (filter.kind) {
    case 'or':
      return filter.of.some((part) => passes(part, kind, node));
    case 'and':
      return filter.of.every((part) => passes(part, kind, node));
    case 'not':
      return !passes(filter.of, kind, node);
    case 'in':
      return filter.values.some((value) =>
        compare({ kind: 'compare', field: filter.field, operator: ':', value }, kind, node),
      );
    case 'compare':
      return compare(filter, kind, node);
  }
}

function compare(comparison: Comparison, kind: NodeKind, node: NodeResource): boolean {
  const { field, operator } = comparison;
  const type = (kind === 'item' ? itemFields : userFields).get(field);
  if (type !== undefined) {
    const { id, title = id, at = Number.NaN, available = true } = node;
    return fulfils(comparison, type, { id, title, at, available }[field as 'id' | 'title' | 'at' | 'available']);
  }
  if (operator === '!=') return !compare({ ...comparison, operator: ':' }, kind, node);
  const fits = (given: AttributeValue): boolean => typeof given !== 'object' && fulfilsAny(comparison, given); // a vector is compared with nothing
  if (node.features.some((feature) => feature.kind === field && fits(feature.value))) return true;
  const attribute = Object.hasOwn(node.attributes, field) ? node.attributes[field] : undefined;
  return attribute !== undefined && fits(attribute);
}

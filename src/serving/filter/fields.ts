/** What filters can ask for, and what a value means there. */
import { parseNumber, parseTime } from '../../data/fields.ts';
import { TastegraphError } from '../../errors.ts';
import { type Comparison, comparisonsOf, type Filter } from './language.ts';

/**
 * `number` has an order, `moment` too and takes dates beside ms since 1970; `text` and `truth` are equal or not. `any` is what the
 * graph has of each node under the name, where values that are numbers have an order.
 */
export type FieldType = SnapshotFieldType | 'any';
/** All of a snapshot's fields are of one type. */
export type SnapshotFieldType = 'text' | 'number' | 'moment' | 'truth';

/** What every item and user has, beside kinds of features and attributes. */
export const itemFields: ReadonlyMap<string, SnapshotFieldType> = new Map([
  ['id', 'text'],
  ['title', 'text'],
  ['at', 'moment'],
  ['available', 'truth'],
]);
export const userFields: ReadonlyMap<string, SnapshotFieldType> = new Map([['id', 'text']]);

const refuse = (comparison: Comparison, problem: string): never => {
  const { field, operator, value } = comparison;
  throw new TastegraphError('filter/type', { comparison: `${field}${operator}${value}`, problem });
};

/** Refuses a filter that asks for what is not there, or asks for it wrongly. Errors: filter/type. */
export function checkFilter(
  filter: Filter,
  typeOf: (field: string) => FieldType | undefined,
  known: Iterable<string>,
): void {
  for (const comparison of comparisonsOf(filter)) {
    const { field, operator, value } = comparison;
    const type = typeOf(field);
    if (type === undefined) {
      const names = [...known];
      const listed = `${names.slice(0, 20).join(', ')}${names.length > 20 ? ` and ${names.length - 20} more` : ''}`;
      refuse(comparison, `there is no field '${field}'. There are: ${listed}`);
    }
    const isOrdered = operator !== ':' && operator !== '!=';
    if (isOrdered && (type === 'text' || type === 'truth'))
      refuse(comparison, `'${field}' is ${type} and has no order: use : or !=`);
    if (type === 'truth' && value !== 'true' && value !== 'false') refuse(comparison, `'${field}' is true or false`);
    if (type === 'any' && isOrdered && parseNumber(value) === undefined)
      refuse(comparison, `${operator} compares numbers`);
    if (type === 'number' && parseNumber(value) === undefined) refuse(comparison, `'${field}' is a number`);
    if (type === 'moment' && momentIn(value) === undefined)
      refuse(comparison, `'${field}' is a moment: write 2024-05-01, "2024-05-01T12:00:00Z" or ms since 1970`);
  }
}

const momentIn = (text: string): number | undefined => (/^-?\d+$/.test(text) ? Number(text) : parseTime(text));

/** Whether a value of a feature or attribute of type `any` fulfils a comparison other than '!=' that was checked: as text, or as numbers. */
export function fulfilsAny(comparison: Comparison, given: string | number): boolean {
  const { operator, value } = comparison;
  if (String(given) === value) return operator === ':' || operator === '<=' || operator === '>=';
  const areNumbers = parseNumber(value) !== undefined && parseNumber(String(given)) !== undefined;
  return areNumbers && fulfils(comparison, 'number', given);
}

/** Whether a value of this type fulfils a comparison that was checked. */
export function fulfils(
  { operator, value }: Comparison,
  type: SnapshotFieldType,
  given: string | number | boolean,
): boolean {
  if (type === 'text' || type === 'truth') return (String(given) === value) === (operator === ':');
  const [left, right] = [Number(given), type === 'moment' ? momentIn(value)! : Number(value)];
  if (Number.isNaN(left)) return false;
  switch (operator) {
    case ':':
      return left === right;
    case '!=':
      return left !== right;
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
  }
}

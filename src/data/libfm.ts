/** Rows of libfm (Rendle, "Factorization Machines with libFM", TIST 2012): a label and the features that are present. */
import { parseNumber } from './fields.ts';
import { type FileReader, lineReader } from './reader.ts';
import type { FeatureValue, Part } from './records.ts';
import type { DataFile } from './source.ts';

/** Positions of the parts' rows start so far apart, so that no two rows of a data set have one time. */
const rowsOfPart = 1e9;
const order: Record<Part, number> = { train: 0, validation: 1, test: 2 };

/**
 * `label index:1 index:1 …`, a categorical field a column: the first is the user, the second the item, and the others the
 * context, of kinds 'field 3', 'field 4' and so on. The label is the value. Time is the position, as only the order is known.
 */
export function libfmRows(file: DataFile, part: Part): FileReader {
  return lineReader(file, (text, out, line) => {
    const [label, ...fields] = text.trim().split(/\s+/) as [string, ...string[]];
    const value = parseNumber(label);
    if (value === undefined) return { field: 'label', reason: 'is not a number' };
    if (fields.length < 2) return { field: 'line', reason: 'has no two fields, of which the first is the user' };
    const indices: string[] = [];
    for (const [place, field] of fields.entries()) {
      const [index, weight, more] = field.split(':') as [string, ...string[]];
      if (!/^\d+$/.test(index) || more !== undefined)
        return { field: `field ${place + 1}`, reason: 'is not index:value' };
      if (weight === undefined || parseNumber(weight) !== 1)
        return { field: `field ${place + 1}`, reason: 'has another value than 1, but fields are categories here' };
      indices.push(index);
    }
    const [user, item, ...others] = indices as [string, string, ...string[]];
    const context = others.map((index, place): FeatureValue => ({ kind: `field ${place + 3}`, value: index }));
    const at = order[part] * rowsOfPart + line;
    out.push({ kind: 'interaction', user, item, type: 'interaction', at, value, part, context });
    return undefined;
  });
}

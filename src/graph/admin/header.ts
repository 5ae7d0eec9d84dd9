/**
 * The comment above a Cypher statement as a description: what it answers, its parameters, its cost. It stands in the catalogue
 * (`cypher/admin/`) and above registered rules alike:
 *
 *   // Items that most people chose.
 *   // $least: INTEGER = 5 (1 to 1000). Fewest people.
 *   // $user: STRING. Outside id of a user.
 *   // $kind: STRING = 'item' ('user' or 'item'). Which side.
 *   // Cost: moderate. One pass over the interactions.
 *   // :param {least: 5, user: 'alice', kind: 'item'}
 */

export const parameterTypes = ['STRING', 'INTEGER', 'FLOAT', 'BOOLEAN', 'LIST<STRING>'] as const;
export type ParameterType = (typeof parameterTypes)[number];
export type ParameterValue = string | number | boolean | readonly string[] | null;

export interface Parameter {
  readonly name: string;
  readonly type: ParameterType;
  /** Absent where it must be given; null where it may be left out. */
  readonly defaultValue?: ParameterValue;
  /** Of numbers, both inclusive. */
  readonly range?: { readonly least: number; readonly most: number };
  /** Of strings. */
  readonly choices?: readonly string[];
  readonly about: string;
}

/** How much of the graph is read: a neighbourhood; one pass over it; pairs or more of its nodes. */
export const costClasses = ['cheap', 'moderate', 'heavy'] as const;
export type CostClass = (typeof costClasses)[number];

export interface Header {
  readonly purpose: string;
  readonly parameters: readonly Parameter[];
  /** Absent above a rule that does not say it. */
  readonly cost?: { readonly class: CostClass; readonly about: string };
  /** What Neo4j Browser takes before the statement: ':param {…}'. */
  readonly hint?: string;
}

const parameterLine =
  /^\$(\w+): (STRING|INTEGER|FLOAT|BOOLEAN|LIST<STRING>)(?: = ('[^']*'|-?\d+(?:\.\d+)?|true|false|null|\[\]))?(?: \(([^)]*)\))?\. (.+)$/;

/** The description above a statement. Throws SyntaxError, naming the line, where a line that begins like a parameter is none. */
export function parseHeader(text: string): Header {
  const purpose: string[] = [];
  const parameters: Parameter[] = [];
  let cost: Header['cost'];
  let hint: string | undefined;
  let last: 'purpose' | 'parameter' | 'cost' = 'purpose';
  for (const line of text.split(/\r?\n/)) {
    if (!line.startsWith('//')) break;
    const content = line.slice(2).trim();
    if (content === '') continue;
    const classed = /^Cost: (cheap|moderate|heavy)\. (.+)$/.exec(content);
    if (content.startsWith('$')) {
      parameters.push(parseParameter(content));
      last = 'parameter';
    } else if (classed) {
      cost = { class: classed[1] as CostClass, about: classed[2]! };
      last = 'cost';
    } else if (content.startsWith(':param ')) hint = content;
    else if (last === 'purpose') purpose.push(content);
    // A line that goes on.
    else if (last === 'cost' && cost) cost = { class: cost.class, about: `${cost.about} ${content}` };
    else {
      const open = parameters.pop()!;
      parameters.push({ ...open, about: `${open.about} ${content}` });
    }
  }
  return { purpose: purpose.join(' '), parameters, ...(cost && { cost }), ...(hint !== undefined && { hint }) };
}

function parseParameter(content: string): Parameter {
  const [, name, type, written, bounds, about] = parameterLine.exec(content) ?? [];
  if (name === undefined)
    throw new SyntaxError(
      `'${content}' is no '$name: TYPE = default (least to most). Meaning' (${parameterTypes.join(', ')})`,
    );
  const defaultValue = written === undefined ? undefined : readLiteral(written);
  const range = bounds === undefined ? undefined : /^(-?\d+(?:\.\d+)?) to (-?\d+(?:\.\d+)?)$/.exec(bounds);
  const choices = bounds === undefined ? [] : [...bounds.matchAll(/'([^']*)'/g)].map((match) => match[1]!);
  if (bounds !== undefined && !range && choices.length === 0)
    throw new SyntaxError(`'(${bounds})' of $${name} is neither 'least to most' nor quoted choices`);
  return {
    name,
    type: type as ParameterType,
    ...(defaultValue !== undefined && { defaultValue }),
    ...(range && { range: { least: Number(range[1]), most: Number(range[2]) } }),
    ...(choices.length > 0 && { choices }),
    about: about!,
  };
}

function readLiteral(written: string): ParameterValue {
  if (written.startsWith("'")) return written.slice(1, -1);
  if (written === '[]') return [];
  return JSON.parse(written) as number | boolean | null;
}

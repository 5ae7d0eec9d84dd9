/** Records of the program as properties of nodes, by which Cypher can filter. */

type Primitive = string | number | boolean;
const isPrimitive = (value: unknown): value is Primitive => ['string', 'number', 'boolean'].includes(typeof value);

/**
 * Each entry as a property of its own, its name one that Cypher takes without quotes: ('metric', {'recall@20': 0.2}) →
 * {metric_recall_20: 0.2}. Lists of one kind stay lists; what Neo4j has no kind for is JSON text, and what is absent is left out.
 */
export function flatProperties(
  prefix: string,
  values: Readonly<Record<string, unknown>>,
): Readonly<Record<string, Primitive | readonly Primitive[]>> {
  const property = (value: unknown): Primitive | readonly Primitive[] => {
    if (isPrimitive(value)) return value;
    const isList = Array.isArray(value) && value.every((each) => isPrimitive(each) && typeof each === typeof value[0]);
    return isList ? (value as Primitive[]) : JSON.stringify(value);
  };
  const present = Object.entries(values).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(
    present.map(([name, value]) => [`${prefix}_${name.replace(/\W+/g, '_')}`, property(value)]),
  );
}

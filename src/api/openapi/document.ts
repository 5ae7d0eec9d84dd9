/** Completes the OpenAPI document that the routes give: names, headers, problems and examples come from one place for all of them. */
import { STATUS_CODES } from 'node:http';
import { addExamples } from './examples.ts';
import { addHeaders } from './headers.ts';
import { type Answer, type Document, describedBy } from './model.ts';
import { operationIds } from './operationIds.ts';
import { addProblems } from './problems.ts';

/** What the parts of the API are for, in the order in which they are shown. */
export const tags = [
  { name: 'Recommend', description: 'Lists of items for users, sessions and groups, and what is similar to what' },
  { name: 'Explain', description: 'Why an item, what it hangs on, and what would change it' },
  { name: 'Experiments', description: 'Pipelines against each other, by what was shown and what was taken of it' },
  { name: 'Interactions', description: 'What users did with items' },
  { name: 'Users', description: 'Users as resources; to forget one for good' },
  { name: 'Items', description: 'Items as resources' },
  { name: 'Features', description: 'What users and items have in common: genres, actors, occupations' },
  { name: 'Versions', description: 'What training published: which is served, and where each comes from' },
  { name: 'Training', description: 'Models and training runs, for administrators' },
  {
    name: 'Administer',
    description: 'Questions to the graph, rules, keys, jobs, settings and the audit log, for administrators',
  },
  { name: 'Operations', description: 'Health, metrics, and who asks' },
  { name: 'Gorse', description: "Gorse's REST API, for programs that speak it already" },
];

/** The document, completed. */
export function completed<D extends object>(given: D): D {
  const document = structuredClone(given) as unknown as Document;
  const names: Readonly<Record<string, string>> = operationIds;
  for (const { method, path, operation } of describedBy(document)) {
    const name = operation.operationId ?? names[`${method} ${path}`];
    if (name !== undefined) operation.operationId = name;
  }
  tellNotes(document);
  addProblems(document);
  addHeaders(document);
  addExamples(document);
  shareAnswers(document);
  return document as unknown as D;
}

/** An option's unit and reason are no words of JSON Schema: its description says them. */
function tellNotes(part: unknown): void {
  if (typeof part !== 'object' || part === null) return;
  const { description, unit, reason } = part as Record<string, unknown>;
  if (typeof description === 'string' && (typeof unit === 'string' || typeof reason === 'string')) {
    const said = [description, ...(typeof unit === 'string' ? [` (${unit})`] : [])].join('');
    Object.assign(part, { description: typeof reason === 'string' ? `${said}; ${reason}` : said });
    for (const key of ['unit', 'reason']) Reflect.deleteProperty(part, key);
  }
  for (const each of Object.values(part)) tellNotes(each);
}

/** What most operations with a problem of one status answer alike is said once, and named by the status. */
function shareAnswers(document: Document): void {
  const owners = describedBy(document).map(({ operation }) => operation.responses);
  const textOf = (answer: object): string => JSON.stringify(answer);
  const problems = [...new Set(owners.flatMap((answers) => Object.keys(answers)))].filter((status) =>
    /^[45]/.test(status),
  );
  const shared: Record<string, Answer> = {};
  for (const status of problems) {
    const counts = new Map<string, number>();
    for (const { [status]: answer } of owners)
      if (answer) counts.set(textOf(answer), (counts.get(textOf(answer)) ?? 0) + 1);
    const [usual] = [...counts].sort(([, a], [, b]) => b - a)[0]!;
    const name = STATUS_CODES[status]!.replaceAll(/[^A-Za-z]/g, '');
    shared[name] = JSON.parse(usual) as Answer;
    for (const answers of owners)
      if (answers[status] && textOf(answers[status]) === usual)
        answers[status] = { $ref: `#/components/responses/${name}` };
  }
  document.components.responses = shared;
}

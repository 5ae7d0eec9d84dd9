/** A form made of what options and parameters say of themselves: kind, range, choices, default. */
import { useId } from 'preact/hooks';

export interface Field {
  readonly key: string;
  readonly kind: 'string' | 'number' | 'boolean' | 'choice' | 'list' | 'json';
  readonly integer?: boolean;
  readonly element?: 'string' | 'number' | undefined;
  readonly choices?: readonly string[] | undefined;
  readonly least?: number | undefined;
  readonly most?: number | undefined;
  /** Shown where nothing is filled in, and taken then. */
  readonly defaultValue?: unknown;
  readonly description: string;
  readonly unit?: string | undefined;
  readonly required?: boolean;
}

/** What is filled in, as text; what is left out is as by default. */
export type Filled = Readonly<Record<string, string>>;

export interface FieldsProps {
  readonly fields: readonly Field[];
  readonly filled: Filled;
  readonly change: (filled: Filled) => void;
  /** What the server says of a field by its key. */
  readonly problems?: Readonly<Record<string, string>>;
}

export function Fields({ fields, filled, change, problems = {} }: FieldsProps) {
  const id = useId();
  const set = (key: string, text: string) => {
    const { [key]: _, ...rest } = filled;
    change(text === '' ? rest : { ...rest, [key]: text });
  };
  return (
    <div class="fields">
      {fields.map((field) => {
        const { key, description, unit, required } = field;
        return (
          <label key={key} class="field" for={`${id}-${key}`}>
            <span>
              {key}
              {required && <em> needed</em>}
            </span>
            <Control
              field={field}
              id={`${id}-${key}`}
              text={filled[key] ?? ''}
              set={(text) => set(key, text)}
              refused={key in problems}
            />
            <small>
              {problems[key] ?? description}
              {unit !== undefined && !problems[key] && !description.toLowerCase().includes(unit) && ` (${unit})`}
            </small>
          </label>
        );
      })}
    </div>
  );
}

interface ControlProps {
  readonly id: string;
  readonly field: Field;
  readonly text: string;
  readonly set: (text: string) => void;
  readonly refused: boolean;
}

function Control({ id, field, text, set, refused }: ControlProps) {
  const { key, kind, choices = [], least, most, integer, defaultValue, required } = field;
  const usual = writtenOf(defaultValue);
  const take = (event: { currentTarget: { value: string } }) => set(event.currentTarget.value);
  const shared = { id, name: key, 'aria-invalid': refused, value: text };
  const options = kind === 'boolean' ? ['true', 'false'] : choices;
  if (options.length > 0)
    return (
      <select {...shared} onChange={take}>
        {!required && <option value="">{usual === '' ? 'as by default' : `${usual} (default)`}</option>}
        {options
          .filter((each) => required || each !== usual)
          .map((each) => (
            <option key={each} value={each}>
              {each}
            </option>
          ))}
      </select>
    );
  if (kind === 'number')
    return (
      <input
        {...shared}
        type="number"
        min={least}
        max={most}
        step={integer ? 1 : 'any'}
        placeholder={usual}
        required={required}
        onInput={take}
      />
    );
  return <input {...shared} type="text" placeholder={usual} required={required} autocomplete="off" onInput={take} />;
}

export function writtenOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return value.join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** The values of what is filled in, as the API takes them. */
export function valuesOf(fields: readonly Field[], filled: Filled): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const { key, kind, element } of fields) {
    const text = filled[key];
    if (text === undefined) continue;
    if (kind === 'number') values[key] = Number(text);
    else if (kind === 'boolean') values[key] = text === 'true';
    else if (kind === 'list')
      values[key] = text.split(',').map((part) => (element === 'number' ? Number(part) : part.trim()));
    else if (kind === 'json') values[key] = jsonOf(text);
    else values[key] = text;
  }
  return values;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text; // The server says what is wrong with it.
  }
}

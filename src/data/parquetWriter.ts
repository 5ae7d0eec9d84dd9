/** Parquet files, a row group at a time. */
import type { SchemaElement } from 'hyparquet';
import { fileWriter, ParquetWriter, type Writer } from 'hyparquet-writer';
import type { CellType, CellValue, ExportColumn } from './exported.ts';
import type { TableWriter } from './tableWriter.ts';

/** Rows of a group at most, and about how many values in its lists: enough for the columns to compress well, few enough to hold. */
const rowsPerGroup = 50_000;
const valuesPerGroup = 4_000_000;

export class ParquetTable implements TableWriter {
  readonly #writer: Writer;
  readonly #parquet: ParquetWriter;
  readonly #columns: readonly ExportColumn[];
  #held: unknown[][];
  #values = 0;

  constructor(path: string, columns: readonly ExportColumn[]) {
    this.#columns = columns;
    this.#writer = fileWriter(path);
    this.#parquet = new ParquetWriter({ writer: this.#writer, schema: schemaOf(columns), createdBy: 'tastegraph' });
    this.#held = columns.map(() => []);
  }

  add(row: readonly CellValue[]): void {
    for (const [place, { type }] of this.#columns.entries()) {
      const value = row[place] ?? null;
      if (Array.isArray(value)) this.#values += value.length;
      this.#held[place]!.push(type === 'integer' && value !== null ? BigInt(value as number) : value);
    }
    if (this.#held[0]!.length >= rowsPerGroup || this.#values >= valuesPerGroup) this.#flush();
  }

  end(): void {
    this.#flush();
    void this.#parquet.finish(); // this writer is synchronous
  }

  #flush(): void {
    const rowGroupSize = this.#held[0]!.length;
    if (rowGroupSize === 0) return;
    const columnData = this.#columns.map(({ name }, place) => ({ name, data: this.#held[place]! }));
    void this.#parquet.write({ columnData, rowGroupSize });
    this.#held = this.#columns.map(() => []);
    this.#values = 0;
  }
}

type Leaf = Pick<SchemaElement, 'type' | 'converted_type'>;
const text: Leaf = { type: 'BYTE_ARRAY', converted_type: 'UTF8' };
const leaves: Readonly<Record<CellType, Leaf>> = {
  token: text,
  text,
  integer: { type: 'INT64' },
  float: { type: 'DOUBLE' },
  boolean: { type: 'BOOLEAN' },
  tokens: text,
  floats: { type: 'DOUBLE' },
};

/** Every column may be empty; lists in Parquet's own three levels, which other readers know. */
function schemaOf(columns: readonly ExportColumn[]): SchemaElement[] {
  return [
    { name: 'root', num_children: columns.length },
    ...columns.flatMap(({ name, type }): SchemaElement[] => {
      const leaf = leaves[type];
      if (type !== 'tokens' && type !== 'floats') return [{ name, repetition_type: 'OPTIONAL', ...leaf }];
      return [
        { name, repetition_type: 'OPTIONAL', num_children: 1, converted_type: 'LIST' },
        { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
        { name: 'element', repetition_type: 'REQUIRED', ...leaf },
      ];
    }),
  ];
}

/** Rows of Parquet files, a row group at a time: what is in memory is bounded by how the file was written, whatever its size. */
import { ParquetDecoder, type ParquetRow } from './parquetDecoder.ts';
import { malformed, openParquet } from './parquetFile.ts';
import { type FileReader, keptText, type Problem } from './reader.ts';
import type { BadLine, DataRecord } from './records.ts';
import type { DataFile } from './source.ts';

/** Largest row group that is read, in bytes of its values: all of it is held at once. */
const maxGroupBytes = 512 * 1024 * 1024;
/** Rows a batch; cut-off ingests are resumed between batches. */
const rowsPerBatch = 10_000;

/**
 * Reads rows; a place counts rows, and a bad row is told as its line.
 * Errors: data/malformed, where a row group cannot be read; compute/not-built.
 */
export function parquetReader(
  file: DataFile,
  parse: (row: ParquetRow, out: DataRecord[], line: number) => Problem | undefined,
): FileReader {
  return {
    file,
    async *read(from, bytesBefore) {
      const { metadata, close } = await openParquet(file.path, file.name);
      await close();
      const decoder = new ParquetDecoder(file.path, file.name);
      try {
        const total = Number(metadata.num_rows);
        let { read } = from;
        let groupStart = 0;
        for (const [g, { num_rows, total_byte_size }] of metadata.row_groups.entries()) {
          const start = groupStart;
          const end = start + Number(num_rows);
          groupStart = end;
          if (end <= from.offset) continue;
          const broken = (reason: string, cause?: unknown) =>
            malformed(file.name, start + 1, `row group ${g + 1}`, reason, cause);
          if (total_byte_size > maxGroupBytes)
            throw broken(`is larger than ${maxGroupBytes} bytes. Write the file with smaller row groups`);
          const group = { first: Math.max(start, from.offset), end, bytes: Number(total_byte_size), broken };
          // Cuts count from the group's first row, so that they are the same from any place on.
          for (let row = group.first; row < end; ) {
            const next = Math.min(end, row + rowsPerBatch - ((row - start) % rowsPerBatch));
            const records: DataRecord[] = [];
            const bad: BadLine[] = [];
            for (const [n, cells] of (await decoder.rows(group, row, next)).entries()) {
              const line = row + n + 1;
              const problem = parse(cells, records, line);
              if (problem) bad.push({ kind: 'bad', file: file.name, line, ...problem, text: textOf(cells) });
            }
            read += next - row;
            row = next;
            const bytes = bytesBefore + Math.floor((file.bytes * row) / total);
            yield { records, bad, next: { file: from.file, offset: row, line: row, read, bytes } };
          }
        }
      } finally {
        await decoder.close();
      }
    },
  };
}

const textOf = (row: ParquetRow): string =>
  JSON.stringify(row, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)).slice(0, keptText);

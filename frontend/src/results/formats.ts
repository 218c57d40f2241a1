/** Columns as a file in the formats that astronomers read. */
import Papa from "papaparse";
import type { Column } from "./columns";
import { fitsTable } from "./fits";

export const FORMATS = ["CSV", "Parquet", "FITS", "VOTable"] as const;
export type Format = (typeof FORMATS)[number];

export const ENDINGS: Record<Format, string> = { CSV: "csv", Parquet: "parquet", FITS: "fits", VOTable: "vot" };

export async function write(format: Format, columns: readonly Column[]): Promise<BlobPart> {
  switch (format) {
    case "CSV":
      return csv(columns);
    case "Parquet":
      return parquet(columns);
    case "FITS":
      return fitsTable(columns);
    case "VOTable":
      return votable(columns);
  }
}

const rowsOf = (columns: readonly Column[]) => columns[0]?.values.length ?? 0;

export function csv(columns: readonly Column[]): string {
  const rows = Array.from({ length: rowsOf(columns) }, (_, row) => columns.map(({ values }) => values[row] ?? ""));
  // A cell that a spreadsheet would take for a formula is made text.
  return Papa.unparse({ fields: columns.map(({ name }) => name), data: rows }, { escapeFormulae: /^[=@\t\r]/ });
}

async function parquet(columns: readonly Column[]): Promise<ArrayBuffer> {
  const { parquetWriteBuffer } = await import("hyparquet-writer");
  const types = { long: "INT64", double: "DOUBLE", text: "STRING" } as const;
  return parquetWriteBuffer({
    columnData: columns.map(({ name, type, values }) => ({ name, type: types[type], data: values, nullable: type !== "text" })),
  });
}

const ESCAPES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const xml = (text: string) => text.replace(/[&<>"]/g, (sign) => ESCAPES[sign]!);

export function votable(columns: readonly Column[]): string {
  const types = { long: 'datatype="long"', double: 'datatype="double"', text: 'datatype="unicodeChar" arraysize="*"' };
  const fields = columns.map(({ name, type }) => `<FIELD name="${xml(name)}" ${types[type]}/>`);
  const rows = Array.from(
    { length: rowsOf(columns) },
    (_, row) => `<TR>${columns.map(({ values }) => `<TD>${xml(String(values[row] ?? ""))}</TD>`).join("")}</TR>`,
  );
  return [
    '<?xml version="1.0" encoding="utf-8"?>',
    '<VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3"><RESOURCE><TABLE>',
    ...fields,
    "<DATA><TABLEDATA>",
    ...rows,
    "</TABLEDATA></DATA></TABLE></RESOURCE></VOTABLE>\n",
  ].join("\n");
}

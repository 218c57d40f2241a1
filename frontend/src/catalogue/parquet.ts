import { gunzipSync } from "fflate";
import { decompress } from "fzstd";
import { parquetMetadata, parquetReadObjects, parquetSchema } from "hyparquet";
import { type Table, cellText } from "./table";

/** What hyparquet does not unpack itself. Plain JavaScript: the page's policy compiles no WebAssembly. */
const compressors = { GZIP: (bytes: Uint8Array) => gunzipSync(bytes), ZSTD: (bytes: Uint8Array) => decompress(bytes) };

/** Parquet, plain or by Snappy, gzip or Zstandard; 64-bit integers keep every digit. At most `most` rows are read. */
export async function readParquet(bytes: Uint8Array, most: number): Promise<Table> {
  const file = bytes.slice().buffer;
  const metadata = parquetMetadata(file);
  const names = parquetSchema(metadata).children.map((child) => child.element.name);
  const rowEnd = Math.min(Number(metadata.num_rows), most);
  const objects = await parquetReadObjects({ file, metadata, compressors, rowEnd });
  const rows = objects.map((object) => names.map((name) => cellText(object[name])));
  return { names, rows, lines: rows.map((_, index) => index + 1), bad: [] };
}

/** Columns as a FITS binary table: FITS standard 4.0, section 7.3. */
import type { Column } from "./columns";

const BLOCK = 2880;
const CARD = 80;
/** Stands for a whole number that is missing. */
const NULL = -(2n ** 63n);

const card = (key: string, value: string) => `${key.padEnd(8)}= ${value.padStart(20)}`.padEnd(CARD);
const text = (key: string, value: string) => `${key.padEnd(8)}= '${value.replaceAll("'", "''").slice(0, 60).padEnd(8)}'`.padEnd(CARD);

function header(cards: string[]): Uint8Array {
  const joined = [...cards, "END".padEnd(CARD)].join("");
  return new TextEncoder().encode(joined.padEnd(Math.ceil(joined.length / BLOCK) * BLOCK));
}

/** FITS has ASCII alone. */
const ascii = (value: string) => value.replace(/[^\x20-\x7e]/g, "?");

export function fitsTable(columns: readonly Column[]): ArrayBuffer {
  const count = columns[0]?.values.length ?? 0;
  const widths = columns.map((column) => (column.type === "text" ? column.values.reduce((most, value) => Math.max(most, value.length), 1) : 8));
  const rowBytes = widths.reduce((sum, width) => sum + width, 0);
  const cards = [
    text("XTENSION", "BINTABLE"),
    card("BITPIX", "8"),
    card("NAXIS", "2"),
    card("NAXIS1", String(rowBytes)),
    card("NAXIS2", String(count)),
    card("PCOUNT", "0"),
    card("GCOUNT", "1"),
    card("TFIELDS", String(columns.length)),
  ];
  columns.forEach((column, index) => {
    cards.push(text(`TTYPE${index + 1}`, ascii(column.name)));
    cards.push(text(`TFORM${index + 1}`, { long: "1K", double: "1D", text: `${widths[index]}A` }[column.type]));
    if (column.type === "long") cards.push(card(`TNULL${index + 1}`, String(NULL)));
  });
  const primary = header([card("SIMPLE", "T"), card("BITPIX", "8"), card("NAXIS", "0"), card("EXTEND", "T")]);
  const extension = header(cards);
  const start = primary.length + extension.length;
  const bytes = new Uint8Array(start + Math.ceil((rowBytes * count) / BLOCK) * BLOCK);
  bytes.set(primary);
  bytes.set(extension, primary.length);
  const view = new DataView(bytes.buffer);
  let offset = start;
  columns.forEach((column, index) => {
    for (let row = 0; row < count; row += 1) {
      const at = offset + row * rowBytes;
      if (column.type === "long") view.setBigInt64(at, column.values[row] ?? NULL);
      else if (column.type === "double") view.setFloat64(at, column.values[row] ?? NaN);
      else {
        const value = ascii(column.values[row]!);
        for (let sign = 0; sign < widths[index]!; sign += 1) bytes[at + sign] = value.charCodeAt(sign) || 0;
      }
    }
    offset += widths[index]!;
  });
  return bytes.buffer;
}

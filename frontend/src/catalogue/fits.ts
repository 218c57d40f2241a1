/** FITS binary tables, as CasJobs and TOPCAT write them: FITS standard 4.0, section 7.3. npm has no kept library for them. */
import { FileFault, type Table, cellText } from "./table";

const BLOCK = 2880;
const CARD = 80;
/** The order of the five values of SDSS's vector columns. */
const BANDS = ["u", "g", "r", "i", "z"];
const SIZES: Record<string, number> = { L: 1, B: 1, A: 1, I: 2, J: 4, K: 8, E: 4, D: 8, P: 8, Q: 16, C: 8, M: 16 };

type Header = Map<string, string>;

interface Column {
  name: string;
  code: string;
  count: number;
  offset: number;
  scale: number;
  zero: string;
  missing: string | undefined;
}

function readHeader(bytes: Uint8Array, start: number): { header: Header; end: number } {
  const header: Header = new Map();
  for (let at = start; at + CARD <= bytes.length; at += CARD) {
    const card = String.fromCharCode(...bytes.subarray(at, at + CARD));
    const key = card.slice(0, 8).trim();
    if (key === "END") return { header, end: start + Math.ceil((at + CARD - start) / BLOCK) * BLOCK };
    if (card[8] !== "=") continue;
    const text = card.slice(10);
    const quoted = /^\s*'((?:[^']|'')*)'/.exec(text);
    header.set(key, quoted ? quoted[1]!.replaceAll("''", "'").trimEnd() : text.split("/")[0]!.trim());
  }
  throw new FileFault("unreadable", "FITS: no END card");
}

const whole = (header: Header, key: string, fallback = 0) => Number(header.get(key) ?? fallback);

function dataBytes(header: Header): number {
  const axes = whole(header, "NAXIS");
  if (axes === 0) return 0;
  let size = Math.abs(whole(header, "BITPIX")) / 8;
  for (let axis = 1; axis <= axes; axis += 1) size *= whole(header, `NAXIS${axis}`);
  return size + whole(header, "PCOUNT") * (Math.abs(whole(header, "BITPIX")) / 8);
}

function columnsOf(header: Header): Column[] {
  let offset = 0;
  return Array.from({ length: whole(header, "TFIELDS") }, (_, index) => {
    const [, count, code] = /^(\d*)([A-Z])/.exec(header.get(`TFORM${index + 1}`) ?? "") ?? [];
    const column: Column = {
      name: header.get(`TTYPE${index + 1}`) ?? `column${index + 1}`,
      code: code ?? "",
      count: count ? Number(count) : 1,
      offset,
      scale: Number(header.get(`TSCAL${index + 1}`) ?? 1),
      zero: header.get(`TZERO${index + 1}`) ?? "0",
      missing: header.get(`TNULL${index + 1}`),
    };
    const bytes = code === "X" ? Math.ceil(column.count / 8) : column.count * (SIZES[column.code] ?? NaN);
    if (Number.isNaN(bytes)) throw new FileFault("unreadable", `FITS: TFORM${index + 1}`);
    offset += bytes;
    return column;
  });
}

/** The value at an element of a column as text; big-endian, scaled, and nothing for what is masked. */
function value(view: DataView, at: number, column: Column): string {
  let raw: bigint | number;
  switch (column.code) {
    case "L":
      return { 84: "true", 70: "false" }[view.getUint8(at)] ?? "";
    case "B":
      raw = view.getUint8(at);
      break;
    case "I":
      raw = view.getInt16(at);
      break;
    case "J":
      raw = view.getInt32(at);
      break;
    case "K":
      raw = view.getBigInt64(at);
      break;
    case "E":
      return cellText(Number(view.getFloat32(at).toPrecision(8)) * column.scale + Number(column.zero));
    case "D":
      return cellText(view.getFloat64(at) * column.scale + Number(column.zero));
    default:
      return "";
  }
  if (column.missing !== undefined && String(raw) === column.missing) return "";
  if (column.scale === 1) return (BigInt(raw) + BigInt(Math.round(Number(column.zero)))).toString();
  return cellText(Number(raw) * column.scale + Number(column.zero));
}

/** Raises FileFault. */
export function readFits(bytes: Uint8Array): Table {
  for (let at = 0; at < bytes.length; ) {
    const { header, end } = readHeader(bytes, at);
    if (header.get("XTENSION") === "BINTABLE") return readRows(bytes, end, header);
    at = end + Math.ceil(dataBytes(header) / BLOCK) * BLOCK;
  }
  throw new FileFault("noTable");
}

function readRows(bytes: Uint8Array, start: number, header: Header): Table {
  const columns = columnsOf(header);
  const [rowBytes, count] = [whole(header, "NAXIS1"), whole(header, "NAXIS2")];
  if (start + rowBytes * count > bytes.length) throw new FileFault("unreadable", "FITS: the file is cut off");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const decoder = new TextDecoder("latin1");
  const taken: { name: string; read: (row: number) => string }[] = [];
  for (const column of columns) {
    if (column.code === "A") {
      const read = (row: number) => decoder.decode(bytes.subarray(row + column.offset, row + column.offset + column.count)).replace(/\0.*$/s, "").trim();
      taken.push({ name: column.name, read });
    } else if (column.count === 1) taken.push({ name: column.name, read: (row) => value(view, row + column.offset, column) });
    else if (column.count === BANDS.length) {
      for (const [index, band] of BANDS.entries())
        taken.push({ name: `${column.name}_${band}`, read: (row) => value(view, row + column.offset + index * SIZES[column.code]!, column) });
    }
  }
  const rows = Array.from({ length: count }, (_, index) => taken.map(({ read }) => read(start + index * rowBytes)));
  return { names: taken.map(({ name }) => name), rows, lines: rows.map((_, index) => index + 1), bad: [] };
}

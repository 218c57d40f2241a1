/** Bytes to a table: the format is told by what the file begins with, never by its name. */
import { readCsv, readJsonLines } from "./csv";
import { FileFault, type Table } from "./table";

const startsWith = (bytes: Uint8Array, ...start: number[]) => start.every((byte, index) => bytes[index] === byte);

/** Text in UTF-8, UTF-16 with a byte order mark, or Latin-1. */
export function decode(bytes: Uint8Array): string {
  if (startsWith(bytes, 0xff, 0xfe)) return new TextDecoder("utf-16le").decode(bytes);
  if (startsWith(bytes, 0xfe, 0xff)) return new TextDecoder("utf-16be").decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

async function gunzip(bytes: Uint8Array): Promise<Uint8Array> {
  const { Gunzip } = await import("fflate");
  const pieces: Uint8Array[] = [];
  const stream = new Gunzip((piece) => pieces.push(piece));
  stream.push(bytes, true);
  return new Uint8Array(await new Blob(pieces as BlobPart[]).arrayBuffer());
}

async function unzip(bytes: Uint8Array): Promise<Uint8Array> {
  const { unzipSync } = await import("fflate");
  const files = Object.entries(unzipSync(bytes)).filter(([name, content]) => content.length > 0 && !name.startsWith("__MACOSX"));
  if (files.length !== 1) throw new FileFault("unreadable", `zip: ${files.length} files`);
  return files[0]![1];
}

/** The table in a file. Of formats that allow it, `most` rows at the most are read. Raises FileFault. */
export async function openTable(bytes: Uint8Array, most: number): Promise<Table> {
  if (bytes.length === 0) throw new FileFault("noRows");
  if (startsWith(bytes, 0x1f, 0x8b)) return openTable(await gunzip(bytes), most);
  if (startsWith(bytes, 0x50, 0x4b, 0x03, 0x04)) return openTable(await unzip(bytes), most);
  if (startsWith(bytes, 0x42, 0x5a, 0x68)) throw new FileFault("compression", "bzip2");
  if (startsWith(bytes, 0x28, 0xb5, 0x2f, 0xfd)) return openTable((await import("fzstd")).decompress(bytes), most);
  if (startsWith(bytes, 0x50, 0x41, 0x52, 0x31)) return (await import("./parquet")).readParquet(bytes, most);
  if (decode(bytes.subarray(0, 9)) === "SIMPLE  =") return (await import("./fits")).readFits(bytes);
  const text = decode(bytes).replace(/^\uFEFF/, "");
  const start = text.trimStart();
  if (start.startsWith("<")) return (await import("./votable")).readVotable(start);
  return start.startsWith("{") ? readJsonLines(text) : readCsv(text);
}

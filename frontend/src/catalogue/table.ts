/** A file as a table of text, before anybody knows what its columns mean. Text, because numbers round 64-bit identifiers. */

export interface Table {
  /** Of the columns; empty where the file names none. */
  names: string[];
  rows: string[][];
  /** Line of each row in the file, from 1; the row's number where the format has no lines. */
  lines: number[];
  bad: BadLine[];
}

/** A line that is no row: not dropped in silence, but listed. */
export interface BadLine {
  line: number;
  kind: "width" | "quote" | "json";
  /** Cells found and cells expected, where the width is wrong. */
  found?: number;
  expected?: number;
}

/** What is wrong with a file as a whole. */
export class FileFault extends Error {
  constructor(
    readonly kind: "noRows" | "compression" | "noTable" | "votableBinary" | "unreadable",
    readonly reason = "",
  ) {
    super(reason || kind);
  }
}

/** A value as text: whole numbers with all of their digits, nothing for what is missing. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") {
    if (!Number.isFinite(value)) return "";
    return Number.isInteger(value) && Math.abs(value) >= 1e15 ? BigInt(value).toString() : String(value);
  }
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  return typeof value === "object" ? JSON.stringify(value, (_, each: unknown) => (typeof each === "bigint" ? String(each) : each)) : String(value as string);
}

/** Text tables: any delimiter, comment lines, quoted cells. What cannot be a row is listed with its line. */
import Papa from "papaparse";
import { isNumber } from "../objects/validate";
import { type BadLine, FileFault, type Table } from "./table";

const DELIMITERS = [",", ";", "\t", "|"] as const;
const BLANKS = /[ \t]+/;

interface Line {
  number: number;
  text: string;
}

/** The delimiter that the first lines agree on; null stands for blanks. */
function delimiterOf(lines: readonly Line[]): string | null {
  const first = lines.slice(0, 10);
  let best: string | null = null;
  let most = 0;
  for (const each of DELIMITERS) {
    const counts = first.map((line) => cells(line.text, each)?.length ?? 0);
    const width = counts[0]!;
    const agreeing = counts.filter((count) => count === width).length;
    if (width > 1 && agreeing * width > most) [best, most] = [each, agreeing * width];
  }
  return best;
}

/** The cells of one line; null where a quote is not closed or stands in the middle of a cell. */
function cells(text: string, delimiter: string | null): string[] | null {
  if (!text.includes('"')) return (delimiter === null ? text.trim().split(BLANKS) : text.split(delimiter)).map((cell) => cell.trim());
  const parsed = Papa.parse<string[]>(delimiter === null ? text.trim().replace(/[ \t]+/g, " ") : text, { delimiter: delimiter ?? " " });
  if (parsed.errors.some((error) => error.type === "Quotes") || parsed.data.length !== 1) return null;
  return parsed.data[0]!.map((cell) => cell.trim());
}

/** A cell of a quoted text may hold line ends; lines are joined only where the closing quote is found before the next whole row. */
function joined(lines: readonly Line[], delimiter: string | null, width: number): { row: string[]; used: number } | null {
  let text = lines[0]!.text;
  for (let used = 1; used < Math.min(lines.length, 20); used += 1) {
    if (cells(lines[used]!.text, delimiter)?.length === width) return null;
    text += `\n${lines[used]!.text}`;
    const row = cells(text, delimiter);
    if (row?.length === width) return { row, used: used + 1 };
  }
  return null;
}

/** Trailing delimiters make empty cells, which do not count. */
function trimmed(row: string[], width: number): string[] {
  let end = row.length;
  while (end > width && row[end - 1] === "") end -= 1;
  return end < row.length ? row.slice(0, end) : row;
}

function isData(row: readonly string[]): boolean {
  const told = row.filter((cell) => cell !== "");
  return told.length > 0 && told.filter((cell) => isNumber(cell) || /^(nan|null)$/i.test(cell)).length >= 0.6 * told.length;
}

/** Raises FileFault. */
export function readCsv(text: string): Table {
  const all = text.split(/\r\n|\n|\r/).map((line, index): Line => ({ number: index + 1, text: line }));
  const comments: Line[] = [];
  const lines = all.filter((line) => {
    if (!line.text.startsWith("#")) return line.text.trim() !== "";
    comments.push(line);
    return false;
  });
  if (lines.length === 0) throw new FileFault("noRows");
  const delimiter = delimiterOf(lines);
  const first = cells(lines[0]!.text, delimiter) ?? [];
  const headed = !isData(first);
  // `# ra dec u g r i z` above bare rows names the columns.
  const above = comments.filter((line) => line.number < lines[0]!.number).at(-1);
  const named = above ? cells(above.text.replace(/^#+\s*/, ""), delimiter) : null;
  const names = headed ? trimmed(first, first.findLastIndex((name) => name !== "") + 1) : named?.length === first.length ? named : [];
  const width = names.length || trimmed(first, 1).length;
  const table: Table = { names, rows: [], lines: [], bad: [] };
  const decimalComma = delimiter === ";";
  for (let at = headed ? 1 : 0; at < lines.length; at += 1) {
    const line = lines[at]!;
    let row = cells(line.text, delimiter);
    if (row === null) {
      const found = joined(lines.slice(at, at + 20), delimiter, width);
      if (found) {
        row = found.row;
        at += found.used - 1;
      }
    }
    const problem = row === null ? ({ line: line.number, kind: "quote" } satisfies BadLine) : null;
    if (row) row = trimmed(row, width);
    if (!row || row.length !== width) {
      table.bad.push(problem ?? { line: line.number, kind: "width", found: row!.length, expected: width });
      continue;
    }
    table.rows.push(decimalComma ? row.map((cell) => (/^[+-]?\d+,\d+$/.test(cell) ? cell.replace(",", ".") : cell)) : row);
    table.lines.push(line.number);
  }
  return table;
}

/** JSON Lines: one object a line. Long numbers are quoted before they are read, so that none of their digits is lost. */
export function readJsonLines(text: string): Table {
  const table: Table = { names: [], rows: [], lines: [], bad: [] };
  const columns = new Map<string, number>();
  text.split(/\r?\n/).forEach((line, index) => {
    if (line.trim() === "") return;
    try {
      const content = JSON.parse(line.replace(/(:\s*)(-?\d[\d.eE+-]*)/g, '$1"$2"')) as Record<string, unknown>;
      const object = (content["features"] ?? content) as Record<string, unknown>;
      const row: string[] = [];
      for (const [name, value] of Object.entries(object)) {
        if (!columns.has(name)) columns.set(name, columns.size);
        row[columns.get(name)!] = value === null ? "" : String(value);
      }
      table.rows.push(row);
      table.lines.push(index + 1);
    } catch {
      table.bad.push({ line: index + 1, kind: "json" });
    }
  });
  table.names = [...columns.keys()];
  table.rows = table.rows.map((row) => table.names.map((_, column) => row[column] ?? ""));
  return table;
}

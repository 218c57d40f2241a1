/** A file of objects: its table, with every column's meaning known or asked for. */
import type { ClassName } from "../api/client";
import { FIELDS, type Values } from "../objects/fields";
import { type Mapping, type Matching, matchColumns } from "./columns";
import { openTable } from "./open";
import { type BadLine, FileFault } from "./table";

export const MOST_ROWS = 100_000;
/** Rows that the question shows, to tell columns by. */
const SHOWN = 3;
/** Fewer columns than bands cannot be a catalogue, whatever they mean. */
const FEWEST_COLUMNS = 5;

export interface Row {
  /** Of the line in the file. */
  line: number;
  values: Values;
  /** The file's own cells, all of them. */
  cells: string[];
  truth: ClassName | null;
}

export interface Catalogue {
  kind: "catalogue";
  columns: string[];
  rows: Row[];
  bad: BadLine[];
  /** Whether rows beyond the most that are taken were left out. */
  cut: boolean;
  otherMagnitudes: Matching["otherMagnitudes"];
}

export interface Question {
  kind: "question";
  why: NonNullable<Matching["question"]>;
  columns: string[];
  sample: string[][];
  matching: Matching;
}

export interface Answers {
  mapping: Mapping;
  truth: number | null;
}

export type CatalogueFault = { kind: FileFault["kind"] | "missingColumns"; reason?: string; names?: string; columns?: string };

const MISSING = /^(-9999(\.0*)?|nan|null|none|n\/a|na|--|masked|[+-]?inf(inity)?)$/i;
const TRUTHS: Record<string, ClassName> = { GALAXY: "GALAXY", QSO: "QSO", OSO: "QSO", QUASAR: "QSO", STAR: "STAR" };

/** Reads a file; where its names do not decide, a question is given back, which `answers` settle. */
export async function readCatalogue(bytes: Uint8Array, answers: Answers | null = null): Promise<Catalogue | Question | CatalogueFault> {
  try {
    const table = await openTable(bytes, MOST_ROWS + 1);
    const width = table.names.length || (table.rows[0]?.length ?? 0);
    const matching = matchColumns(table.names, width);
    const columns = table.names.length > 0 ? table.names : Array.from({ length: width }, (_, column) => `${column + 1}`);
    if (table.rows.length + table.bad.length === 0) return { kind: "noRows" };
    if (matching.question && !answers) {
      if (width < FEWEST_COLUMNS) return { kind: "missingColumns", names: matching.missing.join(", ") || "u, g, r, i, z", columns: columns.join(", ") };
      return { kind: "question", why: matching.question, columns, sample: table.rows.slice(0, SHOWN), matching };
    }
    const { mapping, truth } = answers ?? matching;
    const rows = table.rows.slice(0, MOST_ROWS).map((cells, index): Row => ({
      line: table.lines[index]!,
      values: valuesOf(cells, mapping),
      cells,
      truth: truth === null ? null : (TRUTHS[cells[truth]!.trim().toUpperCase()] ?? null),
    }));
    return { kind: "catalogue", columns, rows, bad: table.bad, cut: table.rows.length > MOST_ROWS, otherMagnitudes: answers ? null : matching.otherMagnitudes };
  } catch (error) {
    if (error instanceof FileFault) return { kind: error.kind, reason: error.reason };
    return { kind: "unreadable", reason: error instanceof Error ? error.message : String(error) };
  }
}

function valuesOf(cells: readonly string[], mapping: Mapping): Values {
  const values: Values = {};
  for (const { name } of FIELDS) {
    const column = mapping[name];
    if (column === undefined) continue;
    const text = cells[column]!.trim();
    values[name] = MISSING.test(text) ? "" : text;
  }
  return values;
}


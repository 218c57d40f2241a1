/** Reads an object that was pasted: as JSON, or as a row of CSV with or without the line of names before it. */
import Papa from "papaparse";
import { FIELDS, type Values } from "./fields";

/** The columns of the SDSS DR17 file, in its order; a row without names is taken to have these. */
const CATALOGUE = "obj_ID alpha delta u g r i z run_ID rerun_ID cam_col field_ID spec_obj_ID class redshift plate MJD fiber_ID".split(" ");

export class PasteError extends Error {}

export function parsePasted(text: string): Values {
  const trimmed = text.trim();
  if (trimmed === "") throw new PasteError("empty");
  return trimmed.startsWith("{") ? fromJson(trimmed) : fromCsv(trimmed);
}

function chosen(found: Record<string, string>): Values {
  const values: Values = {};
  for (const { name } of FIELDS) if (found[name] !== undefined) values[name] = found[name];
  if (Object.keys(values).length === 0) throw new PasteError("no field of an object is in it");
  return values;
}

function fromJson(text: string): Values {
  let content: unknown;
  try {
    // Long numbers are quoted before they are read, so that none of their digits is lost.
    content = JSON.parse(text.replace(/(:\s*)(-?\d[\d.eE+-]*)/g, '$1"$2"'));
  } catch (error) {
    throw new PasteError(error instanceof Error ? error.message : "not JSON");
  }
  const outer = content as Record<string, unknown>;
  const inner = (outer["features"] ?? outer) as Record<string, unknown>;
  return chosen(Object.fromEntries(Object.entries(inner).map(([name, value]) => [name, value === null ? "" : String(value)])));
}

function fromCsv(text: string): Values {
  const rows = Papa.parse<string[]>(text, { skipEmptyLines: true, delimiter: text.includes("\t") ? "\t" : "," }).data;
  const first = rows[0] ?? [];
  const named = first.some((cell) => CATALOGUE.includes(cell.trim()));
  const names = named ? first.map((cell) => cell.trim()) : first.length === FIELDS.length ? FIELDS.map((field) => field.name) : CATALOGUE;
  const row = named ? rows[1] : first;
  if (!row) throw new PasteError("there is no row below the names");
  if (row.length !== names.length) throw new PasteError(`${row.length} values for ${names.length} columns`);
  return chosen(Object.fromEntries(names.map((name, column) => [name, row[column]!.trim()])));
}

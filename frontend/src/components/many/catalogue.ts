/** A CSV file of objects, read in a worker so that the page stays quick. */
import Papa from "papaparse";
import { FIELDS, type Values } from "../../objects/fields";

export const MOST_ROWS = 100_000;

export interface Catalogue {
  rows: Values[];
  /** Whether rows beyond the most that are taken were left out. */
  cut: boolean;
}

export type CatalogueFault = { kind: "missingColumns"; names: string } | { kind: "noRows" } | { kind: "unreadable"; reason: string };

/** Reads CSV text; what is wrong with it as a whole is told as a fault. */
export function readCatalogue(text: string): Catalogue | CatalogueFault {
  const parsed = Papa.parse<Values>(text.replace(/^\uFEFF/, ""), {
    header: true,
    skipEmptyLines: true,
    preview: MOST_ROWS + 1,
    transformHeader: (name) => name.trim(),
  });
  const columns = parsed.meta.fields ?? [];
  const missing = FIELDS.filter((field) => field.required && !columns.includes(field.name)).map((field) => field.name);
  if (missing.length > 0) return { kind: "missingColumns", names: missing.join(", ") };
  if (parsed.data.length === 0) return { kind: "noRows" };
  return { rows: parsed.data.slice(0, MOST_ROWS), cut: parsed.data.length > MOST_ROWS };
}

/** Results as a file: the columns that came in, the answer, and what was wrong. */
import Papa from "papaparse";
import { CLASSES } from "../../api/client";
import type { Result } from "./batches";

export function resultsCsv(results: readonly Result[]): string {
  return Papa.unparse(
    results.map(({ values, prediction, problems }) => ({
      ...values,
      label: prediction?.label ?? "",
      ...Object.fromEntries(CLASSES.map((name) => [`probability_${name}`, prediction?.probabilities[name] ?? ""])),
      model_version: prediction?.model_version ?? "",
      model_variant: prediction?.model_variant ?? "",
      warnings: prediction?.warnings.join("; ") ?? "",
      errors: problems.map((problem) => `${fieldOf(problem.field)}: ${problem.limit ?? problem.message}`).join("; "),
    })),
    // A cell that a spreadsheet would take for a formula is made text.
    { escapeFormulae: /^[=@\t\r]/ },
  );
}

/** `instances[3].delta` → `delta`. */
export function fieldOf(path: string): string {
  return path.replace(/^instances\[\d+\]\.?/, "") || path;
}

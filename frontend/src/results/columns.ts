/** Results as typed columns: all that the file had, then the answer. The formats are written from these. */
import { CLASSES } from "../api/client";
import type { Result } from "../components/many/batches";
import { isNumber } from "../objects/validate";

export type Column =
  | { name: string; type: "long"; values: (bigint | null)[] }
  | { name: string; type: "double"; values: (number | null)[] }
  | { name: string; type: "text"; values: string[] };

const LONGEST = 2n ** 63n - 1n;

/** `instances[3].delta` → `delta`. */
export function fieldOf(path: string): string {
  return path.replace(/^instances\[\d+\]\.?/, "") || path;
}

/** Whole numbers of 64 bits stay whole; what is no number in any row makes the column text. */
function typed(name: string, texts: string[]): Column {
  const told = texts.filter((text) => text !== "");
  if (told.length > 0 && told.every((text) => /^-?\d{1,19}$/.test(text) && BigInt(text) <= LONGEST && BigInt(text) >= -LONGEST))
    return { name, type: "long", values: texts.map((text) => (text === "" ? null : BigInt(text))) };
  const number = (text: string) => text === "" || isNumber(text) || /^nan$/i.test(text);
  if (told.length > 0 && told.every(number) && !told.some((text) => /^\d{16,}/.test(text)))
    return { name, type: "double", values: texts.map((text) => (isNumber(text) ? Number(text) : null)) };
  return { name, type: "text", values: texts };
}

/** `columns` are the names in the file. A name that the answer needs is kept for the answer; the file's own is then `input_…`. */
export function resultColumns(results: readonly Result[], columns: readonly string[]): Column[] {
  const answer: Column[] = [
    { name: "label", type: "text", values: results.map(({ prediction }) => prediction?.label ?? "") },
    ...CLASSES.map((name): Column => ({ name: `probability_${name}`, type: "double", values: results.map(({ prediction }) => prediction?.probabilities[name] ?? null) })),
    { name: "model_version", type: "text", values: results.map(({ prediction }) => prediction?.model_version ?? "") },
    { name: "model_variant", type: "text", values: results.map(({ prediction }) => prediction?.model_variant ?? "") },
    { name: "novelty", type: "double", values: results.map(({ prediction }) => prediction?.novelty ?? null) },
    { name: "reliable", type: "text", values: results.map(({ prediction }) => prediction?.reliable?.toString() ?? "") },
    { name: "warnings", type: "text", values: results.map(({ prediction }) => prediction?.warnings.join("; ") ?? "") },
    { name: "errors", type: "text", values: results.map(({ problems }) => problems.map((each) => `${fieldOf(each.field)}: ${each.limit ?? each.message}`).join("; ")) },
  ];
  const reserved = new Set(answer.map(({ name }) => name.toLowerCase()));
  const own = columns.map((name, column) => {
    let free = name;
    while (reserved.has(free.toLowerCase())) free = `input_${free}`;
    reserved.add(free.toLowerCase());
    return typed(free, results.map(({ cells }) => cells[column] ?? ""));
  });
  return [...own, ...answer];
}

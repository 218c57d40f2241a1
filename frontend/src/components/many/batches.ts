/** Rows to predictions, batch after batch. */
import { type BatchAnswer, type FieldProblem, type Prediction, call } from "../../api/client";
import type { Config } from "../../api/config";
import type { Values } from "../../objects/fields";
import { objectJson } from "../../objects/json";
import type { Catalogue, CatalogueFault } from "./catalogue";

/** Rows in one call: small enough that progress is seen and a cancel is soon felt. */
const BATCH = 2_000;

export interface Result {
  /** Of the row in the file; the first is 1. */
  row: number;
  values: Values;
  prediction: Prediction | null;
  problems: FieldProblem[];
}

export function parseFile(file: File): Promise<Catalogue | CatalogueFault> {
  const worker = new Worker(new URL("./catalogue.worker.ts", import.meta.url), { type: "module" });
  return new Promise<Catalogue | CatalogueFault>((resolve) => {
    worker.onmessage = (event: MessageEvent<Catalogue | CatalogueFault>) => resolve(event.data);
    worker.onerror = (event) => resolve({ kind: "unreadable", reason: event.message });
    worker.postMessage(file);
  }).finally(() => worker.terminate());
}

/** The results of each batch as they come. Raises ServiceError; AbortError once `signal` says so. */
export async function* classify(rows: Values[], config: Config, signal: AbortSignal): AsyncGenerator<Result[]> {
  for (let start = 0; start < rows.length; start += BATCH) {
    const batch = rows.slice(start, start + BATCH);
    const body = `{"instances": [${batch.map((values) => objectJson(values)).join(",")}]}`;
    const answer = await call<BatchAnswer>(`${config.apiUrl}/predict/batch`, body, signal);
    const problems = new Map(answer.errors.map((error) => [error.index, error.violations]));
    yield batch.map((values, index) => ({
      row: start + index + 1,
      values,
      prediction: answer.predictions[index] ?? null,
      problems: problems.get(index) ?? [],
    }));
  }
}

/** Rows to predictions, batch after batch. */
import { type BatchAnswer, type FieldProblem, type Prediction, call } from "../../api/client";
import type { Config } from "../../api/config";
import type { Answers, Catalogue, CatalogueFault, Question, Row } from "../../catalogue/catalogue";
import { objectJson } from "../../objects/json";

/** Rows in one call: small enough that progress is seen and a cancel is soon felt. */
const BATCH = 2_000;

export interface Result extends Row {
  prediction: Prediction | null;
  problems: FieldProblem[];
}

export function parseFile(file: File, answers: Answers | null): Promise<Catalogue | Question | CatalogueFault> {
  const worker = new Worker(new URL("../../catalogue/catalogue.worker.ts", import.meta.url), { type: "module" });
  return new Promise<Catalogue | Question | CatalogueFault>((resolve) => {
    worker.onmessage = (event: MessageEvent<Catalogue | Question | CatalogueFault>) => resolve(event.data);
    worker.onerror = (event) => resolve({ kind: "unreadable", reason: event.message });
    worker.postMessage({ file, answers });
  }).finally(() => worker.terminate());
}

/** The results of each batch as they come, from row `from` on. Raises ServiceError; AbortError once `signal` says so. */
export async function* classify(rows: Row[], from: number, config: Config, signal: AbortSignal): AsyncGenerator<Result[]> {
  for (let start = from; start < rows.length; start += BATCH) {
    const batch = rows.slice(start, start + BATCH);
    const body = `{"instances": [${batch.map(({ values }) => objectJson(values)).join(",")}]}`;
    const answer = await call<BatchAnswer>(`${config.apiUrl}/predict/batch`, body, signal);
    const problems = new Map(answer.errors.map((error) => [error.index, error.violations]));
    yield batch.map((row, index) => ({ ...row, prediction: answer.predictions[index] ?? null, problems: problems.get(index) ?? [] }));
  }
}

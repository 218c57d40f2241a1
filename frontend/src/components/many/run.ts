/** One run over a file. It lives above the sections: a visit to another one neither ends it nor loses its results. */
import { useSyncExternalStore } from "react";
import type { Config } from "../../api/config";
import type { Answers, Catalogue, CatalogueFault, Question } from "../../catalogue/catalogue";
import { type Result, classify, parseFile } from "./batches";

export interface Run {
  state: "idle" | "reading" | "asking" | "classifying" | "done" | "cancelled" | "failed";
  name: string;
  catalogue: Catalogue | null;
  question: Question | null;
  results: Result[];
  fault: CatalogueFault | null;
  error: unknown;
}

const IDLE: Run = { state: "idle", name: "", catalogue: null, question: null, results: [], fault: null, error: null };

export class Runner {
  private run = IDLE;
  private file: File | null = null;
  private abort = new AbortController();
  private readonly listeners = new Set<() => void>();

  constructor(private readonly parse: typeof parseFile = parseFile) {}

  readonly subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };

  readonly look = () => this.run;

  readonly cancel = () => this.abort.abort();

  private set(own: AbortController, change: Partial<Run>) {
    if (this.abort !== own) return; // another file was chosen meanwhile
    this.run = { ...this.run, ...change };
    for (const listener of this.listeners) listener();
  }

  private begin(): AbortController {
    this.abort.abort();
    this.abort = new AbortController();
    return this.abort;
  }

  async start(file: File, config: Config, answers: Answers | null = null): Promise<void> {
    const own = this.begin();
    this.file = file;
    this.set(own, { ...IDLE, state: "reading", name: file.name });
    const read = await this.parse(file, answers);
    if (own.signal.aborted) return this.set(own, { state: "cancelled" });
    if (read.kind === "question") return this.set(own, { state: "asking", question: read });
    if (read.kind !== "catalogue") return this.set(own, { state: "failed", fault: read });
    this.set(own, { catalogue: read });
    await this.classify(own, read, config);
  }

  /** What the columns mean, as the user tells. */
  async answer(answers: Answers, config: Config): Promise<void> {
    if (this.file) await this.start(this.file, config, answers);
  }

  /** Goes on after the last row that was answered. */
  async resume(config: Config): Promise<void> {
    const { catalogue } = this.run;
    if (catalogue) await this.classify(this.begin(), catalogue, config);
    else if (this.file) await this.start(this.file, config);
  }

  private async classify(own: AbortController, catalogue: Catalogue, config: Config): Promise<void> {
    this.set(own, { state: "classifying", error: null });
    try {
      for await (const batch of classify(catalogue.rows, this.run.results.length, config, own.signal)) {
        if (own.signal.aborted) break;
        this.set(own, { results: [...this.run.results, ...batch] });
      }
      this.set(own, { state: own.signal.aborted ? "cancelled" : "done" });
    } catch (error) {
      this.set(own, own.signal.aborted ? { state: "cancelled" } : { state: "failed", error });
    }
  }
}

export const runner = new Runner();

export function useRun(): Run {
  return useSyncExternalStore(runner.subscribe, runner.look);
}

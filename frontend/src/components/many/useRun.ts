/** One run over a file: reading, classifying, done, cancelled or failed. */
import { useCallback, useEffect, useRef, useState } from "react";
import type { Config } from "../../api/config";
import { type Result, classify, parseFile } from "./batches";
import type { CatalogueFault } from "./catalogue";

export interface Run {
  state: "idle" | "reading" | "classifying" | "done" | "cancelled" | "failed";
  total: number;
  cut: boolean;
  results: Result[];
  fault: CatalogueFault | null;
  error: unknown;
}

const IDLE: Run = { state: "idle", total: 0, cut: false, results: [], fault: null, error: null };

export function useRun(config: Config) {
  const [run, setRun] = useState<Run>(IDLE);
  const [file, setFile] = useState<File | null>(null);
  const abort = useRef<AbortController | null>(null);
  const cancel = useCallback(() => abort.current?.abort(), []);
  useEffect(() => cancel, [cancel]);

  async function start(chosen: File) {
    cancel();
    const own = new AbortController();
    abort.current = own;
    const set = (change: Partial<Run>) => {
      if (abort.current === own) setRun((before) => ({ ...before, ...change }));
    };
    setFile(chosen);
    setRun({ ...IDLE, state: "reading" });
    const read = await parseFile(chosen);
    if ("kind" in read) return set({ state: "failed", fault: read });
    set({ state: "classifying", total: read.rows.length, cut: read.cut });
    const results: Result[] = [];
    try {
      for await (const batch of classify(read.rows, config, own.signal)) {
        results.push(...batch);
        set({ results: [...results] });
      }
      set({ state: "done" });
    } catch (error) {
      set(own.signal.aborted ? { state: "cancelled" } : { state: "failed", error });
    }
  }

  return { run, cancel, start, retry: () => file && void start(file) };
}

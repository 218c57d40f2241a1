/** What was asked before, newest first. */
import type { Answered } from "./api/predict";
import { readStored, writeStored } from "./stored";

export interface Entry extends Answered {
  id: number;
  /** ISO 8601. */
  time: string;
}

const KEY = "history";
const KEPT = 500;

export function readHistory(): Entry[] {
  return readStored<Entry[]>(KEY, []);
}

export function remember(answered: Answered): void {
  const entry: Entry = { ...answered, id: Date.now() + Math.random(), time: new Date().toISOString() };
  writeStored(KEY, [entry, ...readHistory()].slice(0, KEPT));
}

export function forgetHistory(): void {
  writeStored(KEY, []);
}

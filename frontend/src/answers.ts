/** Opens an answer that was given elsewhere on the page in the section that shows one object whole. */
import type { Answered } from "./api/predict";
import { writeStored } from "./stored";

export function showAnswer(answered: Answered): void {
  writeStored("object", answered.values);
  writeStored("answer", answered);
  location.hash = "#/classify";
}

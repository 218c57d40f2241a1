/** What is wrong with what was typed, before it is sent. The API has the last word. */
import { FIELDS, type Field, type Values } from "./fields";

export type Fault = "missing" | "number" | "whole" | "range";

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

export function isNumber(text: string): boolean {
  return NUMBER.test(text.trim());
}

export function fault(field: Field, text: string): Fault | null {
  const trimmed = text.trim();
  if (trimmed === "") return field.required ? "missing" : null;
  if (!isNumber(trimmed)) return "number";
  const value = Number(trimmed);
  if (field.whole && !Number.isInteger(value)) return "whole";
  return value < field.minimum || value > field.maximum || !Number.isFinite(value) ? "range" : null;
}

export function faults(values: Values): Record<string, Fault> {
  const found: Record<string, Fault> = {};
  for (const field of FIELDS) {
    const wrong = fault(field, values[field.name] ?? "");
    if (wrong) found[field.name] = wrong;
  }
  return found;
}

/** An object as JSON text, made without numbers in between: they would round the catalogue's 64-bit identifiers. */
import { FIELDS, type Values } from "./fields";
import { isNumber } from "./validate";

/** A number's text as JSON allows it: no plus sign, and a digit on either side of the point. */
function literal(text: string): string {
  const [, sign, rest] = /^([+-]?)(.*)$/.exec(text.trim())!;
  const padded = rest!.replace(/^\./, "0.").replace(/\.(?=e|$)/i, "");
  const plain = padded.replace(/^0+(?=\d)/, "");
  return `${sign === "-" ? "-" : ""}${plain}`;
}

function value(text: string): string {
  const trimmed = text.trim();
  if (trimmed === "") return "null";
  return isNumber(trimmed) ? literal(trimmed) : JSON.stringify(trimmed);
}

/** `{"obj_ID": 1, …}`; what is no number is sent as it is, for the API to say so. */
export function objectJson(values: Values, name: (field: string) => string = (field) => field): string {
  const sent = FIELDS.filter((field) => field.required || (values[field.name] ?? "").trim() !== "");
  return `{${sent.map((field) => `${JSON.stringify(name(field.name))}: ${value(values[field.name] ?? "")}`).join(", ")}}`;
}

/** An object in the address's hash: a link that shows it to somebody else. The hash is not sent to any server. */
import { FIELDS, type Values } from "./fields";

const START = "#/classify?";

export function linkHash(values: Values): string {
  const told = FIELDS.map(({ name }) => [name, (values[name] ?? "").trim()]).filter(([, text]) => text !== "");
  return `${START}${new URLSearchParams(told as [string, string][]).toString()}`;
}

/** The object of a link; null where the hash has none. */
export function linkedObject(hash: string): Values | null {
  if (!hash.startsWith(START)) return null;
  const parameters = new URLSearchParams(hash.slice(START.length));
  const values: Values = {};
  for (const { name } of FIELDS) {
    const text = parameters.get(name);
    if (text !== null) values[name] = text;
  }
  return Object.keys(values).length > 0 ? values : null;
}

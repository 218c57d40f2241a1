/** The sixteen columns of an object, with their limits, as the API's own document gives them. */
import { components } from "../api/openapi.json";

interface Schema {
  type?: string;
  minimum?: number;
  maximum?: number;
  "x-unit"?: string;
  "x-typical"?: number[];
  anyOf?: { type?: string; minimum?: number; maximum?: number }[];
}

export interface Field {
  name: string;
  unit: string;
  minimum: number;
  maximum: number;
  /** Whether only whole numbers are allowed. */
  whole: boolean;
  required: boolean;
  /** Values outside this range are answered with a warning. */
  typical: [number, number] | null;
}

/** What is typed into the form: text by field name. Text, because catalogue identifiers have more digits than numbers. */
export type Values = Record<string, string>;

const schema = components.schemas.StarFeatures;
const required = new Set<string>(schema.required);

function field(name: string, property: Schema): Field {
  const first = property.anyOf?.[0] ?? property;
  return {
    name,
    unit: property["x-unit"] ?? "",
    minimum: first.minimum ?? -Infinity,
    maximum: first.maximum ?? Infinity,
    whole: first.type === "integer" && !property.anyOf?.some((each) => each.type === "number"),
    required: required.has(name),
    typical: property["x-typical"] ? [property["x-typical"][0]!, property["x-typical"][1]!] : null,
  };
}

export const FIELDS: readonly Field[] = Object.entries(schema.properties as Record<string, Schema>).map(([name, property]) =>
  field(name, property),
);

/** The fields that decide the class come first in the form; the others only travel with the object. */
export const DECIDING: readonly string[] = ["u", "g", "r", "i", "z", "redshift"];

/** The limits of a field as text, as `-90 … 90` or `≥ 0`. */
export function limits(field: Field): string {
  if (field.maximum === Infinity) return `≥ ${field.minimum}`;
  return `${field.minimum} … ${field.maximum}`;
}

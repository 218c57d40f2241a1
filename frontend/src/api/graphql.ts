/** The same question over GraphQL. */
import { type Prediction, ServiceError, call } from "./client";
import PREDICT from "./predict.graphql?raw";
import type { Values } from "../objects/fields";
import { objectJson } from "../objects/json";

interface Answer {
  data: { predict: GraphqlPrediction | null } | null;
  errors?: { message: string; extensions?: { field?: string; limit?: string } }[];
}

interface GraphqlPrediction {
  intOutput: number;
  strOutput: string;
  label: string;
  probabilities: Prediction["probabilities"];
  modelVersion: string;
  modelVariant: Prediction["model_variant"];
  warnings: string[];
  novelty: number | null;
  reliable: boolean | null;
  objID: string | null;
  specObjID: string | null;
}

/** `cam_col` → `camCol`. */
function camelCase(name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** The catalogue's identifiers are sent as text: the scalar takes digits, and no client rounds them. */
export function graphqlVariables(values: Values): string {
  const features = objectJson(values, camelCase).replace(/("(?:objID|specObjID)": )(\d+)/g, '$1"$2"');
  return `{"features": ${features}}`;
}

/** Raises ServiceError. */
export async function predictByGraphql(url: string, values: Values): Promise<Prediction> {
  const body = `{"query": ${JSON.stringify(PREDICT)}, "variables": ${graphqlVariables(values)}}`;
  const answer = await call<Answer>(url, body);
  const found = answer.data?.predict;
  if (!found) {
    const errors = answer.errors ?? [];
    throw new ServiceError(errors.map((error) => error.message).join(" "), false);
  }
  return {
    int_output: found.intOutput,
    str_output: found.strOutput,
    label: found.label,
    probabilities: found.probabilities,
    model_version: found.modelVersion,
    model_variant: found.modelVariant,
    warnings: found.warnings,
    novelty: found.novelty,
    reliable: found.reliable,
    obj_ID: found.objID,
    spec_obj_ID: found.specObjID,
  };
}

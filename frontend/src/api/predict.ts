/** One object, over the protocol of choice. */
import { type Prediction, call } from "./client";
import type { Config } from "./config";
import { predictByGraphql } from "./graphql";
import type { Values } from "../objects/fields";
import { objectJson } from "../objects/json";

export const PROTOCOLS = ["REST", "GraphQL"] as const;
export type Protocol = (typeof PROTOCOLS)[number];

export interface Answered {
  prediction: Prediction;
  protocol: Protocol;
  values: Values;
  /** From the click to the answer [ms]; null for one of many, which has no time of its own. */
  milliseconds: number | null;
}

/** Raises ServiceError. */
export async function predict(protocol: Protocol, values: Values, config: Config): Promise<Answered> {
  const begun = performance.now();
  const prediction =
    protocol === "REST"
      ? await call<Prediction>(`${config.apiUrl}/predict`, `{"features": ${objectJson(values)}}`)
      : await predictByGraphql(config.graphqlUrl, values);
  return { prediction, protocol, values, milliseconds: performance.now() - begun };
}

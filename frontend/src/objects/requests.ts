/** The request for an object, written out in the languages that people call the services from. */
import PREDICT from "../api/predict.graphql?raw";
import type { Config } from "../api/config";
import { graphqlVariables } from "../api/graphql";
import type { Values } from "./fields";
import { objectJson } from "./json";

export const LANGUAGES = ["curl", "Python", "GraphQL", "grpcurl"] as const;
export type Language = (typeof LANGUAGES)[number];

/** Text in single quotes, safe in a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function curl(values: Values, config: Config): string {
  return [
    `curl ${config.apiUrl}/predict`,
    `  -H 'content-type: application/json'`,
    `  -d ${quoted(`{"features": ${objectJson(values)}}`)}`,
  ].join(" \\\n");
}

function python(values: Values, config: Config): string {
  const features = objectJson(values).replaceAll(": null", ": None");
  return `import json
from urllib.request import Request, urlopen

features = ${features.replaceAll(", ", ",\n    ").replace("{", "{\n    ").replace(/}$/, ",\n}")}
body = json.dumps({"features": features}).encode()
request = Request("${config.apiUrl}/predict", body, {"content-type": "application/json"})
with urlopen(request) as answer:
    print(json.load(answer)["label"])`;
}

function graphql(values: Values): string {
  const { features } = /^\{"features": (?<features>.*)\}$/s.exec(graphqlVariables(values))!.groups as { features: string };
  const literal = features.replace(/"(\w+)": /g, "$1: ");
  return PREDICT.trim()
    .replace(/^mutation.*$/m, "mutation {")
    .replace("features: $features", `features: ${literal}`);
}

function grpcurl(values: Values, config: Config): string {
  return [
    "grpcurl -plaintext",
    `  -d ${quoted(objectJson(values))}`,
    `  ${config.grpcAddress}`,
    "  star_classification.StarClassificationService/Predict",
  ].join(" \\\n");
}

export function requestText(language: Language, values: Values, config: Config): string {
  switch (language) {
    case "curl":
      return curl(values, config);
    case "Python":
      return python(values, config);
    case "GraphQL":
      return graphql(values);
    case "grpcurl":
      return grpcurl(values, config);
  }
}

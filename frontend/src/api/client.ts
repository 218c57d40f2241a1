/** Calls to the API. Every failure is a `ServiceError`, which says whether trying again may help. */
import { bearer, forget } from "./signin";
import type { components } from "./openapi";

type Schemas = components["schemas"];
export type Prediction = Schemas["Prediction"];
export type BatchAnswer = Schemas["BatchAnswer"];
export type RowProblem = Schemas["RowProblem"];
export type FieldProblem = Schemas["FieldProblem"];
export type Model = Schemas["Manifest"];
export type Metrics = Schemas["Metrics"];
export type ClassName = keyof Schemas["Probabilities"];
export interface Service {
  protocol: string;
  address: string | null;
  state: string;
  call: string;
}

export const CLASSES: readonly ClassName[] = ["GALAXY", "QSO", "STAR"];

export class ServiceError extends Error {
  constructor(
    message: string,
    /** Whether nothing answered at all. */
    readonly unreachable: boolean,
    readonly fields: readonly FieldProblem[] = [],
    /** Whether an access token is missing, or no longer valid. */
    readonly unauthorized = false,
  ) {
    super(message);
  }
}

/** The body of the answer as JSON. Raises ServiceError. */
export async function call<T>(url: string, body?: string, signal?: AbortSignal): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(url, {
      method: body === undefined ? "GET" : "POST",
      headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...bearer(url) },
      body: body ?? null,
      signal: signal ?? null,
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ServiceError(url, true);
  }
  const content: unknown = await answer.json().catch(() => null);
  if (answer.ok) return content as T;
  if (answer.status === 401) {
    forget();
    throw new ServiceError(answer.statusText, false, [], true);
  }
  const problem = content as { detail?: string; title?: string; message?: string; errors?: FieldProblem[] } | null;
  const detail = problem?.detail ?? problem?.title ?? problem?.message ?? answer.statusText;
  throw new ServiceError(`${answer.status}: ${detail}`, answer.status === 502 || answer.status === 503, problem?.errors ?? []);
}

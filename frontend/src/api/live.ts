/** The stream of predictions, as the page's server sends it: server-sent events. */
import { useEffect, useState } from "react";
import type { ClassName, Prediction } from "./client";

export interface LivePrediction {
  /** As text: it has more digits than a number keeps. */
  obj_ID: string;
  label: ClassName;
  probabilities: Prediction["probabilities"];
  redshift: number | null;
  model_version: string;
  /** [ms since 1970] */
  timestamp: number;
  latency_ms: number;
}

export interface Stats {
  rate: number;
  total: number;
  classes: Record<ClassName, number>;
  dlq: number;
  lag: number | null;
  feeding: boolean;
  feed_rate: number;
  kafka: "up" | "down";
}

export interface LiveState {
  connection: "connecting" | "open" | "lost";
  stats: Stats | null;
  /** One a second, oldest first. */
  past: Stats[];
  predictions: LivePrediction[];
}

const PAST_SECONDS = 120;
const SHOWN = 25;
const START: LiveState = { connection: "connecting", stats: null, past: [], predictions: [] };

export function readPrediction(text: string): LivePrediction {
  return JSON.parse(text.replace(/("obj_ID":)([\d.eE+-]+)/, '$1"$2"')) as LivePrediction;
}

export function useLive(): LiveState {
  const [state, setState] = useState(START);
  useEffect(() => {
    const source = new EventSource("/live/events");
    source.onopen = () => setState((before) => ({ ...before, connection: "open" }));
    source.onerror = () => setState((before) => ({ ...before, connection: "lost" }));
    source.addEventListener("stats", (event: MessageEvent<string>) => {
      const stats = JSON.parse(event.data) as Stats;
      setState((before) => ({ ...before, stats, past: [...before.past, stats].slice(-PAST_SECONDS) }));
    });
    source.addEventListener("prediction", (event: MessageEvent<string>) => {
      const prediction = readPrediction(event.data);
      setState((before) => ({ ...before, predictions: [prediction, ...before.predictions].slice(0, SHOWN) }));
    });
    return () => source.close();
  }, []);
  return state;
}

/** Start the feed of synthetic objects, or end it with rate 0. Raises Error with what the server says. */
export async function feed(rate: number): Promise<void> {
  const answer = await fetch("/live/feed", {
    method: rate > 0 ? "POST" : "DELETE",
    headers: { "content-type": "application/json" },
    body: rate > 0 ? JSON.stringify({ rate }) : null,
  });
  if (!answer.ok) {
    const problem = (await answer.json().catch(() => null)) as { detail?: string } | null;
    throw new Error(problem?.detail ?? answer.statusText);
  }
}

import { afterEach, expect, it, vi } from "vitest";
import type { Catalogue } from "../../catalogue/catalogue";
import { csv } from "../../results/formats";
import { resultColumns } from "../../results/columns";
import { EXAMPLES } from "../../objects/examples";
import { confusionOf } from "./Results";
import { Runner } from "./run";

const CONFIG = { apiUrl: "http://h:1", graphqlUrl: "", grpcAddress: "", mlflowUrl: "", airflowUrl: "", issuerUrl: "" };
const PREDICTION = { label: "STAR", probabilities: { GALAXY: 0, QSO: 0, STAR: 1 }, warnings: [] };

const catalogue: Catalogue = {
  kind: "catalogue",
  columns: ["u"],
  rows: Array.from({ length: 5000 }, (_, index) => ({ line: index + 2, values: { u: String(index) }, cells: [String(index)], truth: "STAR" as const })),
  bad: [],
  cut: false,
  otherMagnitudes: null,
};

afterEach(() => vi.unstubAllGlobals());

it("a run that failed goes on after the last row that was answered", async () => {
  const asked: number[] = [];
  let down = true;
  vi.stubGlobal("fetch", (_: string, { body }: { body: string }) => {
    const { instances } = JSON.parse(body) as { instances: { u: number }[] };
    if (asked.length === 1 && down) return Promise.reject(new TypeError("down"));
    asked.push(instances[0]!.u);
    return Promise.resolve(new Response(JSON.stringify({ predictions: instances.map(() => PREDICTION), errors: [] })));
  });
  const runner = new Runner(() => Promise.resolve(catalogue));
  await runner.start(new File([], "a.csv"), CONFIG);
  expect(runner.look()).toMatchObject({ state: "failed" });
  expect(runner.look().results).toHaveLength(2000);
  down = false;
  await runner.resume(CONFIG);
  expect(asked).toEqual([0, 2000, 4000]);
  expect(runner.look()).toMatchObject({ state: "done" });
  expect(runner.look().results.map(({ line }) => line)).toEqual(catalogue.rows.map(({ line }) => line));
});

it("results carry all columns of the file, and the reason where there is no answer", () => {
  const problems = [{ field: "instances[0].delta", message: "too large", limit: "-90 ≤ delta ≤ 90", value: 123 }];
  const results = [{ line: 2, values: EXAMPLES.galaxy, cells: ["=1+1", "x"], truth: null, prediction: null, problems }];
  const text = csv(resultColumns(results, ["note", "label"]));
  expect(text).toContain("delta: -90 ≤ delta ≤ 90");
  expect(text.split("\r\n")[0]).toContain("note,input_label,label,probability_GALAXY");
  expect(text).toContain("'=1+1");
});

it("the file's own classes are counted against the answers", () => {
  const result = { ...catalogue.rows[0]!, prediction: PREDICTION as never, problems: [] };
  expect(confusionOf([result, { ...result, truth: "QSO" }, { ...result, truth: null }])).toEqual([[0, 0, 0], [0, 0, 1], [0, 0, 1]]);
});

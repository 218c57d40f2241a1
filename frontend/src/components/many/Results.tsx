/** What came of a file: counts, the bad rows with their reasons, the table, and the file's own classes beside ours. */
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Stack from "@mui/material/Stack";
import Typography from "@mui/material/Typography";
import { useMemo, useState } from "react";
import { CLASSES, type ClassName } from "../../api/client";
import { download } from "../../download";
import { useLanguage } from "../../language";
import { fieldOf, resultColumns } from "../../results/columns";
import type { Format } from "../../results/formats";
import { ConfusionMatrix } from "../shared/ConfusionMatrix";
import { Failure } from "../shared/Failure";
import { Panel } from "../shared/Panel";
import { retried } from "../shared/retried";
import type { Result } from "./batches";
import { ResultsTable } from "./ResultsTable";

const Plots = retried(() => import("./Plots"));
const LISTED = 50;
const FORMATS: readonly Format[] = ["CSV", "Parquet", "FITS", "VOTable"];

export function Results({ results, columns }: { results: Result[]; columns: string[] }) {
  const { say } = useLanguage();
  const bad = useMemo(() => results.filter((each) => !each.prediction), [results]);
  const good = useMemo(() => results.filter((each) => each.prediction), [results]);
  return (
    <Stack spacing={2}>
      <Downloads results={results} columns={columns} />
      {good.length > 0 && (
        <Panel title={say("results")}>
          <ResultsTable results={good} />
        </Panel>
      )}
      {bad.length > 0 && (
        <Panel title={say("badRows", { count: bad.length })}>
          <BadRows results={bad} />
        </Panel>
      )}
      <Comparison results={good} />
      {good.length > 0 && (
        <Panel title={say("counts")}>
          <Plots results={good} />
        </Panel>
      )}
    </Stack>
  );
}

function Downloads({ results, columns }: { results: Result[]; columns: string[] }) {
  const { say } = useLanguage();
  const [failed, setFailed] = useState<{ format: Format; error: unknown } | null>(null);

  async function save(format: Format) {
    try {
      const { ENDINGS, write } = await import("../../results/formats");
      download(`predictions.${ENDINGS[format]}`, await write(format, resultColumns(results, columns)));
      setFailed(null);
    } catch (error) {
      setFailed({ format, error });
    }
  }

  return (
    <>
      <Box sx={{ display: "flex", flexWrap: "wrap", gap: 1 }}>
        {FORMATS.map((format, index) => (
          <Button key={format} variant={index === 0 ? "contained" : "outlined"} onClick={() => void save(format)}>
            {say("exportAs", { format })}
          </Button>
        ))}
      </Box>
      {failed && <Failure error={failed.error} onRetry={() => void save(failed.format)} />}
    </>
  );
}

/** True classes in rows, predicted ones in columns. */
export function confusionOf(results: readonly Result[]): number[][] {
  const matrix = CLASSES.map(() => CLASSES.map(() => 0));
  for (const { truth, prediction } of results) {
    if (truth && prediction) matrix[CLASSES.indexOf(truth)]![CLASSES.indexOf(prediction.label as ClassName)]! += 1;
  }
  return matrix;
}

function Comparison({ results }: { results: Result[] }) {
  const { say, language } = useLanguage();
  const matrix = useMemo(() => confusionOf(results), [results]);
  const count = matrix.flat().reduce((sum, each) => sum + each, 0);
  if (count === 0) return null;
  const right = matrix.reduce((sum, row, index) => sum + row[index]!, 0);
  const share = (right / count).toLocaleString(language, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });
  return (
    <Panel title={say("ownClass")}>
      <Typography>{say("agreement", { share, count })}</Typography>
      <ConfusionMatrix name={say("ownClass")} matrix={matrix} />
    </Panel>
  );
}

function BadRows({ results }: { results: Result[] }) {
  const { say } = useLanguage();
  return (
    <Box component="ul" sx={{ m: 0, pl: 2.5 }}>
      {results.slice(0, LISTED).map((each) => (
        <li key={each.line}>
          {say("line")} {each.line}:{" "}
          {each.problems.map((problem) => (
            <span key={problem.field}>
              <strong>{fieldOf(problem.field)}</strong> {problem.message}
              {told(problem.value) && ` (${say("value").toLowerCase()}: ${told(problem.value)})`}
              {problem.limit ? ` ${say("limit").toLowerCase()}: ${problem.limit}` : ""}{" "}
            </span>
          ))}
        </li>
      ))}
      {results.length > LISTED && <Typography component="li">{say("moreBad", { count: results.length - LISTED })}</Typography>}
    </Box>
  );
}

/** A value that was not sent is not told, and an object is not told as "[object Object]". */
function told(value: unknown): string {
  if (value === null || value === undefined || value === "") return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value as string | number);
}

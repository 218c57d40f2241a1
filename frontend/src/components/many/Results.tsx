/** What came of a file: counts, the bad rows with their reasons, and the table. */
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Stack from "@mui/material/Stack";
import Typography from "@mui/material/Typography";
import { Suspense, lazy, useMemo } from "react";
import { download } from "../../download";
import { useLanguage } from "../../language";
import { Loading } from "../shared/Loading";
import { Panel } from "../shared/Panel";
import type { Result } from "./batches";
import { fieldOf, resultsCsv } from "./results";
import { ResultsTable } from "./ResultsTable";

const Plots = lazy(() => import("./Plots"));
const LISTED = 50;

export function Results({ results }: { results: Result[] }) {
  const { say } = useLanguage();
  const bad = useMemo(() => results.filter((each) => !each.prediction), [results]);
  const good = useMemo(() => results.filter((each) => each.prediction), [results]);
  return (
    <Stack spacing={2}>
      <Box>
        <Button variant="contained" onClick={() => download("predictions.csv", resultsCsv(results), "text/csv")}>
          {say("download")}
        </Button>
      </Box>
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
      {good.length > 0 && (
        <Panel title={say("counts")}>
          <Suspense fallback={<Loading />}>
            <Plots results={good} />
          </Suspense>
        </Panel>
      )}
    </Stack>
  );
}

function BadRows({ results }: { results: Result[] }) {
  const { say } = useLanguage();
  return (
    <Box component="ul" sx={{ m: 0, pl: 2.5 }}>
      {results.slice(0, LISTED).map((each) => (
        <li key={each.row}>
          {say("row")} {each.row}:{" "}
          {each.problems.map((problem) => (
            <span key={problem.field}>
              <strong>{fieldOf(problem.field)}</strong> {problem.message} ({say("value").toLowerCase()}: {String(problem.value)}
              {problem.limit ? `; ${say("limit").toLowerCase()}: ${problem.limit}` : ""}){" "}
            </span>
          ))}
        </li>
      ))}
      {results.length > LISTED && <Typography component="li">{say("moreBad", { count: results.length - LISTED })}</Typography>}
    </Box>
  );
}

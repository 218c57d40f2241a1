/** A file of objects: dropped, classified in batches, looked through, taken along. */
import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import LinearProgress from "@mui/material/LinearProgress";
import Paper from "@mui/material/Paper";
import Stack from "@mui/material/Stack";
import Typography from "@mui/material/Typography";
import { type ChangeEvent, type DragEvent, useRef, useState } from "react";
import type { Config } from "../../api/config";
import { MOST_ROWS } from "../../catalogue/catalogue";
import type { BadLine } from "../../catalogue/table";
import { useLanguage } from "../../language";
import { Failure } from "../shared/Failure";
import { Heading } from "../shared/Heading";
import { ColumnQuestion } from "./ColumnQuestion";
import { Results } from "./Results";
import { type Run, runner, useRun } from "./run";

const LISTED = 50;
const TYPES = ".csv,.tsv,.txt,.dat,.jsonl,.ndjson,.parquet,.fits,.fit,.vot,.votable,.xml,.gz,.zip,.zst";

export default function ManyPage({ config }: { config: Config }) {
  const { say } = useLanguage();
  const run = useRun();
  return (
    <>
      <Heading title={say("many")} intro={say("manyIntro", { rows: MOST_ROWS })} />
      <Stack spacing={2}>
        <Drop onFile={(file) => void runner.start(file, config)} />
        {run.state !== "idle" && run.state !== "asking" && <Progress run={run} config={config} />}
        {run.question && <ColumnQuestion key={run.name} question={run.question} onAnswer={(answers) => void runner.answer(answers, config)} />}
        {run.fault && <Alert severity="error">{say(run.fault.kind, { ...run.fault })}</Alert>}
        {run.error !== null && <Failure error={run.error} onRetry={() => void runner.resume(config)} />}
        {run.catalogue?.cut && <Alert severity="info">{say("tooManyRows", { rows: MOST_ROWS })}</Alert>}
        {run.catalogue?.otherMagnitudes && <Alert severity="info">{say(run.catalogue.otherMagnitudes)}</Alert>}
        {run.catalogue && <Reckoning run={run} />}
        {run.catalogue && run.results.length > 0 && run.state !== "classifying" && <Results results={run.results} columns={run.catalogue.columns} />}
      </Stack>
    </>
  );
}

function Drop({ onFile }: { onFile: (file: File) => void }) {
  const { say } = useLanguage();
  const [over, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);

  function drop(event: DragEvent) {
    event.preventDefault();
    setOver(false);
    const file = event.dataTransfer.files[0];
    if (file) onFile(file);
  }

  function choose(event: ChangeEvent<HTMLInputElement>) {
    const file = event.target.files?.[0];
    if (file) onFile(file);
    event.target.value = ""; // the same file may be chosen again
  }

  return (
    <Paper
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
      sx={{ p: { xs: 2, sm: 4 }, textAlign: "center", borderStyle: "dashed", borderColor: over ? "primary.main" : "divider" }}
    >
      <Button variant="contained" onClick={() => input.current?.click()}>
        {say("chooseFile")}
      </Button>
      <input ref={input} type="file" hidden accept={TYPES} onChange={choose} />
      <Typography color="text.secondary" sx={{ mt: 1 }}>
        {say("dropHere")}
      </Typography>
      <Typography color="text.secondary" variant="body2">
        {say("fileHelp")}
      </Typography>
    </Paper>
  );
}

function Progress({ run, config }: { run: Run; config: Config }) {
  const { say } = useLanguage();
  const done = run.results.length;
  const total = run.catalogue?.rows.length ?? 0;
  const counts = { done, total };
  const busy = run.state === "reading" || run.state === "classifying";
  if (run.fault) return null; // it never came to rows, and the alert says why
  const cancelled = run.catalogue ? say("cancelled", counts) : say("cancelledReading");
  const text = run.state === "cancelled" ? cancelled : say("progressOf", counts);
  return (
    <Box sx={{ display: "flex", alignItems: "center", gap: 2 }}>
      <Box sx={{ flexGrow: 1 }}>
        <LinearProgress
          aria-label={say("many")}
          variant={run.state === "reading" ? "indeterminate" : "determinate"}
          value={total ? (100 * done) / total : 0}
        />
        <Typography role="status" variant="body2" sx={{ mt: 0.5, overflowWrap: "anywhere" }}>
          {run.name}: {run.state === "reading" ? say("reading") : text}
        </Typography>
      </Box>
      {busy && (
        <Button variant="outlined" onClick={runner.cancel}>
          {say("cancel")}
        </Button>
      )}
      {run.state === "cancelled" && (done < total || !run.catalogue) && (
        <Button variant="outlined" onClick={() => void runner.resume(config)}>
          {say("resume")}
        </Button>
      )}
    </Box>
  );
}

/** Every line of the file is accounted for: answered, refused by the API, or no row at all. */
function Reckoning({ run }: { run: Run }) {
  const { say } = useLanguage();
  const bad = run.catalogue?.bad ?? [];
  if (bad.length === 0) return null;
  return (
    <Alert severity="warning">
      {say("badLines", { count: bad.length, rows: run.catalogue!.rows.length })}
      <Box component="ul" sx={{ m: 0, pl: 2.5 }}>
        {bad.slice(0, LISTED).map((each) => (
          <li key={each.line}>{describe(each, say)}</li>
        ))}
        {bad.length > LISTED && <li>{say("moreLines", { count: bad.length - LISTED })}</li>}
      </Box>
    </Alert>
  );
}

function describe(each: BadLine, say: ReturnType<typeof useLanguage>["say"]): string {
  return say(`bad_${each.kind}`, { line: each.line, found: each.found ?? 0, expected: each.expected ?? 0 });
}

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
import { useLanguage } from "../../language";
import { Failure } from "../shared/Failure";
import { Heading } from "../shared/Heading";
import { MOST_ROWS } from "./catalogue";
import { Results } from "./Results";
import { type Run, useRun } from "./useRun";

export default function ManyPage({ config }: { config: Config }) {
  const { say } = useLanguage();
  const { run, cancel, start, retry } = useRun(config);
  return (
    <>
      <Heading title={say("many")} intro={say("manyIntro", { rows: MOST_ROWS })} />
      <Stack spacing={2}>
        <Drop onFile={(file) => void start(file)} />
        {run.state !== "idle" && <Progress run={run} onCancel={cancel} />}
        {run.fault && <Fault run={run} />}
        {run.error !== null && <Failure error={run.error} onRetry={retry} />}
        {run.cut && <Alert severity="info">{say("tooManyRows", { rows: MOST_ROWS })}</Alert>}
        {run.results.length > 0 && run.state !== "classifying" && <Results results={run.results} />}
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
      onDragOver={(event) => (event.preventDefault(), setOver(true))}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
      sx={{ p: 4, textAlign: "center", borderStyle: "dashed", borderColor: over ? "primary.main" : "divider" }}
    >
      <Button variant="contained" onClick={() => input.current?.click()}>
        {say("chooseFile")}
      </Button>
      <input ref={input} type="file" hidden accept=".csv,text/csv,text/plain" onChange={choose} />
      <Typography color="text.secondary" sx={{ mt: 1 }}>
        {say("dropHere")}
      </Typography>
    </Paper>
  );
}

function Progress({ run, onCancel }: { run: Run; onCancel: () => void }) {
  const { say } = useLanguage();
  const done = run.results.length;
  const counts = { done, total: run.total };
  const busy = run.state === "reading" || run.state === "classifying";
  const text = run.state === "cancelled" ? say("cancelled", counts) : say("progressOf", counts);
  return (
    <Box sx={{ display: "flex", alignItems: "center", gap: 2 }}>
      <Box sx={{ flexGrow: 1 }}>
        <LinearProgress
          aria-label={say("many")}
          variant={run.state === "reading" ? "indeterminate" : "determinate"}
          value={run.total ? (100 * done) / run.total : 0}
        />
        <Typography role="status" variant="body2" sx={{ mt: 0.5 }}>
          {run.state === "reading" ? say("reading") : text}
        </Typography>
      </Box>
      {busy && (
        <Button variant="outlined" onClick={onCancel}>
          {say("cancel")}
        </Button>
      )}
    </Box>
  );
}

function Fault({ run }: { run: Run }) {
  const { say } = useLanguage();
  const { fault } = run;
  if (!fault) return null;
  return <Alert severity="error">{say(fault.kind, { ...fault })}</Alert>;
}

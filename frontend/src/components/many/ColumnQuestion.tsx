/** Which column is which, asked where the file's names do not decide. */
import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import TextField from "@mui/material/TextField";
import { useState } from "react";
import type { Answers, Question } from "../../catalogue/catalogue";
import { useLanguage } from "../../language";
import { FIELDS } from "../../objects/fields";
import { Panel } from "../shared/Panel";

const NONE = "";
/** Bands and redshift first: they decide the class. */
const ORDER = ["u", "g", "r", "i", "z", "redshift"];
const FIRST = [...FIELDS].sort((a, b) => (ORDER.indexOf(a.name) + 99) % 99 - ((ORDER.indexOf(b.name) + 99) % 99));

export function ColumnQuestion({ question, onAnswer }: { question: Question; onAnswer: (answers: Answers) => void }) {
  const { say } = useLanguage();
  const { columns, sample, matching } = question;
  const [chosen, setChosen] = useState<Record<string, string>>(() =>
    Object.fromEntries(FIELDS.map(({ name }) => [name, matching.mapping[name] === undefined ? NONE : String(matching.mapping[name])])),
  );
  const [truth, setTruth] = useState(matching.truth === null ? NONE : String(matching.truth));
  const incomplete = FIELDS.filter((field) => field.required && chosen[field.name] === NONE).map((field) => field.name);
  const taken = Object.values(chosen).filter((column) => column !== NONE);
  const twice = columns.filter((_, column) => taken.filter((each) => each === String(column)).length > 1);

  function answer() {
    const mapping = Object.fromEntries(
      Object.entries(chosen)
        .filter(([, column]) => column !== NONE)
        .map(([name, column]) => [name, Number(column)]),
    );
    onAnswer({ mapping, truth: truth === NONE ? null : Number(truth) });
  }

  const choice = (label: string, value: string, set: (column: string) => void, needed: boolean) => (
    <TextField
      key={label}
      select
      label={label}
      value={value}
      required={needed}
      onChange={(event) => set(event.target.value)}
      slotProps={{ select: { native: true }, inputLabel: { shrink: true } }}
    >
      <option value={NONE}>–</option>
      {columns.map((column, index) => (
        <option key={`${column}-${index}`} value={index}>
          {column} ({sample.map((row) => row[index]).join(", ")})
        </option>
      ))}
    </TextField>
  );

  return (
    <Panel title={say("columnsTitle")}>
      <Alert severity="info" role="note" sx={{ mb: 2 }}>
        {say(`why_${question.why}`, { names: matching.missing.join(", ") })}
      </Alert>
      <Box sx={{ display: "grid", gap: 2, mb: 2, gridTemplateColumns: "repeat(auto-fill, minmax(min(12rem, 100%), 1fr))" }}>
        {FIRST.map((field) =>
          choice(field.name, chosen[field.name]!, (column) => setChosen((before) => ({ ...before, [field.name]: column })), field.required),
        )}
        {choice(say("trueClass"), truth, setTruth, false)}
      </Box>
      {twice.length > 0 && (
        <Alert severity="error" sx={{ mb: 2 }}>
          {say("columnTwice", { names: twice.join(", ") })}
        </Alert>
      )}
      <Button variant="contained" disabled={incomplete.length > 0 || twice.length > 0} onClick={answer}>
        {say("useColumns")}
      </Button>
    </Panel>
  );
}

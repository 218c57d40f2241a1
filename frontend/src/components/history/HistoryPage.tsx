/** What was asked before: found again, asked again, taken along, forgotten. */
import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogTitle from "@mui/material/DialogTitle";
import Stack from "@mui/material/Stack";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useState } from "react";
import { showAnswer } from "../../answers";
import type { Config } from "../../api/config";
import { predict } from "../../api/predict";
import { download } from "../../download";
import { type Entry, forgetHistory, readHistory, remember } from "../../history";
import { type Say, useLanguage } from "../../language";
import { ClassChip } from "../shared/ClassChip";
import { Failure } from "../shared/Failure";
import { Heading } from "../shared/Heading";
import { ScrollingTable } from "../shared/ScrollingTable";

const SHOWN = 100;

function matches(entry: Entry, text: string, say: Say): boolean {
  const { prediction } = entry;
  const words = [entry.values["obj_ID"], prediction.label, say(prediction.label as "STAR"), entry.protocol, prediction.model_version, entry.time];
  return words.some((word) => word?.toLowerCase().includes(text.trim().toLowerCase()));
}

export default function HistoryPage({ config }: { config: Config }) {
  const { say, language } = useLanguage();
  const [entries, setEntries] = useState(readHistory);
  const [text, setText] = useState("");
  const [failed, setFailed] = useState<{ entry: Entry; error: unknown } | null>(null);
  const shown = entries.filter((entry) => matches(entry, text, say)).slice(0, SHOWN);

  function clear() {
    forgetHistory();
    setEntries([]);
  }

  async function again(entry: Entry) {
    try {
      const answered = await predict(entry.protocol, entry.values, config);
      remember(answered);
      showAnswer(answered);
    } catch (error) {
      setFailed({ entry, error });
    }
  }

  return (
    <>
      <Heading title={say("history")} intro={say("historyIntro")} />
      {failed && <Failure error={failed.error} onRetry={() => void again(failed.entry)} />}
      {entries.length === 0 ? (
        <Typography>{say("historyEmpty")}</Typography>
      ) : (
        <>
          <Stack direction="row" sx={{ flexWrap: "wrap", gap: 1.5, my: 2 }}>
            <TextField type="search" label={say("search")} value={text} onChange={(event) => setText(event.target.value)} sx={{ width: 260 }} />
            <Button variant="outlined" onClick={() => download("history.json", JSON.stringify(entries, null, 2), "application/json")}>
              {say("exportHistory")}
            </Button>
            <ClearButton onClear={clear} />
          </Stack>
          <ScrollingTable>
            <Table size="small" aria-label={say("history")}>
              <TableHead>
                <TableRow>
                  {(["time", "object", "label", "redshift", "protocol", "version", "actions"] as const).map((key) => (
                    <TableCell key={key}>{say(key)}</TableCell>
                  ))}
                </TableRow>
              </TableHead>
              <TableBody>
                {shown.map((entry) => (
                  <TableRow key={entry.id} hover>
                    <TableCell>{new Date(entry.time).toLocaleString(language)}</TableCell>
                    <TableCell>{entry.values["obj_ID"]}</TableCell>
                    <TableCell>
                      <ClassChip label={entry.prediction.label} />
                    </TableCell>
                    <TableCell>{entry.values["redshift"]}</TableCell>
                    <TableCell>{entry.protocol}</TableCell>
                    <TableCell>{entry.prediction.model_version}</TableCell>
                    <TableCell>
                      <Button size="small" onClick={() => void again(entry)}>
                        {say("again")}
                      </Button>
                    </TableCell>
                  </TableRow>
                ))}
              </TableBody>
            </Table>
          </ScrollingTable>
        </>
      )}
    </>
  );
}

function ClearButton({ onClear }: { onClear: () => void }) {
  const { say } = useLanguage();
  const [asking, setAsking] = useState(false);
  const close = () => setAsking(false);
  const sure = () => {
    close();
    onClear();
  };
  return (
    <>
      <Button color="error" variant="outlined" onClick={() => setAsking(true)}>
        {say("clear")}
      </Button>
      <Dialog open={asking} onClose={close} aria-labelledby="clear-title">
        <DialogTitle id="clear-title">{say("clearQuestion")}</DialogTitle>
        <DialogActions>
          <Button onClick={close}>{say("cancel")}</Button>
          <Button color="error" onClick={sure}>
            {say("clear")}
          </Button>
        </DialogActions>
      </Dialog>
    </>
  );
}

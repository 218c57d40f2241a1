/** Objects to begin with, and a way to paste one's own. */
import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import Stack from "@mui/material/Stack";
import TextField from "@mui/material/TextField";
import { useState } from "react";
import { useLanguage } from "../../language";
import { EXAMPLES, type ExampleName } from "../../objects/examples";
import type { Values } from "../../objects/fields";
import { parsePasted } from "../../objects/paste";

const NAMES = {
  galaxy: "exampleGalaxy",
  quasar: "exampleQuasar",
  star: "exampleStar",
  photometric: "examplePhotometric",
} as const satisfies Record<ExampleName, string>;

interface Props {
  onChoose: (values: Values) => void;
}

export function Examples({ onChoose }: Props) {
  const { say } = useLanguage();
  const [pasting, setPasting] = useState(false);
  return (
    <Stack direction="row" sx={{ flexWrap: "wrap", gap: 1 }}>
      {(Object.keys(EXAMPLES) as ExampleName[]).map((name) => (
        <Button key={name} variant="outlined" size="small" onClick={() => onChoose(EXAMPLES[name])}>
          {say(NAMES[name])}
        </Button>
      ))}
      <Button size="small" onClick={() => setPasting(true)}>
        {say("paste")}
      </Button>
      {pasting && <PasteDialog onChoose={onChoose} onClose={() => setPasting(false)} />}
    </Stack>
  );
}

function PasteDialog({ onChoose, onClose }: Props & { onClose: () => void }) {
  const { say } = useLanguage();
  const [text, setText] = useState("");
  const [wrong, setWrong] = useState("");

  function use() {
    try {
      onChoose(parsePasted(text));
      onClose();
    } catch (error) {
      setWrong(say("pasteFailed", { reason: error instanceof Error ? error.message : String(error) }));
    }
  }

  return (
    <Dialog open onClose={onClose} fullWidth maxWidth="md" aria-labelledby="paste-title">
      <DialogTitle id="paste-title">{say("paste")}</DialogTitle>
      <DialogContent>
        <TextField
          autoFocus
          multiline
          minRows={6}
          maxRows={14}
          margin="dense"
          label={say("pasteLabel")}
          value={text}
          error={wrong !== ""}
          helperText={wrong || say("pasteHelp")}
          onChange={(event) => setText(event.target.value)}
        />
      </DialogContent>
      <DialogActions>
        <Button onClick={onClose}>{say("cancel")}</Button>
        <Button variant="contained" onClick={use}>
          {say("use")}
        </Button>
      </DialogActions>
    </Dialog>
  );
}

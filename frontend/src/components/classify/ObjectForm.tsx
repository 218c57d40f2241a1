/** The sixteen fields: what decides the class first, the rest below. What is wrong is told while it is typed. */
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import InputAdornment from "@mui/material/InputAdornment";
import TextField from "@mui/material/TextField";
import ToggleButton from "@mui/material/ToggleButton";
import ToggleButtonGroup from "@mui/material/ToggleButtonGroup";
import Typography from "@mui/material/Typography";
import type { FormEvent } from "react";
import { PROTOCOLS, type Protocol } from "../../api/predict";
import { useLanguage } from "../../language";
import type { Key } from "../../language/en";
import { DECIDING, FIELDS, type Field, type Values, limits } from "../../objects/fields";
import { fault } from "../../objects/validate";
import { Panel } from "../shared/Panel";

interface Props {
  values: Values;
  protocol: Protocol;
  busy: boolean;
  /** Whether empty fields are told as well: not before the first try. */
  showMissing: boolean;
  onChange: (values: Values) => void;
  onProtocol: (protocol: Protocol) => void;
  onSubmit: () => void;
}

const [FIRST, REST] = [
  FIELDS.filter((field) => DECIDING.includes(field.name)),
  FIELDS.filter((field) => !DECIDING.includes(field.name)),
];

export function ObjectForm({ values, protocol, busy, showMissing, onChange, onProtocol, onSubmit }: Props) {
  const { say } = useLanguage();
  const set = (name: string, text: string) => onChange({ ...values, [name]: text });
  const inputs = (fields: readonly Field[]) => (
    <Box sx={{ display: "grid", gap: 1.5, gridTemplateColumns: "repeat(auto-fill, minmax(min(11rem, 100%), 1fr))" }}>
      {fields.map((field) => (
        <FieldInput key={field.name} field={field} text={values[field.name] ?? ""} showMissing={showMissing} onText={set} />
      ))}
    </Box>
  );

  function submit(event: FormEvent) {
    event.preventDefault();
    onSubmit();
  }

  return (
    <Box component="form" onSubmit={submit} noValidate sx={{ display: "grid", gap: 2, gridTemplateColumns: "minmax(0, 1fr)" }}>
      <Panel title={say("deciding")}>{inputs(FIRST)}</Panel>
      <Box sx={{ display: "flex", flexWrap: "wrap", gap: 2, alignItems: "center" }}>
        <ToggleButtonGroup
          exclusive
          size="small"
          value={protocol}
          onChange={(_, chosen: Protocol | null) => chosen && onProtocol(chosen)}
          aria-label={say("protocol")}
        >
          {PROTOCOLS.map((each) => (
            <ToggleButton key={each} value={each}>
              {each}
            </ToggleButton>
          ))}
        </ToggleButtonGroup>
        <Button type="submit" variant="contained" size="large" loading={busy} sx={{ minWidth: "11rem" }}>
          {say("classify")}
        </Button>
      </Box>
      <Panel title={say("travelling")}>
        <Typography color="text.secondary" variant="body2" sx={{ mb: 1.5 }}>
          {say("travellingHelp")}
        </Typography>
        {inputs(REST)}
      </Panel>
    </Box>
  );
}

interface FieldProps {
  field: Field;
  text: string;
  showMissing: boolean;
  onText: (name: string, text: string) => void;
}

function FieldInput({ field, text, showMissing, onText }: FieldProps) {
  const { say } = useLanguage();
  const found = fault(field, text);
  const told = found === "missing" && !showMissing ? null : found;
  const help = say(`help_${field.name}` as Key);
  const typical = field.typical ? `; ${say("typical", { from: field.typical[0], to: field.typical[1] })}` : "";
  return (
    <TextField
      label={field.name}
      value={text}
      error={told !== null}
      helperText={told ? say(told, { limits: limits(field) }) : `${help} (${limits(field)}${typical})`}
      onChange={(event) => onText(field.name, event.target.value)}
      slotProps={{
        htmlInput: { inputMode: "decimal", autoComplete: "off", spellCheck: false },
        input: field.unit ? { endAdornment: <InputAdornment position="end">{field.unit}</InputAdornment> } : {},
      }}
    />
  );
}

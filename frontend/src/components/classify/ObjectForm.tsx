/** The sixteen fields: what decides the class first, the rest below. What is wrong is told while it is typed. */
import ExpandMoreIcon from "@mui/icons-material/ExpandMore";
import Accordion from "@mui/material/Accordion";
import AccordionDetails from "@mui/material/AccordionDetails";
import AccordionSummary from "@mui/material/AccordionSummary";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import TextField from "@mui/material/TextField";
import ToggleButton from "@mui/material/ToggleButton";
import ToggleButtonGroup from "@mui/material/ToggleButtonGroup";
import Tooltip from "@mui/material/Tooltip";
import Typography from "@mui/material/Typography";
import { type FormEvent, useState } from "react";
import { PROTOCOLS, type Protocol } from "../../api/predict";
import { useLanguage } from "../../language";
import type { Key } from "../../language/en";
import { DECIDING, FIELDS, type Field, type Values, limits } from "../../objects/fields";
import { type Fault, fault } from "../../objects/validate";
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
  const [open, setOpen] = useState(false);
  const told = REST.some((field) => isTold(fault(field, values[field.name] ?? ""), showMissing));
  const inputs = (fields: readonly Field[], columns: object) => (
    <Box sx={{ display: "grid", gap: 1.5, pt: 1, gridTemplateColumns: columns }}>
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
      <Panel title={say("deciding")}>{inputs(FIRST, { xs: "repeat(2, minmax(0, 1fr))", sm: "repeat(3, minmax(0, 1fr))", md: "repeat(6, minmax(0, 1fr))" })}</Panel>
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
      <Accordion variant="outlined" disableGutters expanded={open || told} onChange={(_, expanded) => setOpen(expanded)}>
        <AccordionSummary expandIcon={<ExpandMoreIcon />}>
          <Typography component="span" variant="h3">
            {say("travelling")}
          </Typography>
        </AccordionSummary>
        <AccordionDetails>
          <Typography color="text.secondary" variant="body2" sx={{ mb: 1 }}>
            {say("travellingHelp")}
          </Typography>
          {inputs(REST, { xs: "repeat(2, minmax(0, 1fr))", sm: "repeat(5, minmax(0, 1fr))" })}
        </AccordionDetails>
      </Accordion>
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
  const told = isTold(found, showMissing) ? found : null;
  const help = say(`help_${field.name}` as Key);
  const typical = field.typical ? `; ${say("typical", { from: String(field.typical[0]), to: String(field.typical[1]) })}` : "";
  return (
    <Tooltip title={`${help} (${limits(field)}${typical})`} describeChild enterDelay={400}>
      <TextField
        label={field.name}
        value={text}
        error={told !== null}
        helperText={told ? say(told, { limits: limits(field) }) : field.unit ? say(`unit_${field.unit}` as Key) : " "}
        onChange={(event) => onText(field.name, event.target.value)}
        slotProps={{ htmlInput: { inputMode: "decimal", autoComplete: "off", spellCheck: false } }}
      />
    </Tooltip>
  );
}

/** Empty fields are not blamed before the first try. */
function isTold(found: Fault | null, showMissing: boolean): boolean {
  return found !== null && (found !== "missing" || showMissing);
}

/** What the object is, how sure that is, and where it lies among the others. */
import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import LinearProgress from "@mui/material/LinearProgress";
import Typography from "@mui/material/Typography";
import { useTheme } from "@mui/material/styles";
import { CLASSES, type Prediction } from "../../api/client";
import type { Answered } from "../../api/predict";
import { type Say, useLanguage } from "../../language";
import { CLASS_COLOURS } from "../../theme";
import { ErrorBoundary } from "../shared/ErrorBoundary";
import { Panel } from "../shared/Panel";
import { retried } from "../shared/retried";

const Diagrams = retried(() => import("./Diagrams"));

export function Answer({ answered }: { answered: Answered | null }) {
  const { say } = useLanguage();
  return (
    <Panel title={say("answer")}>
      <div aria-live="polite">
        {answered ? <Told answered={answered} /> : <Typography color="text.secondary">{say("noAnswer")}</Typography>}
      </div>
      {answered && (
        <ErrorBoundary>
          <Diagrams values={answered.values} />
        </ErrorBoundary>
      )}
    </Panel>
  );
}

/** The API warns in English; its one kind of warning is told in the language of the page. */
export function inWords(warning: string, say: Say): string {
  const [, name, value, range] = /^(\S+) = (\S+) is outside the typical range (.+)$/.exec(warning) ?? [];
  return name ? say("outsideTypical", { name, value: value!, range: range! }) : warning;
}

function Told({ answered }: { answered: Answered }) {
  const { say } = useLanguage();
  const { palette } = useTheme();
  const prediction: Prediction = answered.prediction;
  const label = prediction.label as keyof Prediction["probabilities"];
  return (
    <>
      <Typography component="p" sx={{ fontSize: "2rem", fontWeight: 700, color: CLASS_COLOURS[palette.mode][label] }}>
        {say(label)}
      </Typography>
      <Box sx={{ display: "grid", gap: 1, my: 1.5 }}>
        {CLASSES.map((name) => (
          <ProbabilityBar key={name} name={say(name)} share={prediction.probabilities[name]} colour={CLASS_COLOURS[palette.mode][name]} />
        ))}
      </Box>
      <Typography variant="body2" color="text.secondary">
        {say("modelIs", { version: prediction.model_version, variant: say(prediction.model_variant) })}
      </Typography>
      <Typography variant="body2" color="text.secondary" gutterBottom>
        {answered.milliseconds === null
          ? say("overBatch", { protocol: answered.protocol })
          : say("latency", { milliseconds: answered.milliseconds.toFixed(1), protocol: answered.protocol })}
      </Typography>
      {prediction.reliable === false && (
        <Alert severity="error" role="note" sx={{ my: 1 }}>
          {say("unreliable")}
        </Alert>
      )}
      {typeof prediction.novelty === "number" && (
        <Typography variant="body2" color="text.secondary">
          {say("novelty", { value: prediction.novelty.toFixed(3) })}
        </Typography>
      )}
      {prediction.warnings.length > 0 && (
        <Alert severity="warning" role="note" sx={{ my: 1 }}>
          <strong>{say("warnings")}</strong>
          {prediction.warnings.map((warning) => (
            <div key={warning}>{inWords(warning, say)}</div>
          ))}
        </Alert>
      )}
    </>
  );
}

function ProbabilityBar({ name, share, colour }: { name: string; share: number; colour: string }) {
  const percent = `${(100 * share).toFixed(1)} %`;
  return (
    <Box sx={{ display: "grid", gridTemplateColumns: "5.5rem 1fr 4.5rem", alignItems: "center", gap: 1 }}>
      <span>{name}</span>
      <LinearProgress
        variant="determinate"
        value={100 * share}
        aria-label={`${name}: ${percent}`}
        sx={{ height: 10, borderRadius: 5, bgcolor: "action.hover", "& .MuiLinearProgress-bar": { bgcolor: colour } }}
      />
      <Box component="span" sx={{ textAlign: "right", fontVariantNumeric: "tabular-nums" }}>
        {percent}
      </Box>
    </Box>
  );
}

/** The model in use: what it was made of, and its figures on rows that it had not seen. */
import Box from "@mui/material/Box";
import Typography from "@mui/material/Typography";
import type { Metrics, Model } from "../../api/client";
import { useLanguage } from "../../language";
import { ConfusionMatrix } from "../shared/ConfusionMatrix";

export function ModelFigures({ model }: { model: Model }) {
  const { say, language } = useLanguage();
  const facts = [
    [say("version"), model.version],
    [say("created"), new Date(model.created).toLocaleString(language)],
    [say("algorithm"), model.training.algorithm],
    [say("rows"), model.data.rows.toLocaleString(language)],
    [say("source"), model.data.source],
    ["SHA-256", Object.values(model.files)[0]?.sha256 ?? ""],
  ];
  return (
    <>
      <Box component="dl" sx={{ m: 0, display: "grid", gap: 0.5, gridTemplateColumns: { xs: "1fr", sm: "12rem 1fr" } }}>
        {facts.map(([name, fact]) => (
          <Box key={name} sx={{ display: "contents" }}>
            <Typography component="dt" color="text.secondary">
              {name}
            </Typography>
            <Typography component="dd" sx={{ m: 0, overflowWrap: "anywhere" }}>
              {fact}
            </Typography>
          </Box>
        ))}
      </Box>
      <Box sx={{ display: "grid", gap: 3, mt: 2, gridTemplateColumns: "repeat(auto-fit, minmax(min(20rem, 100%), 1fr))" }}>
        {Object.entries(model.metrics).map(([variant, metrics]) => metrics && <Variant key={variant} name={variant} metrics={metrics} />)}
      </Box>
    </>
  );
}

function Variant({ name, metrics }: { name: string; metrics: Metrics }) {
  const { say } = useLanguage();
  const figures = [
    [say("macroF1"), metrics.macro_f1],
    [say("accuracy"), metrics.accuracy],
    [say("logLoss"), metrics.log_loss],
    [say("calibrationError"), metrics.calibration_error],
  ] as const;
  return (
    <Box sx={{ minWidth: 0 }}>
      <Typography variant="h3">{name}</Typography>
      {figures.map(([title, figure]) => (
        <Typography key={title} variant="body2">
          {title}: <strong>{figure.toFixed(4)}</strong>
        </Typography>
      ))}
      <ConfusionMatrix name={name} matrix={metrics.confusion_matrix} />
    </Box>
  );
}

/** How many of each class, and how sure. */
import Box from "@mui/material/Box";
import { useTheme } from "@mui/material/styles";
import { BarChart } from "@mui/x-charts/BarChart";
import { useMemo } from "react";
import { CLASSES } from "../../api/client";
import { useLanguage } from "../../language";
import { CLASS_COLOURS } from "../../theme";
import type { Result } from "./batches";

const BINS = 10;

export default function Plots({ results }: { results: Result[] }) {
  const { say } = useLanguage();
  const { palette } = useTheme();
  const colours = CLASSES.map((name) => CLASS_COLOURS[palette.mode][name]);
  const counts = useMemo(() => CLASSES.map((name) => results.filter((each) => each.prediction?.label === name).length), [results]);
  const sure = useMemo(() => {
    const bins = Array<number>(BINS).fill(0);
    for (const { prediction } of results) {
      const most = Math.max(...Object.values(prediction!.probabilities));
      bins[Math.min(BINS - 1, Math.floor(most * BINS))]! += 1;
    }
    return bins;
  }, [results]);
  const told = CLASSES.map((name, index) => `${say(name)}: ${counts[index]}`).join(", ");
  return (
    <Box sx={{ display: "grid", gap: 2, gridTemplateColumns: { xs: "minmax(0, 1fr)", md: "minmax(0, 1fr) minmax(0, 1fr)" } }}>
      <Box role="img" aria-label={`${say("counts")}: ${told}`}>
        <BarChart
          height={240}
          skipAnimation
          xAxis={[{ data: CLASSES.map((name) => say(name)), scaleType: "band", colorMap: { type: "ordinal", colors: colours } }]}
          series={[{ data: counts }]}
        />
      </Box>
      <Box role="img" aria-label={`${say("probability")}: ${sure.join(", ")}`}>
        <BarChart
          height={240}
          skipAnimation
          xAxis={[{ data: sure.map((_, bin) => `${bin * BINS} %`), scaleType: "band", label: say("probability") }]}
          series={[{ data: sure, color: palette.primary.main }]}
        />
      </Box>
    </Box>
  );
}

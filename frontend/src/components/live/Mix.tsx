/** How many of each class came in each second. */
import Box from "@mui/material/Box";
import { useTheme } from "@mui/material/styles";
import { LineChart } from "@mui/x-charts/LineChart";
import { CLASSES } from "../../api/client";
import type { Stats } from "../../api/live";
import { useLanguage } from "../../language";
import { CLASS_COLOURS } from "../../theme";

export default function Mix({ past }: { past: Stats[] }) {
  const { say } = useLanguage();
  const { palette } = useTheme();
  const steps = past.slice(1).map((stats, index) => ({ now: stats.classes, before: past[index]!.classes }));
  const counts = (name: (typeof CLASSES)[number]) => steps.map(({ now, before }) => Math.max(0, now[name] - before[name]));
  const quiet = CLASSES.every((name) => counts(name).every((count) => count === 0));
  return (
    <Box role="img" aria-label={say("mix")}>
      <LineChart
        height={320}
        skipAnimation
        xAxis={[{ data: steps.map((_, index) => index - steps.length + 1), label: "s", tickMinStep: 1 }]}
        // Whole objects; while there are none the axis would have no end.
        yAxis={[{ min: 0, tickMinStep: 1, ...(quiet && { max: 1 }) }]}
        localeText={{ noData: "" }}
        series={CLASSES.map((name) => ({
          label: say(name),
          color: CLASS_COLOURS[palette.mode][name],
          data: counts(name),
          stack: "all",
          area: true,
          showMark: false,
        }))}
      />
    </Box>
  );
}

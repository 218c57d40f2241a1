/** Where the object lies on the colour–colour diagram and the redshift axis, among objects like the training rows. */
import Box from "@mui/material/Box";
import Typography from "@mui/material/Typography";
import { useTheme } from "@mui/material/styles";
import { LineChart } from "@mui/x-charts/LineChart";
import { ScatterChart } from "@mui/x-charts/ScatterChart";
import { ChartsReferenceLine } from "@mui/x-charts/ChartsReferenceLine";
import { CLASSES } from "../../api/client";
import population from "../../data/population.json";
import { useLanguage } from "../../language";
import type { Values } from "../../objects/fields";
import { CLASS_COLOURS } from "../../theme";

const HEIGHT = 260;
const [BLUEST, REDDEST] = [-1, 4];

export default function Diagrams({ values }: { values: Values }) {
  const { say } = useLanguage();
  return (
    <>
      <ColourDiagram values={values} />
      <RedshiftDiagram values={values} />
      <Typography variant="caption" color="text.secondary">
        {say("population")}
      </Typography>
    </>
  );
}

function ColourDiagram({ values }: { values: Values }) {
  const { say } = useLanguage();
  const { palette } = useTheme();
  const [x, y] = [Number(values["u"]) - Number(values["g"]), Number(values["g"]) - Number(values["r"])];
  const [from, to] = [Math.min(BLUEST, x - 0.5), Math.max(REDDEST, x + 0.5)];
  const inside = (point: number[]) => point[0]! >= from && point[0]! <= to && point[1]! > -1 && point[1]! < 3;
  return (
    <Box role="img" aria-label={say("colourDiagramSays", { x: x.toFixed(2), y: y.toFixed(2) })} sx={{ mt: 2 }}>
      <Typography variant="h3">{say("colourDiagram")}</Typography>
      <ScatterChart
        height={HEIGHT}
        skipAnimation
        xAxis={[{ label: "u − g [mag]", min: from, max: to }]}
        yAxis={[{ label: "g − r [mag]", min: Math.min(-1, y - 0.5), max: Math.max(2.5, y + 0.5) }]}
        series={[
          ...CLASSES.map((name) => ({
            label: say(name),
            color: CLASS_COLOURS[palette.mode][name],
            markerSize: 2,
            data: population.classes[name].points.filter(inside).map((point, id) => ({ id, x: point[0]!, y: point[1]! })),
          })),
          { label: say("thisObject"), color: palette.text.primary, markerSize: 8, data: [{ id: "object", x, y }] },
        ]}
      />
    </Box>
  );
}

/** The place of a redshift on the bins' common axis: whole numbers are edges, and between them it is in proportion. */
function binPlace(redshift: number): number {
  const { edges } = population;
  const next = edges.findIndex((edge) => redshift < edge);
  if (next === 0) return 0;
  if (next < 0) return edges.length - 1;
  return next - 1 + (redshift - edges[next - 1]!) / (edges[next]! - edges[next - 1]!);
}

function RedshiftDiagram({ values }: { values: Values }) {
  const { say } = useLanguage();
  const { palette } = useTheme();
  const text = (values["redshift"] ?? "").trim();
  const { edges } = population;
  const middles = edges.slice(1).map((_, bin) => bin + 0.5);
  return (
    <Box role="img" aria-label={text ? say("redshiftDiagramSays", { z: text }) : say("redshiftDiagram")} sx={{ mt: 2 }}>
      <Typography variant="h3">{say("redshiftDiagram")}</Typography>
      {text === "" && <Typography color="text.secondary">{say("noRedshift")}</Typography>}
      <LineChart
        height={HEIGHT}
        skipAnimation
        xAxis={[
          {
            data: middles,
            min: 0,
            max: edges.length - 1,
            tickInterval: [3, 6, 8, 10, 13, 15, 17],
            valueFormatter: (place: number) => String(edges[Math.round(place)] ?? ""),
          },
        ]}
        yAxis={[{ valueFormatter: (share: number) => `${Math.round(100 * share)} %` }]}
        series={CLASSES.map((name) => ({
          label: say(name),
          color: CLASS_COLOURS[palette.mode][name],
          data: population.classes[name].redshift,
          showMark: false,
          curve: "monotoneX" as const,
          area: true,
        }))}
        sx={{ "& .MuiAreaElement-root, & .MuiLineChart-area": { opacity: 0.15 } }}
      >
        {text !== "" && (
          <ChartsReferenceLine
            x={binPlace(Number(text))}
            label={say("thisObject")}
            lineStyle={{ stroke: palette.text.primary, strokeWidth: 2 }}
            labelStyle={{ fill: palette.text.primary }}
          />
        )}
      </LineChart>
    </Box>
  );
}
